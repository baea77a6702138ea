#!/usr/bin/env bash
# SimpleITK 2.5.7, Resample of an image of whole numbers with linear interpolation: what lies between two numbers is cut, not rounded. The image
# gets darker by 0.5 on average with every resampling, and a mask of 0 and 1 loses its whole rim: a shift by a twentieth of a pixel, which moves
# the outline nowhere when rounded, takes a row and a column off. OpenCV 5.0.0 (warpAffine) and SciPy 1.17.1 (shift) round.
# Exits with 1 where they behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet simpleitk==2.5.7 opencv-python-headless==5.0.0.93 scipy==1.17.1 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import cv2, numpy, scipy, SimpleITK
from scipy import ndimage

SHIFT = 0.05
mask = numpy.zeros((20, 20), numpy.uint8)
mask[5:15, 5:15] = 1
noise = numpy.random.default_rng(0).integers(50, 200, (200, 200)).astype(numpy.uint8)


def simpleitk(image):
    moved = SimpleITK.Resample(SimpleITK.GetImageFromArray(image), SimpleITK.TranslationTransform(2, (SHIFT, SHIFT)), SimpleITK.sitkLinear)
    return SimpleITK.GetArrayFromImage(moved)


def opencv(image):
    matrix = numpy.float32([[1, 0, SHIFT], [0, 1, SHIFT]])
    return cv2.warpAffine(image, matrix, image.shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


def scipys(image):
    return ndimage.shift(image, -SHIFT, order=1)


print("SimpleITK", SimpleITK.Version().VersionString(), "OpenCV", cv2.__version__, "SciPy", scipy.__version__)
found = {}
for way in (simpleitk, opencv, scipys):
    inner = (slice(1, -1), slice(1, -1))
    found[way.__name__] = int(way(mask).sum()), round(float(way(noise)[inner].mean() - noise[inner].mean()), 1)
    print(f"{way.__name__}: mask of 100 pixels -> {found[way.__name__][0]}; mean grey value {found[way.__name__][1]:+}")
raise SystemExit(0 if found == {"simpleitk": (81, -0.5), "opencv": (100, 0.0), "scipys": (100, 0.0)} else 1)
PYTHON
