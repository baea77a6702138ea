#!/usr/bin/env bash
# SimpleITK 2.5.7 (ITK's NIfTI reader, niftilib) asked for m.nii.gz reads the pixels of m.nii where that lies beside it:
# niftilib looks for the pixels under the name without .gz first. Nothing is said.
# Exits with 1 where it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet SimpleITK==2.5.7 numpy
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy, SimpleITK

drawn = numpy.zeros((8, 8), numpy.uint8)
drawn[2:5, 2:5] = 1
SimpleITK.WriteImage(SimpleITK.GetImageFromArray(drawn), "m.nii.gz")
alone = int(SimpleITK.GetArrayFromImage(SimpleITK.ReadImage("m.nii.gz")).sum())
SimpleITK.WriteImage(SimpleITK.GetImageFromArray(numpy.zeros_like(drawn)), "m.nii")
beside = int(SimpleITK.GetArrayFromImage(SimpleITK.ReadImage("m.nii.gz")).sum())
print("SimpleITK", SimpleITK.Version.VersionString())
print("sum of the pixels of m.nii.gz:", alone, "alone,", beside, "beside an empty m.nii")
raise SystemExit(0 if (alone, beside) == (9, 0) else 1)
PYTHON
