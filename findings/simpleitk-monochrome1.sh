#!/usr/bin/env bash
# A MONOCHROME1 radiograph whose stored values 0 and 4095 mean -1000 and 7190 (Rescale Slope 2, Intercept -1000), read by three libraries:
# pydicom 3.0.2 and highdicom 0.28.2's pixel_array give the values as they are; SimpleITK 2.5.7 swaps them first (4095 - stored value) and then
# rescales, so that -1000 and 7190 change places, and says so nowhere; highdicom's get_frame() turns them round as well, for display, by default.
# What was measured with one library, a threshold or a mean, is wrong in the other; an image that was turned round by hand is so twice.
# Exits with 1 where they behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet simpleitk==2.5.7 highdicom==0.28.2 pydicom==3.0.2 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import highdicom, numpy, pydicom, SimpleITK
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels import apply_modality_lut
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

image = Dataset()
image.file_meta = FileMetaDataset()
image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
for keyword in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate", "StudyTime"):
    setattr(image, keyword, "")
image.SeriesNumber = image.InstanceNumber = 1
image.SOPClassUID = ComputedRadiographyImageStorage
image.SOPInstanceUID, image.SeriesInstanceUID, image.StudyInstanceUID = (generate_uid() for _ in range(3))
image.Rows, image.Columns = 1, 2
image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation, image.SamplesPerPixel = 16, 12, 11, 0, 1
image.PhotometricInterpretation = "MONOCHROME1"
image.RescaleSlope, image.RescaleIntercept, image.RescaleType = 2, -1000, "US"
image.PixelData = numpy.array([0, 4095], numpy.uint16).tobytes()
image.save_as("image.dcm", enforce_file_format=True)

read = pydicom.dcmread("image.dcm")
film = highdicom.imread("image.dcm")
simpleitk = SimpleITK.ReadImage("image.dcm")
seen = {
    "pydicom, rescaled": apply_modality_lut(read.pixel_array, read).ravel().tolist(),
    "highdicom pixel_array, stored": film.pixel_array.ravel().tolist(),
    "highdicom get_frame()": film.get_frame(1).ravel().tolist(),
    "SimpleITK": SimpleITK.GetArrayFromImage(simpleitk).ravel().tolist(),
}
print("SimpleITK", SimpleITK.Version().VersionString(), "highdicom", highdicom.__version__, "pydicom", pydicom.__version__)
for library, values in seen.items():
    print(f"{library}: {values}")
print("SimpleITK still says:", simpleitk.GetMetaData("0028|0004"))
raise SystemExit(0 if list(seen.values()) == [[-1000, 7190], [0, 4095], [7190, -1000], [7190, -1000]] else 1)
PYTHON
