"""Read a mask from a NIfTI or NRRD file, as ITK-SNAP and 3D Slicer write them.

Both programs open a radiograph as a volume of one slice whose first axis runs along the rows of the file, to
the left, and whose second runs down its columns, to posterior (ITK's reading of an image without a position).
A mask that is drawn there has the same axes. One whose axes run otherwise lies elsewhere on the film,
mirrored perhaps; it is read only where its origin says that it covers the film all the same.
"""

from __future__ import annotations

import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ptx_followup.dicom_objects.segments import PNEUMOTHORAX
from ptx_followup.errors import InputError
from ptx_followup.masks.labels import Segment, chosen_segments

if TYPE_CHECKING:
    import SimpleITK

    from ptx_followup.files.limits import Limits

VolumeFormat = Literal["NIfTI", "NRRD"]
Shape = tuple[int, int]

#: Bytes that hold the header of a NIfTI file, of either version.
_NIFTI_HEADER = 544
#: How far a direction may be from that of an axis, and an origin from a pixel's place, in pixels.
_TILT, _OFF = 1e-3, 0.5

UNORIENTED = "the mask states no orientation: its rows and columns were taken for those of the film"
_HINT = "save the mask on the grid of the radiograph as it was opened"


def volume_format(content: bytes) -> VolumeFormat | None:
    """What kind of volume a file is by its first bytes; None for none. NIfTI with detached pixels is none."""
    if content.startswith(b"NRRD000"):
        return "NRRD"
    head = content[:_NIFTI_HEADER]
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content[: 1 << 16], _NIFTI_HEADER)
        except zlib.error:
            return None
    return "NIfTI" if head[344:347] == b"n+1" or head[4:7] == b"n+2" else None


@contextmanager
def kept_apart(path: Path) -> Iterator[Path]:
    """A file that its reader takes for itself: NIfTI's reads the pixels of m.nii where m.nii.gz is asked for.

    Yields:
        The file, or a copy in a folder of its own where that other lies beside it, gone afterwards.
    """
    if not path.name.lower().endswith(".nii.gz") or not path.with_suffix("").exists() or not path.is_file():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="ptx-") as folder:
        copy = Path(folder) / "mask.nii.gz"
        shutil.copyfile(path, copy)
        yield copy


