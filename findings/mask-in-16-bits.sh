#!/usr/bin/env bash
# A label mask in a 16-bit PNG, with labels 1, 2, 255 and 256 (as Pillow, SimpleITK and tifffile write uint16 arrays), read as 8 bits in the usual way:
# - OpenCV 5.0.0, imread(IMREAD_GRAYSCALE) and the default: the upper byte, so 0, 0, 0, 1: an empty mask where labels are small;
# - Pillow 13.0.0, convert("L"): cut at 255, so 1, 2, 255, 255: two labels have become one, and a 12-bit radiograph is white;
# - SimpleITK 2.5.7, ReadImage(sitkUInt8): the lower byte, so 1, 2, 255, 0.
# Three answers to one file, none with a warning. Exits with 1 where they behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet opencv-python-headless==5.0.0.93 pillow==13.0.0 simpleitk==2.5.7 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import cv2, numpy, PIL, SimpleITK
from PIL import Image

labels = numpy.array([[1, 2, 255, 256]], numpy.uint16)
Image.fromarray(labels).save("mask.png")
seen = {
    "OpenCV grey": cv2.imread("mask.png", cv2.IMREAD_GRAYSCALE)[0].tolist(),
    "OpenCV default": cv2.imread("mask.png")[0, :, 0].tolist(),
    "OpenCV unchanged": cv2.imread("mask.png", cv2.IMREAD_UNCHANGED)[0].tolist(),
    "Pillow convert('L')": numpy.array(Image.open("mask.png").convert("L"))[0].tolist(),
    "SimpleITK sitkUInt8": SimpleITK.GetArrayFromImage(SimpleITK.ReadImage("mask.png", SimpleITK.sitkUInt8))[0].tolist(),
}
print("OpenCV", cv2.__version__, "Pillow", PIL.__version__, "SimpleITK", SimpleITK.Version().VersionString())
for way, values in seen.items():
    print(f"{way}: {values}")
expected = [[0, 0, 0, 1], [0, 0, 0, 1], [1, 2, 255, 256], [1, 2, 255, 255], [1, 2, 255, 0]]
raise SystemExit(0 if list(seen.values()) == expected else 1)
PYTHON
