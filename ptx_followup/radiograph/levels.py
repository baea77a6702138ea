"""The grey levels of a film as its file stores them, before any window: for whoever windows them anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ptx_followup.dicom.decode import stored_values
from ptx_followup.dicom.parse import lenient_pydicom, parse
from ptx_followup.files import contained
from ptx_followup.files.contained import Answer, Request
from ptx_followup.files.content import read_content
from ptx_followup.files.limits import configured_limits
from ptx_followup.files.storage import file_label
from ptx_followup.radiograph.raster import looks_like_raster, read_raster
from ptx_followup.radiograph.read import grey_channel

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read_levels(path: Path) -> tuple[NDArray[np.uint16], int]:
    """Read the stored values of a film, in a child process.

    Args:
        path: A file that `read_radiograph` reads.

    Returns:
        uint16, rows x columns of the file, from 0 (negative values are shifted up); and the bits that they
        have. Whether high values are white is not said.

    Raises:
        InputError: It cannot be read.
    """
    facts, levels = contained.call(read_levels_in_child, file_label(path), configured_limits(), path=path)
    return np.asarray(levels, np.uint16), int(facts["bits"])


def read_levels_in_child(request: Request) -> Answer:
    """Read stored values in the child process; see `contained`."""
    label, limits = request.label, request.limits
    content = read_content(request.paths["path"], label, limits)
    with lenient_pydicom():
        if looks_like_raster(content):
            picture, _ = read_raster(content, label, limits)
            bits, values = picture.dtype.itemsize * 8, picture.astype(np.int32)
        else:
            stored = stored_values(parse(content, label, limits), label)
            bits, values = stored.depth.bits, stored.values - stored.depth.range[0]
    return {"bits": bits}, grey_channel(values, 1 << bits, label).astype(np.uint16)
