#!/usr/bin/env bash
# A VOI LUT that begins at -1000, on an image whose stored values are unsigned and rescaled by -1000: DICOM PS3.3 section C.11.2.1.1 has the
# descriptor signed (SS) then. pydicom 3.0.2 reads it right from Explicit VR. Written by pydicom itself in Implicit VR and read again, the
# descriptor follows Pixel Representation instead: it begins at 64536, every pixel falls below and gets the first entry, and the picture is
# of one grey. Nothing raises or warns of the table. Exits with 1 where it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pydicom==3.0.2 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import warnings
import numpy, pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

warnings.filterwarnings("ignore", message=".*float input array.*")
table = Dataset()
table.add_new("LUTDescriptor", "SS", [4, -1000, 16])
table.add_new("LUTData", "OW", numpy.array([0, 50, 100, 255], numpy.uint16).tobytes())
image = Dataset()
image.SOPClassUID = CTImageStorage
image.SOPInstanceUID, image.SeriesInstanceUID, image.StudyInstanceUID = (generate_uid() for _ in range(3))
image.Rows, image.Columns = 1, 4
image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation, image.SamplesPerPixel = 16, 12, 11, 0, 1
image.PhotometricInterpretation = "MONOCHROME2"
image.RescaleSlope, image.RescaleIntercept, image.RescaleType = 1, -1000, "HU"
image.PixelData = numpy.array([0, 1, 2, 4095], numpy.uint16).tobytes()
image.VOILUTSequence = [table]

seen = []
print("pydicom", pydicom.__version__)
for syntax in (ExplicitVRLittleEndian, ImplicitVRLittleEndian):
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = syntax
    image.save_as("image.dcm", enforce_file_format=True)
    read = pydicom.dcmread("image.dcm")
    shown = apply_voi_lut(apply_modality_lut(read.pixel_array, read), read).ravel().tolist()
    begins = read.VOILUTSequence[0].LUTDescriptor[1]
    seen.append((begins, shown))
    print(f"{syntax.name}: table begins at {begins}, picture {shown}")
raise SystemExit(0 if seen == [(-1000, [0, 50, 100, 255]), (64536, [0, 0, 0, 0])] else 1)
PYTHON
