#!/usr/bin/env bash
# What highdicom 0.28.2 writes into a Grayscale Softcopy Presentation State:
# - without a presentation LUT it is IDENTITY, for a MONOCHROME1 image too; a presentation state replaces the image's polarity
#   (DICOM PS3.4 section N.2), so that viewers show a negative;
# - window_explanation="as seen" beside a single window becomes as many explanations as it has letters.
# Exits with 1 where it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet highdicom==0.28.2 pydicom==3.0.2 numpy
"$folder/venv/bin/python" - <<'PYTHON'
import highdicom, numpy, pydicom
from pydicom.dataset import Dataset
from pydicom.uid import ComputedRadiographyImageStorage, generate_uid

image = Dataset()
for keyword in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate", "StudyTime"):
    setattr(image, keyword, "")
image.SOPClassUID = ComputedRadiographyImageStorage
image.SOPInstanceUID, image.SeriesInstanceUID, image.StudyInstanceUID = (generate_uid() for _ in range(3))
image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME1"
image.Rows = image.Columns = 4

window = highdicom.pr.SoftcopyVOILUTTransformation(128, 256, window_explanation="as seen")
state = highdicom.pr.GrayscaleSoftcopyPresentationState(
    [image], generate_uid(), 1, generate_uid(), 1, "maker", "model", "1", "1", "LABEL", voi_lut_transformations=[window]
)
explanations = list(state.SoftcopyVOILUTSequence[0].WindowCenterWidthExplanation)
print("highdicom", highdicom.__version__, "pydicom", pydicom.__version__)
print("image", image.PhotometricInterpretation, "-> PresentationLUTShape", state.PresentationLUTShape)
print("window_explanation='as seen' ->", explanations)
as_found = state.PresentationLUTShape == "IDENTITY" and len(explanations) == 7
raise SystemExit(0 if as_found else 1)
PYTHON
