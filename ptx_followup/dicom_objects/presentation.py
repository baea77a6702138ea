"""Outlines, measured lines and figures on a radiograph for viewers that draw no Segmentation on one.

A Grayscale Softcopy Presentation State (DICOM PS3.3 section A.33.1) says how an image is shown and what is
drawn on it. Viewers know it since film was given up; each kind of mark has a layer that can be switched off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import GrayscaleSoftcopyPresentationStateStorage
from pydicom.valuerep import format_number_as_ds

from ptx_followup import DISCLAIMER
from ptx_followup.colours import Colour
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.dicom.uids import derived_uid
from ptx_followup.dicom_objects.derived import (
    Equipment,
    Naming,
    cielab,
    keep_texts_readable,
    new_object,
    reference,
    time_of_creation,
)
from ptx_followup.dicom_objects.outlines import outlines
from ptx_followup.dicom_objects.source import read_source
from ptx_followup.dicom_objects.tracking import Tracking
from ptx_followup.files.storage import write_atomically

if TYPE_CHECKING:
    from ptx_followup.radiograph.display import Greyscale
    from ptx_followup.radiograph.image import Radiograph

#: Of the displayed area, left, top, right and bottom: where the texts stand.
_TEXT_BOX = (0.02, 0.82, 0.98, 0.99)
#: Characters of a line of text: viewers need not break lines.
_LINE = 80
#: Characters of a Short Text, which an unformatted text value is.
_SHORT_TEXT = 1024
_NEW_LINE, _LEFT_OUT = "\r\n", " ..."
#: Entries of a table that its descriptor states as 0 (PS3.3 section C.11.1.1.1).
_MOST_ENTRIES = 1 << 16
_WINDOW = "as segmented"
_DESCRIPTION = "Chest outlines and sizes (research use only)"
_RESEARCH = "Research use only. Not for diagnosis or treatment decisions."


@dataclass(frozen=True, eq=False)
class Mark:
    """One line on the image.

    Attributes:
        points: Points x (column, row), image relative pixel coordinates; see `outlines.outlines`.
        tracking: Of the finding that it shows.
    """

    points: NDArray[np.float32] = field(repr=False)
    tracking: Tracking | None = None


@dataclass(frozen=True, eq=False)
class Layer:
    """Marks that are switched on and off together.

    Attributes:
        name: At most 16 capital letters, digits and underscores.
        description: For people, at most 64 characters.
        colour: Recommended to viewers.
        marks: Lines.
        texts: Lines of text, in one box at the foot of the image.
    """

    name: str
    description: str
    colour: Colour
    marks: tuple[Mark, ...] = ()
    texts: tuple[str, ...] = ()


def outline_marks(mask: NDArray[np.bool_], tracking: Tracking | None = None) -> list[Mark]:
    """The outlines of a mask, bool, rows x columns of the stored image."""
    return [Mark(line, tracking) for line in outlines(mask)]


def write_presentation(
    path: Path,
    source: Path,
    radiograph: Radiograph,
    layers: Sequence[Layer],
    equipment: Equipment,
    *,
    series_number: int,
) -> None:
    """Write a presentation state of a radiograph; none, and an older file removed, for one in colours.

    It shows the whole image in the window and polarity under which it was looked at. The UIDs follow from
    image, window, marks and equipment.

    Args:
        path: File to write; whole or absent.
        source: The radiograph's DICOM file.
        radiograph: As it was looked at.
        layers: From the bottom to the top; those without a mark are left out.
        equipment: What made the marks.
        series_number: Results of one run should differ in it.

    Raises:
        InputError: The source cannot be read any more.
    """
    if radiograph.greyscale is None:
        path.unlink(missing_ok=True)
        return
    filled = [layer for layer in layers if layer.marks or layer.texts]
    with lenient_pydicom():
        header = read_source(source)
        dataset = _build(header, radiograph.greyscale, filled, equipment, series_number)
        _set_aspect(dataset, radiograph)
        write_atomically(path, lambda file: dataset.save_as(file, enforce_file_format=True))


def _build(
    header: Dataset, greyscale: Greyscale, layers: Sequence[Layer], equipment: Equipment, series_number: int
) -> Dataset:
    name = (str(header.SOPInstanceUID), equipment.serial_number, _fingerprint(greyscale, layers))
    naming = Naming(derived_uid("instance", *name), derived_uid("series", *name), series_number, _DESCRIPTION)
    now = time_of_creation(header)
    sop_class = GrayscaleSoftcopyPresentationStateStorage
    dataset = new_object(sop_class, "PR", header, naming, equipment, now)
    dataset.PresentationCreationDate = dataset.InstanceCreationDate
    dataset.PresentationCreationTime = dataset.InstanceCreationTime
    del dataset.ContentDate, dataset.ContentTime  # a presentation state has none
    dataset.Laterality = None
    dataset.ContentLabel = "OUTLINES"
    dataset.ContentDescription = _RESEARCH
    dataset.ContentCreatorName = None
    series = Dataset()
    series.SeriesInstanceUID = header.SeriesInstanceUID
    series.ReferencedImageSequence = [reference(header)]
    dataset.ReferencedSeriesSequence = [series]
    dataset.DisplayedAreaSelectionSequence = [_whole_image(header)]
    dataset.GraphicLayerSequence = [_graphic_layer(number, layer) for number, layer in enumerate(layers, 1)]
    dataset.GraphicAnnotationSequence = [_annotation(header, layer) for layer in layers]
    _add_greyscale(dataset, greyscale)
    keep_texts_readable(dataset, header, [text for layer in layers for text in layer.texts])
    return dataset


def _whole_image(header: Dataset) -> Dataset:
    """The displayed area (PS3.3 section C.10.4); pixels are counted from 1, column first."""
    area = Dataset()
    area.PixelOriginInterpretation = "VOLUME"
    area.DisplayedAreaTopLeftHandCorner = [1, 1]
    area.DisplayedAreaBottomRightHandCorner = [header.Columns, header.Rows]
    area.PresentationSizeMode = "SCALE TO FIT"
    area.PresentationPixelAspectRatio = [1, 1]
    return area


def _graphic_layer(number: int, layer: Layer) -> Dataset:
    item = Dataset()
    item.GraphicLayer = layer.name
    item.GraphicLayerOrder = number
    item.GraphicLayerDescription = layer.description
    item.GraphicLayerRecommendedDisplayCIELabValue = cielab(layer.colour)
    return item


def _annotation(header: Dataset, layer: Layer) -> Dataset:
    """The marks and texts of a layer (PS3.3 section C.10.5)."""
    item = Dataset()
    item.ReferencedImageSequence = [reference(header)]
    item.GraphicLayer = layer.name
    if layer.marks:
        item.GraphicObjectSequence = [_line(mark) for mark in layer.marks]
    if layer.texts:
        item.TextObjectSequence = [_text_box(layer.texts)]
    return item


def _line(mark: Mark) -> Dataset:
    item = Dataset()
    item.GraphicAnnotationUnits = "PIXEL"
    item.GraphicDimensions = 2
    item.NumberOfGraphicPoints = len(mark.points)
    item.GraphicData = mark.points.ravel().tolist()
    item.GraphicType = "POLYLINE"
    item.GraphicFilled = "N"
    if mark.tracking is not None:
        item.TrackingID = mark.tracking.identifier
        item.TrackingUID = mark.tracking.uid
    return item


def _text_box(texts: Sequence[str]) -> Dataset:
    left, top, right, bottom = _TEXT_BOX
    item = Dataset()
    item.BoundingBoxAnnotationUnits = "DISPLAY"
    item.UnformattedTextValue = _box_of_text(texts)
    item.BoundingBoxTopLeftHandCorner = [left, top]
    item.BoundingBoxBottomRightHandCorner = [right, bottom]
    item.BoundingBoxTextHorizontalJustification = "LEFT"
    return item


def _box_of_text(texts: Sequence[str]) -> str:
    """Texts as lines with the disclaimer under them; of texts that are too long the end is left out."""
    body = _NEW_LINE.join(line for text in texts for line in wrap(text, _LINE))
    foot = _NEW_LINE + _NEW_LINE.join(wrap(DISCLAIMER, _LINE))
    if len(body) + len(foot) > _SHORT_TEXT:
        body = body[: _SHORT_TEXT - len(foot) - len(_LEFT_OUT)].rstrip() + _LEFT_OUT
    return body + foot


def _add_greyscale(dataset: Dataset, greyscale: Greyscale) -> None:
    """Modality LUT, VOI LUT and presentation LUT (PS3.3 sections C.11.1, C.11.8 and C.11.6).

    What the image states of its modality values is repeated: some viewers apply it, some apply what stands
    here alone.
    """
    if (greyscale.slope, greyscale.intercept) != (1.0, 0.0):
        dataset.RescaleIntercept = format_number_as_ds(greyscale.intercept)
        dataset.RescaleSlope = format_number_as_ds(greyscale.slope)
        dataset.RescaleType = "US"
    voi = Dataset()
    if greyscale.table is not None:
        first, entries = greyscale.table
        table = Dataset()
        # The first value is signed where it is negative; pydicom writes the count unsigned in either form.
        sign = "SS" if first < 0 else "US"
        table.add_new("LUTDescriptor", sign, [len(entries) % _MOST_ENTRIES, first, 16])
        table.LUTExplanation = _WINDOW
        table.LUTData = entries.tobytes()
        voi.VOILUTSequence = [table]
    else:
        voi.WindowCenter, voi.WindowWidth = (f"{value:.6g}" for value in greyscale.window)
        voi.WindowCenterWidthExplanation = _WINDOW
    dataset.SoftcopyVOILUTSequence = [voi]
    dataset.PresentationLUTShape = "INVERSE" if greyscale.inverse else "IDENTITY"


def _set_aspect(dataset: Dataset, radiograph: Radiograph) -> None:
    """Pixels that are not square stay so."""
    spacing = radiograph.spacing_mm
    if spacing is None or np.isclose(*spacing, rtol=1e-3):
        return
    vertical, horizontal = spacing[::-1] if radiograph.quarter_turns % 2 else spacing
    area = dataset.DisplayedAreaSelectionSequence[0]
    area.PresentationPixelAspectRatio = [round(1000 * vertical / horizontal), 1000]


def _fingerprint(greyscale: Greyscale, layers: Sequence[Layer]) -> str:
    """Names what is shown, whenever and wherever it was made."""
    digest = hashlib.sha256()
    table = b"" if greyscale.table is None else greyscale.table[1].tobytes()
    digest.update(
        repr((greyscale.inverse, [float(f"{one:.6g}") for one in greyscale.window])).encode() + table
    )
    for layer in layers:
        digest.update(repr((layer.name, layer.texts)).encode())
        for mark in layer.marks:
            digest.update(repr(mark.tracking).encode() + mark.points.tobytes())
    return digest.hexdigest()
