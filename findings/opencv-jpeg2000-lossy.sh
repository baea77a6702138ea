#!/usr/bin/env bash
# OpenCV 5.0.0 (opencv-python-headless 5.0.0.93): imwrite of a .jp2 file without parameters loses information, up to some 100 of 4095 grey levels in a
# noisy 12-bit image. The documented default of IMWRITE_JPEG2000_COMPRESSION_X1000 is 1000, which given in so many words is lossless. Pillow
# 13.0.0's default for the same format is lossless. Whoever archives radiographs with imwrite keeps others. Exits with 1 where they behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet opencv-python-headless==5.0.0.93 pillow==13.0.0 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import cv2, numpy, PIL
from PIL import Image

image = numpy.random.default_rng(0).normal(2000, 200, (64, 64)).astype(numpy.uint16)


def lost(name):
    return int(numpy.abs(cv2.imread(name, cv2.IMREAD_UNCHANGED).astype(int) - image).max())


cv2.imwrite("default.jp2", image)
cv2.imwrite("stated.jp2", image, [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000])
Image.fromarray(image).save("pillow.jp2")
seen = {name: lost(name) for name in ("default.jp2", "stated.jp2", "pillow.jp2")}
print("OpenCV", cv2.__version__, "Pillow", PIL.__version__, "greatest difference of a pixel:", seen)
raise SystemExit(0 if seen["default.jp2"] > 10 and seen["stated.jp2"] == seen["pillow.jp2"] == 0 else 1)
PYTHON
