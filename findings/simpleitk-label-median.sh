#!/usr/bin/env bash
# The median grey value of a region by SimpleITK 2.5.7 is a guess from a histogram over the whole range of the image, of whose width nothing
# is said: one bright pixel (a metal clip, a marker) elsewhere or in the region moves it far, though that is what one takes a median for.
# Ten thousand pixels with a median of 510 and one of 60000: numpy 510, LabelStatistics some 590, LabelIntensityStatistics some 710.
# Means and variances of the two filters are exact. Exits with 1 where it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet simpleitk==2.5.7 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import numpy, SimpleITK

image = numpy.random.default_rng(0).gamma(2, 300, (100, 100)).astype(numpy.float32)
image[0, 0] = 60000
labels = numpy.ones(image.shape, numpy.uint8)
pixels, regions = SimpleITK.GetImageFromArray(image), SimpleITK.GetImageFromArray(labels)
statistics = SimpleITK.LabelStatisticsImageFilter()
statistics.Execute(pixels, regions)
intensity = SimpleITK.LabelIntensityStatisticsImageFilter()
intensity.Execute(regions, pixels)

true = float(numpy.median(image))
seen = statistics.GetMedian(1), intensity.GetMedian(1)
print("SimpleITK", SimpleITK.Version().VersionString())
print(f"median by numpy {true:.0f}, LabelStatistics {seen[0]:.0f}, LabelIntensityStatistics {seen[1]:.0f}")
print(f"mean by numpy {image.mean():.0f}, LabelStatistics {statistics.GetMean(1):.0f}, LabelIntensityStatistics {intensity.GetMean(1):.0f}")
raise SystemExit(0 if all(found > true * 1.1 for found in seen) else 1)
PYTHON
