"""Read a radiograph from a DICOM, PNG or JPEG file that comes from anywhere.

What is read, what is refused and how windows, spacing and orientation are decided: `docs/reading.md`.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ptx_followup.dicom.accept import require_frontal, require_pixel_description, require_radiograph
from ptx_followup.dicom.codestream import require_whole_pixels
from ptx_followup.dicom.decode import stored_values
from ptx_followup.dicom.depth import Depth, StoredPixels
from ptx_followup.dicom.elements import text
from ptx_followup.dicom.parse import lenient_pydicom, looks_like_dicom, parse
from ptx_followup.errors import InputError, PtxError, QualityGateError
from ptx_followup.files import contained
from ptx_followup.files.contained import Answer, Request
from ptx_followup.files.content import read_content
from ptx_followup.files.limits import Limits, configured_limits
from ptx_followup.files.storage import file_label
from ptx_followup.radiograph.acquisition_time import read_acquisition_time
from ptx_followup.radiograph.body_part import require_chest
from ptx_followup.radiograph.display import Greyscale
from ptx_followup.radiograph.fingerprint import pixels_sha256
from ptx_followup.radiograph.greyscale import render, render_plain
from ptx_followup.radiograph.identity import read_identity
from ptx_followup.radiograph.image import Identity, Radiograph
from ptx_followup.radiograph.orientation import ASSUMED, Turn, read_orientation
from ptx_followup.radiograph.raster import looks_like_raster, read_raster
from ptx_followup.radiograph.spacing import read_spacing
from ptx_followup.radiograph.view import read_position, read_view

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

#: Pictures that are named as what they are when they are refused, by their first bytes.
_OTHER_FORMS = {
    b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a": "JPEG XL",
    b"\xff\x0a": "JPEG XL",
    b"\x00\x00\x00\x0cjP  \x0d\x0a\x87\x0a": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"NRRD000": "NRRD",
}

#: Red, green and blue of a grey image differ by rounding in lossy encodings: up to 4 levels of 256.
_GREY_TOLERANCE = 1 / 64

#: Two pictures look alike where no more than this share of the pixels differs by more than this part of the
#: grey scale.
_FEW_PIXELS, _ANOTHER_GREY = 0.05, 0.1


def read_radiograph(path: Path | str, *, limits: Limits | None = None) -> Radiograph:
    """Read one frontal chest radiograph, in a child process (see `contained`).

    Args:
        path: A DICOM file (CR, DX or Secondary Capture), or a PNG or JPEG file.
        limits: Bounds of the file, which are checked before anything is decoded, and of the reading; if None,
            those that are configured.

    Returns:
        The radiograph with the patient's right on the image's left and air dark.

    Raises:
        InputError: If the file cannot be read, or is not a single grey-scale radiograph.
        QualityGateError: If it is a radiograph, but not a frontal one of a chest, or shows nothing.
    """
    path = Path(path)
    label, limits = file_label(path), limits or configured_limits()
    known, pixels = contained.call(read_in_child, label, limits, path=path)
    return replace(_from_json(known, pixels), path=path)


def read_in_child(request: Request) -> Answer:
    """Read a radiograph in the child process; see `contained`."""
    radiograph = read_unprotected(request.paths["path"], request.label, request.limits)
    return radiograph_to_json(radiograph), radiograph.pixels


def read_unprotected(path: Path, label: str, limits: Limits) -> Radiograph:
    """Read a radiograph in this very process: what its decoder does happens here. See `read_radiograph`."""
    content = read_content(path, label, limits)
    try:
        return _read_content(content, label, limits)
    except (PtxError, MemoryError):
        raise
    except Exception as error:
        # Whatever a damaged header brings up beyond the checks is still the file's fault, not the user's.
        raise InputError(f"{label} cannot be understood", "export it again from the archive") from error


def radiograph_to_json(radiograph: Radiograph) -> dict[str, Any]:
    """All but pixels and path, as the child sends it."""
    acquired_at, identity, greyscale = radiograph.acquired_at, radiograph.identity, radiograph.greyscale
    return {
        "greyscale": None if greyscale is None else greyscale.to_json(),
        "spacing_mm": radiograph.spacing_mm,
        "spacing_source": radiograph.spacing_source,
        "view": radiograph.view,
        "position": radiograph.position,
        "acquired_at": None if acquired_at is None else acquired_at.isoformat(),
        "identity": None if identity is None else asdict(identity),
        "sop_instance_uid": radiograph.sop_instance_uid,
        "pixels_sha256": radiograph.pixels_sha256,
        "flipped": radiograph.flipped,
        "quarter_turns": radiograph.quarter_turns,
        "warnings": radiograph.warnings,
    }


def _from_json(known: dict[str, Any], pixels: NDArray[np.float32]) -> Radiograph:
    spacing, acquired_at, identity = known["spacing_mm"], known["acquired_at"], known["identity"]
    greyscale = known["greyscale"]
    converted = {
        "greyscale": None if greyscale is None else Greyscale.from_json(greyscale),
        "spacing_mm": None if spacing is None else tuple(spacing),
        "acquired_at": None if acquired_at is None else datetime.fromisoformat(acquired_at),
        "identity": None if identity is None else Identity(**identity),
        "warnings": tuple(known["warnings"]),
    }
    return Radiograph(pixels=pixels, **(known | converted))


def _read_content(content: bytes, label: str, limits: Limits) -> Radiograph:
    with lenient_pydicom():
        if looks_like_raster(content):
            return _from_raster(content, label, limits)
        if looks_like_dicom(content):
            return _from_dataset(parse(content, label, limits), label, limits)
    kind = next((f": it is {name}" for start, name in _OTHER_FORMS.items() if content.startswith(start)), "")
    raise InputError(
        f"{label} is not a DICOM, PNG or JPEG file{kind}", "give a chest radiograph in one of them"
    )


def _from_dataset(dataset: Dataset, label: str, limits: Limits) -> Radiograph:
    require_radiograph(dataset, label)
    part_warnings = require_chest(dataset, label)
    orientation = read_orientation(dataset)
    view, view_warnings = read_view(dataset, lateral_plane=orientation.lateral)
    require_frontal(view, label)

    require_pixel_description(dataset, label, limits)
    require_whole_pixels(dataset, label)
    stored = stored_values(dataset, label)
    fingerprint = pixels_sha256(stored.values, stored.depth)
    grey = grey_channel(stored.values, 1 << stored.depth.bits, label)
    stored = replace(stored, values=grey)
    shown = render(stored, dataset)

    spacing = read_spacing(dataset)
    acquired_at, time_warnings = read_acquisition_time(dataset)
    radiograph = Radiograph(
        pixels=shown.pixels,
        greyscale=shown.greyscale,
        spacing_mm=spacing.mm,
        spacing_source=spacing.source,
        view=view if view in ("PA", "AP") else "unknown",
        position=read_position(dataset),
        acquired_at=acquired_at,
        identity=read_identity(dataset),
        sop_instance_uid=text(dataset, "SOPInstanceUID") or None,
        pixels_sha256=fingerprint,
        warnings=(
            *part_warnings,
            *view_warnings,
            *orientation.warnings,
            *_intent_warnings(dataset),
            *stored.warnings,
            *shown.warnings,
            *_sign_warnings(stored, shown.pixels, dataset),
            *spacing.warnings,
            *time_warnings,
        ),
    )
    return _turned(radiograph, orientation.turn, label)


def _sign_warnings(stored: StoredPixels, pixels: NDArray[np.float32], dataset: Dataset) -> tuple[str, ...]:
    """Told where nothing but the header says whether pixels have a sign, and much of the film hangs on it."""
    if not stored.sign_is_open:
        return ()
    otherwise = render(stored.with_other_sign(), dataset).pixels
    if np.mean(np.abs(otherwise - pixels) > _ANOTHER_GREY) <= _FEW_PIXELS:
        return ()
    word = "with" if stored.depth.signed else "without"
    return (
        f"the header states pixels {word} sign, which the pixels do not show, and the film would look "
        "otherwise: it was read as the header states",
    )


def _intent_warnings(dataset: Dataset) -> tuple[str, ...]:
    if text(dataset, "PresentationIntentType").upper() != "FOR PROCESSING":
        return ()
    return ("The image is for processing: its contrast may differ from what was trained on",)


def _from_raster(content: bytes, label: str, limits: Limits) -> Radiograph:
    stored, turn = read_raster(content, label, limits)
    pixels = render_plain(grey_channel(stored, np.iinfo(stored.dtype).max + 1, label))
    warnings = (
        "A PNG or JPEG file has no patient identity, acquisition date, view and pixel spacing",
        ASSUMED.format("The file does not state"),
    )
    fingerprint = pixels_sha256(stored, Depth(stored.dtype.itemsize * 8, signed=False))
    return _turned(Radiograph(pixels=pixels, pixels_sha256=fingerprint, warnings=warnings), turn, label)


def _turned(radiograph: Radiograph, turn: Turn, label: str) -> Radiograph:
    """Bring pixels and spacing from the stored grid to the standard display."""
    if np.ptp(radiograph.pixels) == 0:
        raise QualityGateError(f"{label} shows nothing: all its pixels are alike", "give a chest radiograph")
    recorded = replace(radiograph, flipped=turn.flipped, quarter_turns=turn.quarter_turns)
    spacing = radiograph.spacing_mm
    if spacing is not None and turn.quarter_turns % 2 == 1:
        spacing = spacing[::-1]
    return replace(recorded, pixels=recorded.to_standard(radiograph.pixels), spacing_mm=spacing)


def grey_channel(pixels: NDArray[Any], levels: int, label: str) -> NDArray[Any]:
    """H x W pixels of an image that may be stored as H x W x 3 with equal channels.

    Raises:
        InputError: If the image has colours.
    """
    if pixels.ndim == 2:
        return pixels
    channels = pixels.astype(np.int32)
    if (channels.max(axis=2) - channels.min(axis=2)).max() > levels * _GREY_TOLERANCE:
        raise InputError(f"{label} is a colour image", "give the radiograph as a grey-scale image")
    return np.ascontiguousarray(pixels[..., 1])
