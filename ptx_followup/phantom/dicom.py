"""Write a phantom radiograph as a DX Image For Presentation (DICOM PS3.3 A.26)."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, JPEG2000Lossless

from ptx_followup.dicom import codes
from ptx_followup.dicom.codes import Code
from ptx_followup.phantom.render import PhantomRadiograph

#: Name space of the phantom's UIDs: the same exam always gets the same UIDs (PS3.5 B.2, root 2.25).
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:ptx-followup:phantom")
_BITS = 12
#: DICOM PS3.16 CID 4010.
_VIEWS = {"PA": codes.POSTERO_ANTERIOR, "AP": codes.ANTERO_POSTERIOR}
_AGE_YEARS = 34


def write_dicom(radiograph: PhantomRadiograph, path: Path, *, acquired_at: datetime) -> None:
    """Write one exam; two exams of the same `PhantomPatient` share the patient, each has its own study.

    Args:
        radiograph: What to write; stored with 12 bits, lossless JPEG 2000.
        path: File to write; an existing one is replaced.
        acquired_at: Local time of the exposure.
    """
    dataset = FileDataset(str(path), {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    exam = f"{radiograph.patient} {acquired_at.isoformat()}"
    _patient_and_study(dataset, radiograph, exam, acquired_at)
    _equipment(dataset)
    _series_and_image(dataset, radiograph, exam, acquired_at)
    _acquisition(dataset, radiograph)
    _pixels(dataset, radiograph)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.compress(JPEG2000Lossless, generate_instance_uid=False)
    dataset.save_as(path, enforce_file_format=True)


def _uid(name: str) -> str:
    return f"2.25.{uuid.uuid5(_NAMESPACE, name).int}"


def _patient_and_study(
    dataset: Dataset, radiograph: PhantomRadiograph, exam: str, acquired_at: datetime
) -> None:
    patient = radiograph.patient
    dataset.PatientName = f"Phantom^{'Jane' if patient.sex == 'F' else 'John'}"
    dataset.PatientID = f"PHANTOM-{patient.seed:04d}"
    dataset.IssuerOfPatientID = "PTX-PHANTOM"
    dataset.PatientBirthDate = f"{2026 - _AGE_YEARS}0401"
    dataset.PatientSex = patient.sex
    dataset.PatientAge = f"{_AGE_YEARS:03d}Y"
    dataset.StudyInstanceUID = _uid(f"study {exam}")
    dataset.StudyDate = acquired_at.strftime("%Y%m%d")
    dataset.StudyTime = acquired_at.strftime("%H%M%S")
    dataset.StudyID = acquired_at.strftime("%m%d")
    dataset.AccessionNumber = acquired_at.strftime("PH%y%m%d%H%M")
    dataset.ReferringPhysicianName = ""
    dataset.StudyDescription = "Chest radiograph (simulated)"


def _equipment(dataset: Dataset) -> None:
    dataset.Manufacturer = "ptx phantom"
    dataset.ManufacturerModelName = "simulated radiograph"
    dataset.DeviceSerialNumber = "0"
    dataset.SoftwareVersions = "1"


def _series_and_image(
    dataset: Dataset, radiograph: PhantomRadiograph, exam: str, acquired_at: datetime
) -> None:
    dataset.Modality = "DX"
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.SeriesInstanceUID = _uid(f"series {exam}")
    dataset.SeriesNumber = 1
    dataset.SeriesDescription = f"Chest {radiograph.pose.view}"
    dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
    dataset.SOPInstanceUID = _uid(f"image {exam}")
    dataset.InstanceNumber = 1
    dataset.ImageType = ["ORIGINAL", "PRIMARY", ""]
    dataset.ContentDate = dataset.AcquisitionDate = acquired_at.strftime("%Y%m%d")
    dataset.ContentTime = dataset.AcquisitionTime = acquired_at.strftime("%H%M%S")
    dataset.PatientOrientation = ["L", "F"]
    dataset.ImageLaterality = "U"
    dataset.BodyPartExamined = "CHEST"
    dataset.AnatomicRegionSequence = [_code(codes.CHEST)]
    dataset.ViewPosition = radiograph.pose.view
    dataset.ViewCodeSequence = [_code(_VIEWS[radiograph.pose.view])]
    dataset.PositionerType = "NONE"
    dataset.BurnedInAnnotation = "NO"
    dataset.AcquisitionContextSequence = []


def _acquisition(dataset: Dataset, radiograph: PhantomRadiograph) -> None:
    projection = radiograph.projection
    dataset.KVP = "110"
    dataset.DistanceSourceToDetector = f"{projection.source_to_detector_mm:g}"
    dataset.DistanceSourceToPatient = f"{projection.source_to_patient_mm:g}"
    dataset.EstimatedRadiographicMagnificationFactor = f"{projection.magnification:.6f}"
    dataset.DetectorType = "SCINTILLATOR"
    dataset.DetectorConfiguration = "AREA"
    dataset.ImagerPixelSpacing = [f"{projection.detector_spacing_mm:.6f}"] * 2


def _pixels(dataset: Dataset, radiograph: PhantomRadiograph) -> None:
    top = 2**_BITS - 1
    stored = np.round(radiograph.pixels * top).astype("<u2")
    dataset.Rows, dataset.Columns = stored.shape
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, _BITS, _BITS - 1
    dataset.PixelRepresentation = 0
    dataset.PixelIntensityRelationship = "LOG"
    dataset.PixelIntensityRelationshipSign = -1
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = "0", "1", "US"
    dataset.PresentationLUTShape = "IDENTITY"
    dataset.WindowCenter, dataset.WindowWidth = f"{(top + 1) / 2:g}", f"{top + 1}"
    dataset.LossyImageCompression = "00"
    dataset.PixelData = stored.tobytes()


def _code(concept: Code) -> Dataset:
    item = Dataset()
    item.CodeValue = concept.value
    item.CodingSchemeDesignator = concept.scheme_designator
    item.CodeMeaning = concept.meaning
    return item
