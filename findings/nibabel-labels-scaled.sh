#!/usr/bin/env bash
# nibabel 5.4.2: a label map in float (as arithmetic leaves it) saved with the header of an 8-bit mask is stored in 8 bits by a scale that maps the
# largest label to 255, without a word. Labels come back as other numbers: of 0, 1, 2 no pixel is 1 any more (it is 0.996, and 0 as an integer),
# and a mask of 0 and 1 has 1.00000006, so that `== 1` finds nothing. The same array with astype(uint8) comes back whole.
# Exits with 1 where it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet nibabel==5.4.2 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import nibabel, numpy

first = nibabel.Nifti1Image(numpy.zeros((4, 4, 1), numpy.uint8), numpy.eye(4))
seen = {}
print("nibabel", nibabel.__version__)
for labels in ([0, 1], [0, 1, 2], [0, 1, 2, 3, 4]):
    drawn = numpy.zeros((4, 4, 1))
    drawn.flat[: len(labels)] = labels
    nibabel.save(nibabel.Nifti1Image(drawn, first.affine, first.header), "labels.nii")
    read = nibabel.load("labels.nii")
    values = numpy.unique(read.get_fdata())
    seen[len(labels)] = int((read.get_fdata() == 1).sum()), values.astype(int).tolist()
    print(f"labels {labels}: stored as {read.get_data_dtype()}, read as {values.tolist()}; equal to 1: {seen[len(labels)][0]}; as integers {seen[len(labels)][1]}")
nibabel.save(nibabel.Nifti1Image(drawn.astype(numpy.uint8), first.affine, first.header), "labels.nii")
whole = numpy.unique(nibabel.load("labels.nii").get_fdata()).tolist()
print("as uint8:", whole)
raise SystemExit(0 if seen == {2: (0, [0, 1]), 3: (0, [0, 0, 2]), 5: (0, [0, 1, 1, 2, 4])} and whole == [0, 1, 2, 3, 4] else 1)
PYTHON
