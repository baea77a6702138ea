#!/usr/bin/env bash
# A pixel of 0.2 mm whose header states another unit of length, as both formats allow:
# - NIfTI in micrometres (xyzt_units 3, 200 a pixel): SimpleITK 2.5.7 says 0.2, in mm; nibabel 5.4.2's zooms and affine say 200;
# - NRRD in centimetres ("space units", 0.02 a pixel): SimpleITK says 0.02, as pynrrd 1.1.3 does, though its spacing is always taken for mm.
# SimpleITK honours the unit in one format and passes it over in the other; an area from the second is 100 times too small.
# Exits with 1 where they behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet simpleitk==2.5.7 nibabel==5.4.2 pynrrd==1.1.3 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata
import nibabel, nrrd, numpy, SimpleITK

nifti = nibabel.Nifti1Image(numpy.zeros((4, 3, 1), numpy.uint8), numpy.diag([200.0, 200, 200, 1]))
nifti.header.set_xyzt_units("micron")
nibabel.save(nifti, "image.nii")
header = """NRRD0004
type: uint8
dimension: 2
space dimension: 2
sizes: 4 3
space directions: (0.02,0) (0,0.02)
space origin: (0,0)
space units: "cm" "cm"
encoding: raw

"""
with open("image.nrrd", "wb") as file:
    file.write(header.encode() + bytes(12))

seen = {
    "NIfTI, SimpleITK": SimpleITK.ReadImage("image.nii").GetSpacing()[0],
    "NIfTI, nibabel": float(nibabel.load("image.nii").header.get_zooms()[0]),
    "NRRD, SimpleITK": SimpleITK.ReadImage("image.nrrd").GetSpacing()[0],
    "NRRD, pynrrd": float(nrrd.read_header("image.nrrd")["space directions"][0][0]),
}
print("SimpleITK", SimpleITK.Version().VersionString(), "nibabel", nibabel.__version__, "pynrrd", importlib.metadata.version("pynrrd"))
for reader, spacing in seen.items():
    print(f"{reader}: {spacing:g}")
raise SystemExit(0 if [round(one, 6) for one in seen.values()] == [0.2, 200, 0.02, 0.02] else 1)
PYTHON