def read_volume(
    path: Path, content: bytes, kind: VolumeFormat, shape: Shape, label: str, limits: Limits
) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Read the mask.

    Args:
        path: The file, which SimpleITK opens.
        content: Its bytes.
        kind: From `volume_format`.
        shape: Rows and columns of the radiograph's file.
        label: The file's base name, for messages.
        limits: Bounds, checked before the pixels are read.

    Returns:
        bool, rows x columns; the caller compares its shape with the radiograph's. And warnings.

    Raises:
        InputError: It is damaged, too large, of several slices, lies otherwise than the film, or leaves open
            which of its segments is meant.
    """
    _require_one_file(path, content, kind, label)
    image = _image(path, kind, label, limits)
    known = {key: image.GetMetaData(key) for key in image.GetMetaDataKeys()}
    if image.GetNumberOfPixels() == 1 and any(key.startswith("Segmentation_") for key in known):
        return np.zeros(shape, np.bool_), ()  # what 3D Slicer writes of a segmentation without a segment
    if kind == "NIfTI":
        _require_whole(content, known, image, label, limits)
    mask, warnings = _chosen(_layers(image, label), known, label)
    if known.get("qform_code") == "0" == known.get("sform_code"):
        return mask, (*warnings, UNORIENTED)
    return _placed(_on_axes(mask, image, label), known, shape, label), warnings


def _require_one_file(path: Path, content: bytes, kind: VolumeFormat, label: str) -> None:
    """Refuse a header that names another file to be read, and a name that its reader does not know."""
    if kind == "NRRD":
        head = content.replace(b"\r\n", b"\n").partition(b"\n\n")[0].lower()
        if any(line.startswith((b"data file:", b"datafile:")) for line in head.split(b"\n")):
            raise InputError(f"{label} keeps its pixels in another file", "save the mask as one .nrrd file")
    elif not path.name.lower().endswith((".nii", ".nii.gz")):
        raise InputError(f"{label} is a NIfTI file by another name", "name it .nii or .nii.gz")


def _image(path: Path, kind: VolumeFormat, label: str, limits: Limits) -> SimpleITK.Image:
    import SimpleITK

    reader = SimpleITK.ImageFileReader()
    reader.SetImageIO("NrrdImageIO" if kind == "NRRD" else "NiftiImageIO")
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        size, layers = reader.GetSize(), reader.GetNumberOfComponents()
        if max(size) > limits.side_pixels or int(np.prod(size)) * layers * 8 > limits.pixel_bytes:
            raise InputError(
                f"{label} promises more pixels than the limits allow", "give the mask of one image"
            )
        if len(size) < 2 or max(size[2:], default=1) > 1:
            raise InputError(f"{label} holds several slices", "give the mask of one radiograph")
        return reader.Execute()
    except RuntimeError as error:
        raise InputError(f"{label} is damaged or cut short", "save or copy it again") from error


def _require_whole(
    content: bytes, known: dict[str, str], image: SimpleITK.Image, label: str, limits: Limits
) -> None:
    """Refuse a NIfTI file that ends before its pixels do: its reader gives zeros for them, without a word."""
    size = len(content)
    if content.startswith(b"\x1f\x8b"):
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        most = 2 * limits.pixel_bytes
        try:
            size = len(inflater.decompress(content, most))
        except zlib.error:
            size = 0
    if size < float(known["vox_offset"]) + image.GetNumberOfPixels() * int(known["bitpix"]) // 8:
        raise InputError(f"{label} is damaged or cut short", "save or copy it again")


def _layers(image: SimpleITK.Image, label: str) -> NDArray[np.int64]:
    """Label numbers, layers x rows x columns.

    Raises:
        InputError: They are no whole numbers from 0 on.
    """
    import SimpleITK

    stored = SimpleITK.GetArrayFromImage(image)
    rows, columns = image.GetHeight(), image.GetWidth()
    layers = stored.reshape(rows, columns, -1).transpose(2, 0, 1)
    if np.iscomplexobj(layers) or not np.isfinite(layers).all():
        raise InputError(f"{label} is no mask: it holds values that are no labels", _HINT)
    numbers = layers.astype(np.int64)
    if (numbers != layers).any() or numbers.min() < 0:
        raise InputError(f"{label} is no mask: it holds values between labels", "save it as a label map")
    return np.asarray(numbers)


def _chosen(
    layers: NDArray[np.int64], known: dict[str, str], label: str
) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """The pixels of the pneumothorax: the segment of that name where there are names, else the only label."""
    places = [key.removesuffix("_LabelValue") for key in known if key.endswith("_LabelValue")]
    if not places:
        labels = np.unique(layers[layers > 0])
        if len(labels) > 1:
            raise InputError(
                f"{label} has {len(labels)} labels and does not say which is the pneumothorax",
                "save that one alone",
            )
        return np.asarray((layers > 0).any(axis=0)), ()
    typed = f"^{PNEUMOTHORAX.type.value}^"
    segments = [
        Segment(known.get(f"{one}_Name", ""), typed in known.get(f"{one}_Tags", "")) for one in places
    ]
    wanted, warnings = chosen_segments(segments, label)
    mask = np.zeros(layers.shape[1:], np.bool_)
    for place in wanted:
        layer, value = (
            _number(known, f"{places[place]}_{field}", label) for field in ("Layer", "LabelValue")
        )
        if layer >= len(layers):
            raise InputError(f"{label} is damaged or cut short", "save or copy it again")
        mask |= layers[layer] == value
    return mask, warnings


def _number(known: dict[str, str], key: str, label: str) -> int:
    stated = known.get(key, "0")
    if not stated.isascii() or not stated.isdigit() or len(stated) > 6:
        raise InputError(f"{label} is damaged or cut short", "save or copy it again")
    return int(stated)


def _on_axes(mask: NDArray[np.bool_], image: SimpleITK.Image, label: str) -> NDArray[np.bool_]:
    """The mask with its columns running to the left and its rows to posterior, as the film's do."""
    dimensions = image.GetDimension()
    directions = np.array(image.GetDirection()).reshape(dimensions, dimensions)[:2, :2]
    signs = np.sign(np.diag(directions))
    if np.abs(directions - np.diag(signs)).max() > _TILT or not signs.all():
        raise InputError(f"{label} lies otherwise than its radiograph", _HINT)
    for axis in (0, 1):
        if signs[axis] > 0:
            continue
        last = image.GetOrigin()[axis] / image.GetSpacing()[axis]
        if abs(last - (image.GetSize()[axis] - 1)) > _OFF:
            raise InputError(f"{label} lies otherwise than its radiograph: its axes run against it", _HINT)
        mask = np.flip(mask, axis=1 - axis)
    return np.ascontiguousarray(mask)


def _placed(mask: NDArray[np.bool_], known: dict[str, str], shape: Shape, label: str) -> NDArray[np.bool_]:
    """A mask that 3D Slicer cropped to what is drawn, in its place on the film; any other as it is."""
    stated = known.get("Segmentation_ReferenceImageExtentOffset", "").split()
    if mask.shape == shape or len(stated) != 3:
        return mask
    try:
        column, row = int(stated[0]), int(stated[1])
    except ValueError:
        raise InputError(f"{label} is damaged or cut short", "save or copy it again") from None
    rows, columns = mask.shape
    if not (0 <= row <= shape[0] - rows and 0 <= column <= shape[1] - columns):
        return mask
    whole = np.zeros(shape, np.bool_)
    whole[row : row + rows, column : column + columns] = mask
    return whole
