#!/usr/bin/env bash
# SimpleITK 2.5.7: arithmetic of an image of whole numbers with a number cuts the number to the pixel type first. An image
# of 200 times 0.5 is 0, times 1.9 is 200, plus 0.6 is 200; divided by 0.5, so by 0, it is infinite, and of type float. Nothing is said. A
# rescale slope of 0.5 so makes a black radiograph, and a gain of 1.9 does nothing. numpy, and an image of float pixels, give 100 and 380.
# Exits with 1 where it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet simpleitk==2.5.7
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import SimpleITK


def pixel(image):
    return image[0, 0], image.GetPixelIDTypeAsString()


whole = SimpleITK.Image(2, 2, SimpleITK.sitkUInt16) + 200
seen = {
    "200 * 0.5, expected 100": pixel(whole * 0.5),
    "200 * 1.9, expected 380": pixel(whole * 1.9),
    "200 + 0.6, expected 200.6": pixel(whole + 0.6),
    "200 / 0.5, expected 400": pixel(whole / 0.5),
    "float 200 * 0.5": pixel(SimpleITK.Cast(whole, SimpleITK.sitkFloat32) * 0.5),
}
print("SimpleITK", SimpleITK.Version().VersionString())
for what, found in seen.items():
    print(what, "->", *found)
raise SystemExit(0 if [value for value, _ in seen.values()] == [0, 200, 200, float("inf"), 100] else 1)
PYTHON
