#!/usr/bin/env bash
# OpenCV 5.0.0, warpAffine with INTER_NEAREST of a mask by half a pixel (as from pixel corners to pixel centres, or by a turn about the middle of an
# image of even size): ties go to the even neighbour, so that every other column is left out and the next one stands twice. A thin line is gone or
# doubled, by its column. A tie to one side, as in SimpleITK 2.5.7, moves all columns alike. Exits with 1 where they behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet opencv-python-headless==5.0.0.93 simpleitk==2.5.7 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import cv2, numpy, SimpleITK

columns = numpy.tile(numpy.arange(10, dtype=numpy.uint8), (4, 1))
matrix = numpy.float32([[1, 0, 0.5], [0, 1, 0]])
flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP


def opencv(image):
    return cv2.warpAffine(image, matrix, image.shape[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)


def simpleitk(image):
    moved = SimpleITK.Resample(SimpleITK.GetImageFromArray(image), SimpleITK.TranslationTransform(2, (0.5, 0.0)), SimpleITK.sitkNearestNeighbor)
    return SimpleITK.GetArrayFromImage(moved)


print("OpenCV", cv2.__version__, "SimpleITK", SimpleITK.Version().VersionString())
seen = {}
for way in (opencv, simpleitk):
    lines = [int(way((columns == column).astype(numpy.uint8))[1].sum()) for column in range(2, 8)]
    seen[way.__name__] = lines
    print(f"{way.__name__}: column numbers {way(columns)[1].tolist()}; width of a line of one pixel in columns 2 to 7: {lines}")
raise SystemExit(0 if seen == {"opencv": [2, 0, 2, 0, 2, 0], "simpleitk": [1] * 6} else 1)
PYTHON
