"""The panel without compression, for archives that take no compressed objects."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless

from ptx_followup.dicom.accept import require_pixel_description
from ptx_followup.dicom.decode import stored_values
from ptx_followup.dicom.elements import integer, text
from ptx_followup.dicom.parse import lenient_pydicom, parse
from ptx_followup.errors import InputError
from ptx_followup.files import contained
from ptx_followup.files.contained import Answer, Request
from ptx_followup.files.content import read_content
from ptx_followup.files.limits import configured_limits
from ptx_followup.files.storage import file_label


@contextmanager
def plain_copy(file: Path) -> Iterator[Path | None]:
    """A copy of a capture in JPEG-LS, lossless, RGB (`panel.dcm` is one), in Explicit VR Little Endian.

    No pixel is another, so it is the same instance under the same UID. It is decoded in the child process.

    Yields:
        Its path, or None where the file is none such; the copy is gone afterwards.

    Raises:
        InputError: The file cannot be read, decoded or written again.
        QualityGateError: It is smaller than any radiograph.
    """
    label, limits = file_label(file), configured_limits()
    with lenient_pydicom():
        dataset = parse(read_content(file, label, limits), label, limits)
        if not _is_such(dataset):
            yield None
            return
        _, samples = contained.call(read_samples_in_child, label, limits, path=file)
        dataset.PixelData = samples.tobytes() + bytes(samples.size % 2)
        dataset["PixelData"].is_undefined_length = False
        dataset.PlanarConfiguration = 0
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        with tempfile.TemporaryDirectory(prefix="ptx-") as folder:
            copy = Path(folder) / "plain.dcm"
            try:
                dataset.save_as(copy, enforce_file_format=True, implicit_vr=False, little_endian=True)
            # Which of these pydicom raises follows from the element that it cannot write.
            except (ValueError, TypeError, NotImplementedError, AttributeError, KeyError) as error:
                raise InputError(
                    f"{label} has elements that cannot be written again", "make it again, and send that"
                ) from error
            yield copy


def read_samples_in_child(request: Request) -> Answer:
    """Decode an image of 8 bits in the child process: uint8, rows x samples of a row; see `contained`."""
    label, limits = request.label, request.limits
    with lenient_pydicom():
        dataset = parse(read_content(request.paths["path"], label, limits), label, limits)
        require_pixel_description(dataset, label, limits)
        stored = stored_values(dataset, label).values
    return {}, stored.reshape(len(stored), -1).astype(np.uint8)


def _is_such(dataset: Dataset) -> bool:
    return (
        dataset.file_meta.TransferSyntaxUID == JPEGLSLossless
        and text(dataset, "PhotometricInterpretation") == "RGB"
        and integer(dataset, "BitsAllocated") == 8
        and (integer(dataset, "NumberOfFrames") or 1) == 1
    )
