#!/usr/bin/env bash
# pydicom 3.0.2: Dataset.decompress() and compress() give the image another SOP Instance UID by default, also where no pixel changes (RLE here); the
# standard asks for that after lossy compression only. A file decompressed for reading and kept is no longer the one that its segmentations,
# reports and presentation states refer to, and an archive takes it as a second image. DCMTK's dcmdrle and the like keep the UID, and so does
# generate_instance_uid=False. Needs Debian's package dcmtk, which it installs as root. Exits with 1 where they behave otherwise.
set -euo pipefail
command -v dcmdrle >/dev/null || apt-get install -y -qq --no-install-recommends dcmtk >/dev/null
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pydicom==3.0.2 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import subprocess
import numpy, pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, RLELossless, generate_uid

image = Dataset()
image.file_meta = FileMetaDataset()
image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
image.SOPClassUID = ComputedRadiographyImageStorage
image.SOPInstanceUID, image.SeriesInstanceUID, image.StudyInstanceUID = (generate_uid() for _ in range(3))
image.Rows = image.Columns = 16
image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation, image.SamplesPerPixel = 16, 12, 11, 0, 1
image.PhotometricInterpretation = "MONOCHROME2"
pixels = numpy.arange(256, dtype=numpy.uint16).reshape(16, 16)
image.PixelData = pixels.tobytes()
first = image.SOPInstanceUID

image.compress(RLELossless)
compressed = image.SOPInstanceUID
image.save_as("rle.dcm", enforce_file_format=True)
image.decompress()
decompressed = image.SOPInstanceUID
same_pixels = bool((image.pixel_array == pixels).all())
subprocess.run(["dcmdrle", "rle.dcm", "plain.dcm"], check=True)
by_dcmtk = pydicom.dcmread("plain.dcm").SOPInstanceUID
print("pydicom", pydicom.__version__, "pixels unchanged:", same_pixels)
print("UID kept by compress():", compressed == first, "by decompress():", decompressed == compressed, "by dcmdrle:", by_dcmtk == compressed)
raise SystemExit(0 if same_pixels and len({first, compressed, decompressed}) == 3 and by_dcmtk == compressed else 1)
PYTHON
