#!/usr/bin/env bash
# Which pixel spacing SimpleITK 2.5.7 takes from the header of a radiograph (CR or DX), against DICOM PS3.3 section 10.7:
# - where the image is calibrated, so that Pixel Spacing (in the patient) differs from Imager Pixel Spacing (on the detector), it takes
#   that of the detector: lengths come out too large by the magnification, areas by its square;
# - where a DX image has Pixel Spacing alone, it says 1 mm, without a warning; a secondary capture with the same header is read right.
# Exits with 1 where it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet simpleitk==2.5.7 pydicom==3.0.2 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy, pydicom, SimpleITK
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ComputedRadiographyImageStorage, DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid,
)


def spacing(kind, **stated):
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID = kind
    image.SOPInstanceUID, image.SeriesInstanceUID, image.StudyInstanceUID = (generate_uid() for _ in range(3))
    image.Rows = image.Columns = 4
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation, image.SamplesPerPixel = 16, 12, 11, 0, 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.PixelData = numpy.zeros((4, 4), numpy.uint16).tobytes()
    for keyword, value in stated.items():
        setattr(image, keyword, [value, value])
    image.save_as("image.dcm", enforce_file_format=True)
    return SimpleITK.ReadImage("image.dcm").GetSpacing()[0]


both = {"PixelSpacing": 0.1, "ImagerPixelSpacing": 0.12}
seen = {
    "CR, 0.1 mm in the patient, 0.12 mm on the detector": spacing(ComputedRadiographyImageStorage, **both),
    "DX, the same": spacing(DigitalXRayImageStorageForPresentation, **both),
    "DX, 0.1 mm in the patient": spacing(DigitalXRayImageStorageForPresentation, PixelSpacing=0.1),
    "secondary capture, 0.1 mm in the patient": spacing(SecondaryCaptureImageStorage, PixelSpacing=0.1),
}
print("SimpleITK", SimpleITK.Version().VersionString(), "pydicom", pydicom.__version__)
for header, found in seen.items():
    print(f"{header}: expected 0.1, seen {found}")
raise SystemExit(0 if list(seen.values()) == [0.12, 0.12, 1.0, 0.1] else 1)
PYTHON
