#!/usr/bin/env bash
# The distance of every pixel from a mask that is empty, as surface distances (Hausdorff, ASSD) and signed distance maps ask for it:
# - SciPy 1.17.1, distance_transform_edt, answers with plausible distances from a pixel beside the corner of the image, which is in no mask: 1,
#   1.4, 2.2 ... at the top, some 28 in the last corner of 20 x 20. A missed finding so gets a small distance;
# - SimpleITK 2.5.7, DanielssonDistanceMap: plausible ones as well, 30 to 57, largest at the top; SignedMaurerDistanceMap says 1.8e19;
# - OpenCV 5.0.0, distanceTransform, says 1.8e19 with DIST_MASK_PRECISE and 3.4e38 with a mask of 3 or 5.
# None raises or warns. Exits with 1 where they behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet scipy==1.17.1 simpleitk==2.5.7 opencv-python-headless==5.0.0.93 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import cv2, numpy, scipy, SimpleITK
from scipy import ndimage

empty = numpy.zeros((20, 20), numpy.uint8)
image = SimpleITK.GetImageFromArray(empty)
seen = {
    "SciPy distance_transform_edt": ndimage.distance_transform_edt(empty == 0),
    "SimpleITK DanielssonDistanceMap": SimpleITK.GetArrayFromImage(SimpleITK.DanielssonDistanceMap(image)),
    "SimpleITK SignedMaurerDistanceMap": SimpleITK.GetArrayFromImage(SimpleITK.SignedMaurerDistanceMap(image, squaredDistance=False)),
    "OpenCV precise": cv2.distanceTransform(1 - empty, cv2.DIST_L2, cv2.DIST_MASK_PRECISE),
    "OpenCV 5 x 5": cv2.distanceTransform(1 - empty, cv2.DIST_L2, cv2.DIST_MASK_5),
}
print("SciPy", scipy.__version__, "SimpleITK", SimpleITK.Version().VersionString(), "OpenCV", cv2.__version__)
for way, distance in seen.items():
    print(f"{way}: {distance.min():.4g} to {distance.max():.4g}, first row {distance[0, :4].tolist()}")
greatest = [float(distance.max()) for distance in seen.values()]
raise SystemExit(0 if greatest[0] < 30 and greatest[1] < 60 and min(greatest[2:4]) > 1e19 and greatest[4] > 3e38 else 1)
PYTHON
