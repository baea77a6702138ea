"""The follow-up panel for viewers that show nothing else: a Secondary Capture image, and a PDF of the same.

Both lie in the follow-up's study. The panel shows acquisition dates, and whatever is burnt into the films, so
Burned In Annotation is YES: whoever removes identities from archives has to look at it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, PdfImagePlugin  # noqa: F401 - else PIL imports what writes all other formats
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import EncapsulatedPDFStorage, JPEGLSLossless, SecondaryCaptureImageStorage

from ptx_followup import DISCLAIMER
from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.dicom.uids import derived_uid
from ptx_followup.dicom_objects.derived import (
    MANUFACTURER,
    Equipment,
    Naming,
    capture,
    even,
    new_object,
    reference,
    time_of_creation,
)
from ptx_followup.files.storage import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ptx_followup.figures.canvas import Picture

TITLE = "Pneumothorax follow-up"
DESCRIPTION = f"{TITLE} panel (research use only)"
CAPTURE_SERIES, PDF_SERIES = 9104, 9105

#: The panel is 3300 pixels wide: 11 inches, the long side of a US Letter page.
DOTS_PER_INCH = 300
#: JPEG quality of the picture in the PDF, without colour subsampling: lines one pixel wide stay clean.
_JPEG_QUALITY = 95


def write_panel_capture(
    path: Path, panel: Picture, stream: bytes, headers: Sequence[Dataset], equipment: Equipment
) -> None:
    """Write the panel as a Secondary Capture image, pixel by pixel.

    Args:
        path: File to write.
        panel: uint8, H x W x 3, RGB.
        stream: The same, from `jpeg_ls`.
        headers: Of the radiographs it shows (`read_source`); the object lies in the study of the first.
        equipment: What measured them.
    """
    now = time_of_creation(headers[0])
    naming = _naming("capture", panel, headers, CAPTURE_SERIES)
    with lenient_pydicom():
        dataset = new_object(SecondaryCaptureImageStorage, "OT", headers[0], naming, equipment, now)
        capture(dataset, now)
        dataset.ImageType = ["DERIVED", "SECONDARY"]
        dataset.DerivationDescription = TITLE
        dataset.SourceImageSequence = [reference(header) for header in headers]
        dataset.BodyPartExamined = "CHEST"
        dataset.PatientOrientation = None
        dataset.BurnedInAnnotation = "YES"
        dataset.SamplesPerPixel = 3
        dataset.PhotometricInterpretation = "RGB"
        dataset.PlanarConfiguration = 0
        dataset.Rows, dataset.Columns = panel.shape[:2]
        dataset.BitsAllocated = dataset.BitsStored = 8
        dataset.HighBit = 7
        dataset.PixelRepresentation = 0
        dataset.PixelData = encapsulate([stream])
        dataset["PixelData"].is_undefined_length = True
        dataset["PixelData"].VR = "OB"
        dataset.file_meta.TransferSyntaxUID = JPEGLSLossless
        write_atomically(path, lambda file: dataset.save_as(file, enforce_file_format=True))


def write_panel_pdf(path: Path, panel: Picture, headers: Sequence[Dataset], equipment: Equipment) -> None:
    """Write the panel as an encapsulated PDF of one page; the other arguments as of `write_panel_capture`."""
    now = time_of_creation(headers[0])
    naming = _naming("pdf", panel, headers, PDF_SERIES)
    document = panel_pdf(panel, now)
    with lenient_pydicom():
        dataset = new_object(EncapsulatedPDFStorage, "DOC", headers[0], naming, equipment, now)
        dataset.ConversionType = "WSD"
        dataset.AcquisitionDateTime = None
        dataset.BurnedInAnnotation = "YES"
        dataset.RecognizableVisualFeatures = "NO"
        dataset.DocumentTitle = TITLE
        dataset.ConceptNameCodeSequence = []
        dataset.SourceInstanceSequence = [reference(header) for header in headers]
        dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
        dataset.EncapsulatedDocument = even(document)
        dataset.EncapsulatedDocumentLength = len(document)
        write_atomically(path, lambda file: dataset.save_as(file, enforce_file_format=True))


def panel_pdf(panel: Picture, now: datetime) -> bytes:
    """A PDF page of the panel's size at `DOTS_PER_INCH`, made at a time."""
    page = BytesIO()
    created = now.astimezone(UTC).timetuple()
    Image.fromarray(panel).save(
        page,
        "PDF",
        resolution=DOTS_PER_INCH,
        quality=_JPEG_QUALITY,
        subsampling=0,
        title=TITLE,
        subject=DISCLAIMER,
        producer=MANUFACTURER,
        creationDate=created,
        modDate=created,
    )
    return page.getvalue()


def _naming(kind: str, panel: Picture, headers: Sequence[Dataset], series_number: int) -> Naming:
    """UIDs that follow from what the panel shows and of which images."""
    shown = hashlib.sha256(np.ascontiguousarray(panel).data).hexdigest()
    name = (kind, *(str(header.SOPInstanceUID) for header in headers), shown)
    return Naming(derived_uid("instance", *name), derived_uid("series", *name), series_number, DESCRIPTION)
