#!/usr/bin/env bash
# pydicom 3.0.2 writing a valid file where the disk (here: a limit of file sizes) is full: the operating system's error comes out
# as a new OSError whose errno and strerror are None; both stand in its __cause__ only. Code that asks errno for ENOSPC, or shows
# strerror, has nothing. Exits with 1 where it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pydicom==3.0.2
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import resource
import signal

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

image = Dataset()
image.file_meta = FileMetaDataset()
image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
image.Rows = image.Columns = 256
image.BitsAllocated = image.BitsStored = 8
image.HighBit, image.PixelRepresentation, image.SamplesPerPixel = 7, 0, 1
image.PhotometricInterpretation = "MONOCHROME2"
image.PixelData = bytes(256 * 256)

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
try:
    with open("image.dcm", "wb") as file:
        image.save_as(file, enforce_file_format=True)
    raise SystemExit("nothing was raised")
except OSError as error:
    found = type(error).__name__, error.errno, error.strerror, getattr(error.__cause__, "errno", None)
print("pydicom", pydicom.__version__)
print("type, errno, strerror, errno of the cause:", *found)
raise SystemExit(0 if found[1] is None and found[2] is None and found[3] == 27 else 1)
PYTHON
