"""Radiographs in PNG and JPEG files: pixels, and nothing known about them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import ExifTags, Image

from ptx_followup.dicom.accept import require_size
from ptx_followup.errors import InputError
from ptx_followup.radiograph.orientation import Turn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptx_followup.files.limits import Limits

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"

#: EXIF orientation to the turn that shows the picture as every viewer does (EXIF 2.32, tag 0x0112).
_EXIF_TURNS = {
    2: Turn(flipped=True),
    3: Turn(quarter_turns=2),
    4: Turn(flipped=True, quarter_turns=2),
    5: Turn(flipped=True, quarter_turns=1),
    6: Turn(quarter_turns=3),
    7: Turn(flipped=True, quarter_turns=3),
    8: Turn(quarter_turns=1),
}

#: Pillow's modes of 8 or 16 bits a channel that may hold a grey image, with their bytes a pixel once decoded.
_MODES = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "P": 4, "I;16": 2, "I;16B": 2, "I;16L": 2}


def looks_like_raster(content: bytes) -> bool:
    """True for the start of a PNG or JPEG file."""
    return content.startswith((_PNG, _JPEG))


def read_raster(
    content: bytes, label: str, limits: Limits, *, bilevel: bool = False
) -> tuple[NDArray[np.unsignedinteger], Turn]:
    """Decode a PNG or JPEG file.

    Args:
        content: The whole file.
        label: The file's base name, for messages.
        limits: Bounds, checked before decoding.
        bilevel: Take pictures of 1 bit too (as 0 and 255): masks are, radiographs never.

    Returns:
        Stored pixels, H x W or H x W x 3, uint8 or uint16, and the turn that its EXIF orientation asks for.

    Raises:
        InputError: If it is damaged, too large, animated, transparent, or not of 8 or 16 bits.
        QualityGateError: If it is too small.
    """
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as image:
            modes = _MODES | {"1": 1} if bilevel else _MODES
            if image.mode not in modes or getattr(image, "n_frames", 1) != 1:
                raise InputError(f"{label} is not a single grey-scale image", "save it as 8- or 16-bit grey")
            require_size(image.height, image.width, modes[image.mode], label, limits)
            turn = _EXIF_TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1), Turn())
            return _opaque_pixels(image, label), turn
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"{label} is damaged or cut short", "export or copy it again") from error


def _opaque_pixels(image: Image.Image, label: str) -> NDArray[np.unsignedinteger]:
    """Pixels without an alpha channel, which must not hide any."""
    if image.mode in ("LA", "RGBA", "P"):
        with_alpha = np.asarray(image.convert("RGBA"))
        if with_alpha[..., 3].min() < 255:
            raise InputError(f"{label} has transparent pixels", "save it without transparency")
        return with_alpha[..., :3]
    pixels = np.asarray(image.convert("L") if image.mode == "1" else image)
    return pixels.astype(np.uint16) if pixels.dtype.itemsize == 2 else pixels
