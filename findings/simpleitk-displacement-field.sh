#!/usr/bin/env bash
# SimpleITK 2.5.7, DisplacementFieldTransform, as a deformable registration or TransformToDisplacementField leaves it:
# - outside the field, half a pixel beyond its last row, a point is not moved at all, and nothing is said: with a field of 3 mm everywhere, the
#   point at 9.4 mm goes to 12.4, the one at 9.6 mm stays, before the other. A contour that runs over the edge of the fixed image is torn;
# - the image from which the transform is made is empty afterwards (0 x 0): a field that is to be saved after use is lost.
# Exits with 1 where it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet simpleitk==2.5.7
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import SimpleITK

still = SimpleITK.Image(10, 10, SimpleITK.sitkFloat64)
field = SimpleITK.Compose(still + 3.0, still)
before = field.GetSize()
transform = SimpleITK.DisplacementFieldTransform(field)
after = field.GetSize()
moved = [round(transform.TransformPoint((x, 5.0))[0], 3) for x in (5.0, 9.0, 9.4, 9.6, 20.0)]
print("SimpleITK", SimpleITK.Version().VersionString())
print("points at 5, 9, 9.4, 9.6 and 20 mm, expected 8, 12, 12.4, 12.6 and 23, or an error; seen", moved)
print("size of the field before", before, "and after", after)
raise SystemExit(0 if moved == [8, 12, 12.4, 9.6, 20] and after == (0, 0) else 1)
PYTHON
