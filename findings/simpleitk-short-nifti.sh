#!/usr/bin/env bash
# A NIfTI file of which a part is missing, as a broken copy or a full disk leaves it, read with SimpleITK 2.5.7: the missing pixels are 0, and no
# error is raised, for .nii and for .nii.gz. A mask loses what lies below, and the pneumothorax has become smaller. nibabel 5.4.2 refuses the
# same files, and SimpleITK itself refuses a short NRRD or MetaImage file. Exits with 1 where they behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet simpleitk==2.5.7 nibabel==5.4.2 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import nibabel, numpy, SimpleITK

mask = (numpy.random.default_rng(0).random((64, 64)) < 0.5).astype(numpy.uint8)
image = SimpleITK.GetImageFromArray(mask)


def pixels(read):
    try:
        return int(read())
    except Exception as error:
        return type(error).__name__


print("SimpleITK", SimpleITK.Version().VersionString(), "nibabel", nibabel.__version__, "pixels of the mask:", mask.sum())
seen = {}
for name in ("mask.nii", "mask.nii.gz", "mask.nrrd"):
    SimpleITK.WriteImage(image, name, name.endswith("gz"))
    content = open(name, "rb").read()
    with open(name, "wb") as file:
        file.write(content[: len(content) * 6 // 10])
    seen[name] = pixels(lambda: SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(name)).sum())
    other = pixels(lambda: nibabel.load(name).get_fdata().sum()) if "nii" in name else "-"
    print(f"{name}, six tenths of it: SimpleITK {seen[name]}, nibabel {other}")
    seen[name] = seen[name], other
short = [seen[name][0] for name in ("mask.nii", "mask.nii.gz")]
refused = [seen["mask.nii"][1], seen["mask.nii.gz"][1], seen["mask.nrrd"][0]]
as_found = all(isinstance(one, int) and 0 < one < mask.sum() for one in short) and all(isinstance(one, str) for one in refused)
raise SystemExit(0 if as_found else 1)
PYTHON
