#!/usr/bin/env bash
# SimpleITK reads a NIfTI file whose copy ended early without an error: what is missing comes back as zeros.
#
# Seen with SimpleITK 2.5.7, numpy 2.4.6, Python 3.11: of a volume without a voxel of 0, cut in half, .nii and
# .nii.gz are read, half of the voxels are 0; the same volume as NRRD is refused ("expected ... bytes but received").
# A segmentation mask that was copied badly so becomes a smaller mask. Exits with 1 when this is no longer so.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet SimpleITK==2.5.7 numpy==2.4.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import sys
from pathlib import Path

import numpy as np
import SimpleITK

SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
print("SimpleITK", SimpleITK.Version_VersionString())
# Incompressible up to its lowest bit, so that half of the compressed file is about half of the voxels.
voxels = np.random.default_rng(0).integers(1, 255, (64, 128, 128)).astype(np.uint8)
outcomes = {}
for name in ("volume.nii", "volume.nii.gz", "volume.nrrd"):
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(voxels), name, not name.endswith(".nii"))
    whole = Path(name).read_bytes()
    Path(f"cut-{name}").write_bytes(whole[: len(whole) // 2])
    try:
        read = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(f"cut-{name}"))
        outcomes[name] = f"read without an error, {np.mean(read == 0):.0%} of the voxels are 0"
    except RuntimeError:
        outcomes[name] = "refused"
    print(f"{name}, first half: {outcomes[name]}")
as_seen = all("without an error" in outcomes[name] for name in ("volume.nii", "volume.nii.gz"))
sys.exit(0 if as_seen and outcomes["volume.nrrd"] == "refused" else 1)
PYTHON
