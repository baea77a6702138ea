"""From encoded pixel data to stored values: the only place where decoders run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydicom.pixels.utils import pixel_array

from ptx_followup.dicom.codestream import declared_form
from ptx_followup.dicom.depth import Depth, StoredPixels, read_words
from ptx_followup.dicom.elements import integer
from ptx_followup.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset


def decode(dataset: Dataset) -> NDArray[Any]:
    """Decode the one frame of `dataset`, every bit as it comes.

    pydicom would cut values off at BitsStored and give them the header's sign, without a word.

    Returns:
        Integers, H x W, or H x W x 3 as RGB.

    Raises:
        BaseException: Whatever the decoder raises; some are no `Exception` (a Rust panic). Call it through
            `stored_values`.
    """
    return pixel_array(
        dataset, correct_unused_bits=False, apply_j2k_sign_correction=False, apply_jls_sign_correction=False
    )


def stored_values(dataset: Dataset, label: str) -> StoredPixels:
    """Stored values, and how they were read where the header contradicts them.

    Raises:
        InputError: If the pixel data cannot be decoded, or neither the header's depth and sign nor those of
            the pixels make a picture.
        MemoryError: If they need more memory than there is.
    """
    try:
        decoded = decode(dataset)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of a decoder written in Rust is no Exception
        raise InputError(
            f"{label} holds pixel data that cannot be decoded", "export it uncompressed from the archive"
        ) from error
    rows, columns = integer(dataset, "Rows"), integer(dataset, "Columns")
    if decoded.shape not in ((rows, columns), (rows, columns, 3)) or decoded.dtype.kind not in "iu":
        raise InputError(f"{label} holds pixel data that cannot be decoded", "export it again")
    stated = stated_depth(dataset)
    form = declared_form(dataset, label)
    if form is None:
        whole = Depth(decoded.dtype.itemsize * 8, stated.signed)
        return read_words(decoded, stated, whole, label, trusted=False)
    found = Depth(form.bits, stated.signed if form.signed is None else form.signed)
    return read_words(decoded, stated, found, label, trusted=True)


def stated_depth(dataset: Dataset) -> Depth:
    """Depth and sign of the stored values by BitsStored and PixelRepresentation."""
    return Depth(integer(dataset, "BitsStored") or 8, integer(dataset, "PixelRepresentation") == 1)
