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

from ptx_followup import DISCLAIMER
from ptx_followup.colours import Colour
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.dicom.uids import derived_uid
from ptx_followup.dicom_objects.derived import (
    Equipment,
    anonymous,
    copy_patient_and_study,
    keep_texts_readable,
    stamp,
    time_of_creation,
)
from ptx_followup.dicom_objects.outlines import outlines
from ptx_followup.dicom_objects.shown import Greyscale, shown_greyscale
from ptx_followup.dicom_objects.source import read_source
from ptx_followup.dicom_objects.tracking import Tracking
from ptx_followup.files.storage import write_atomically

if TYPE_CHECKING:
    import highdicom

    from ptx_followup.radiograph.image import Radiograph

#: Of the displayed area, left, top, right and bottom: where the texts stand.
_TEXT_BOX = (0.02, 0.82, 0.98, 0.99)
#: Characters of a line of text: viewers need not break lines.
_LINE = 80
#: Characters of a Short Text, which an unformatted text value is.
_SHORT_TEXT = 1024
_NEW_LINE, _LEFT_OUT = "\r\n", " ..."
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
    greyscale = shown_greyscale(radiograph, source)
    if greyscale is None:
        path.unlink(missing_ok=True)
        return
    filled = [layer for layer in layers if layer.marks or layer.texts]
    with lenient_pydicom():
        header = read_source(source)
        dataset = _build(header, greyscale, filled, equipment, series_number)
        _set_aspect(dataset, radiograph)
        write_atomically(path, lambda file: dataset.save_as(file, enforce_file_format=True))


def _build(
    header: Dataset, greyscale: Greyscale, layers: Sequence[Layer], equipment: Equipment, series_number: int
) -> Dataset:
    import highdicom

    image = anonymous(header)
    image.SamplesPerPixel = 1
    graphic_layers = [
        highdicom.pr.GraphicLayer(
            layer.name,
            order,
            layer.description,
            highdicom.color.CIELabColor.from_rgb(*layer.colour),
        )
        for order, layer in enumerate(layers, 1)
    ]
    name = (str(header.SOPInstanceUID), equipment.serial_number, _fingerprint(greyscale, layers))
    dataset: Dataset = highdicom.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=[image],
        series_instance_uid=derived_uid("series", *name),
        series_number=series_number,
        sop_instance_uid=derived_uid("instance", *name),
        instance_number=1,
        **equipment.as_arguments(),
        content_label="OUTLINES",
        content_description=_RESEARCH,
        graphic_layers=graphic_layers,
        graphic_annotations=[
            _annotation(image, layer, known) for layer, known in zip(layers, graphic_layers, strict=True)
        ],
        modality_lut_transformation=_modality(greyscale),
        voi_lut_transformations=[_voi(greyscale)],
        presentation_lut_transformation=highdicom.PresentationLUTTransformation(
            presentation_lut_shape="INVERSE" if greyscale.inverse else "IDENTITY"
        ),
    )
    copy_patient_and_study(dataset, header)
    stamp(dataset, time_of_creation(header))
    dataset.PresentationCreationDate = dataset.InstanceCreationDate
    dataset.PresentationCreationTime = dataset.InstanceCreationTime
    del dataset.ContentDate, dataset.ContentTime  # a presentation state has none
    dataset.Laterality = None
    dataset.SeriesDescription = "Chest outlines and sizes (research use only)"
    dataset.ContentCreatorName = None
    for element in dataset.iterall():
        if element.keyword == "ReferencedSOPClassUID":
            element.value = header.SOPClassUID
    keep_texts_readable(dataset, header, [text for layer in layers for text in layer.texts])
    return dataset


def _annotation(
    image: Dataset, layer: Layer, known: highdicom.pr.GraphicLayer
) -> highdicom.pr.GraphicAnnotation:
    import highdicom

    texts = []
    if layer.texts:
        words = _box_of_text(layer.texts)
        texts.append(
            highdicom.pr.TextObject(words, "DISPLAY", bounding_box=_TEXT_BOX, text_justification="LEFT")
        )
    return highdicom.pr.GraphicAnnotation(
        [image],
        known,
        graphic_objects=[
            highdicom.pr.GraphicObject(
                "POLYLINE",
                mark.points,
                "PIXEL",
                tracking_id=None if mark.tracking is None else mark.tracking.identifier,
                tracking_uid=None if mark.tracking is None else mark.tracking.uid,
            )
            for mark in layer.marks
        ],
        text_objects=texts,
    )


def _box_of_text(texts: Sequence[str]) -> str:
    """Texts as lines with the disclaimer under them; of texts that are too long the end is left out."""
    body = _NEW_LINE.join(line for text in texts for line in wrap(text, _LINE))
    foot = _NEW_LINE + _NEW_LINE.join(wrap(DISCLAIMER, _LINE))
    if len(body) + len(foot) > _SHORT_TEXT:
        body = body[: _SHORT_TEXT - len(foot) - len(_LEFT_OUT)].rstrip() + _LEFT_OUT
    return body + foot


def _modality(greyscale: Greyscale) -> highdicom.ModalityLUTTransformation | None:
    """What the image states is repeated: some viewers apply it, some apply what stands here alone."""
    import highdicom

    if (greyscale.slope, greyscale.intercept) == (1.0, 0.0):
        return None
    return highdicom.ModalityLUTTransformation(
        rescale_intercept=greyscale.intercept, rescale_slope=greyscale.slope, rescale_type="US"
    )


def _voi(greyscale: Greyscale) -> highdicom.pr.SoftcopyVOILUTTransformation:
    import highdicom

    if greyscale.table is not None:
        first, entries = greyscale.table
        table = highdicom.VOILUT(max(first, 0), entries, "as segmented")
        if (
            first < 0
        ):  # highdicom gives an unsigned one only; pydicom writes the count unsigned in either form
            table.add_new("LUTDescriptor", "SS", [len(entries) & 0xFFFF, first, 16])
        return highdicom.pr.SoftcopyVOILUTTransformation(voi_luts=[table])
    center, width = ([float(f"{value:.6g}")] for value in greyscale.window)
    # As lists: highdicom takes the letters of a single explanation for as many explanations.
    return highdicom.pr.SoftcopyVOILUTTransformation(center, width, ["as segmented"])


def _set_aspect(dataset: Dataset, radiograph: Radiograph) -> None:
    """Pixels that are not square stay so: highdicom calls all of them square."""
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
