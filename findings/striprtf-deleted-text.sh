#!/usr/bin/env bash
# A report in RTF that was changed with revision marks, and has hidden text, read with striprtf 0.0.35: what is marked as deleted or hidden is text like
# any other, so that "There is a pneumothorax" with "no" deleted reads as "no a pneumothorax"; what stands in a footnote or a text box is
# missing, and a form's box leaves nothing, so that a ticked one and an empty one read alike. A word processor shows all this as it was meant. Exits with 1 where it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet striprtf==0.0.35
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata
from striprtf.striprtf import rtf_to_text

START = r"{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}}{\*\revtbl{Unknown;}{Reader;}}"
reports = {
    "deleted": r"There is {\deleted\revauthdel1 no }{\revised\revauth1 a }pneumothorax.",
    "hidden": r"There is a {\v large }pneumothorax.",
    "footnote": r"Pneumothorax{\footnote Not confirmed by CT.}.",
    "text box": r"Pneumothorax {\shp{\*\shpinst{\shptxt on the right}}}",
    "ticked box": r"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres1}}}{\fldrslt }} pneumothorax",
    "empty box": r"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres0}}}{\fldrslt }} pneumothorax",
}
seen = {name: rtf_to_text(START + text + "}").strip() for name, text in reports.items()}
print("striprtf", importlib.metadata.version("striprtf"))
for name, text in seen.items():
    print(f"{name}: {text!r}")
expected = ["There is no a pneumothorax.", "There is a large pneumothorax.", "Pneumothorax.", "Pneumothorax", "pneumothorax", "pneumothorax"]
raise SystemExit(0 if list(seen.values()) == expected else 1)
PYTHON
