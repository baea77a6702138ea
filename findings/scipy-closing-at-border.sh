#!/usr/bin/env bash
# SciPy 1.17.1, ndimage.binary_closing: what lies at the border of the image is taken away, although a closing can only add. A mask of five rows at
# the upper edge (an apical pneumothorax on a narrow film) loses half its pixels by a closing of radius 2, all around. OpenCV 5.0.0,
# scikit-image 0.26.0 and SimpleITK 2.5.7 keep all of it. border_value=1 would be wrong for the outer pixels in turn. Exits with 1 where they behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet scipy==1.17.1 opencv-python-headless==5.0.0.93 scikit-image==0.26.0 simpleitk==2.5.7 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import cv2, numpy, scipy, SimpleITK, skimage
from scipy import ndimage
from skimage import morphology

mask = numpy.zeros((20, 20), numpy.uint8)
mask[:5] = 1
square = numpy.ones((5, 5), numpy.uint8)
closed = SimpleITK.BinaryMorphologicalClosing(SimpleITK.GetImageFromArray(mask), [2, 2], SimpleITK.sitkBox)
seen = {
    "SciPy": int(ndimage.binary_closing(mask, square).sum()),
    "OpenCV": int(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, square).sum()),
    "scikit-image": int(morphology.closing(mask, square).sum()),
    "SimpleITK": int(SimpleITK.GetArrayFromImage(closed).sum()),
}
print("SciPy", scipy.__version__, "OpenCV", cv2.__version__, "scikit-image", skimage.__version__, "SimpleITK", SimpleITK.Version().VersionString())
print("pixels before:", int(mask.sum()), "after a closing:", seen)
raise SystemExit(0 if seen == {"SciPy": 48, "OpenCV": 100, "scikit-image": 100, "SimpleITK": 100} else 1)
PYTHON
