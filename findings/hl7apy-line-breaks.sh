#!/usr/bin/env bash
# A report as formatted text (FT) in an HL7 message, read with hl7apy 1.3.5: the escape sequence of a line break, \.br\, comes out as \E\.br\E\, which
# means these letters themselves: who decodes it has "\.br\" in the text, and the lines run together. Reading and writing a message back
# without a change alters it so. And of a field of three repetitions, as reports of several lines are sent, `.value` is the first alone: "No
# pneumothorax." of a report that goes on with an effusion. Exits with 1 where it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet hl7apy==1.3.5
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata
from hl7apy.parser import parse_message

HEAD = "MSH|^~\\&|RIS|H|A|B|20240131||ORU^R01|1|P|2.5\rOBR|1||A1|CXR\r"
broken = r"No pneumothorax.\.br\Effusion on the left."
repeated = "No pneumothorax.~Effusion on the left.~Tube in place."
print("hl7apy", importlib.metadata.version("hl7apy"))


def observation(text):
    return parse_message(HEAD + f"OBX|1|FT|R^Report||{text}\r", find_groups=False).obx


value, written = observation(broken).obx_5.value, observation(broken).to_er7()
print("sent:", broken)
print("value:", value)
print("written again:", written)
first = observation(repeated).obx_5.value
print("sent:", repeated)
print("value:", first)
changed = r"No pneumothorax.\E\.br\E\Effusion on the left."
raise SystemExit(0 if value == changed and changed in written and first == "No pneumothorax." else 1)
PYTHON
