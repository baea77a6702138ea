#!/usr/bin/env bash
# A report in XML whose text stands in a CDATA section, read with Beautiful Soup 4.15.0: with features="lxml" (lxml 6.1.3, the parser that it prefers
# when none is named) the text is gone, and get_text() is empty; with "html.parser" and "lxml-xml" it is there. Where lxml is not
# installed the same program finds the text: the report depends on another package. Exits with 1 where they behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet beautifulsoup4==4.15.0 lxml==6.1.3
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import warnings
import bs4, lxml
from bs4 import BeautifulSoup

warnings.simplefilter("ignore")
REPORT = "<report><title>Chest</title><text><![CDATA[No pneumothorax. Effusion on the left.]]></text></report>"
seen = {parser: BeautifulSoup(REPORT, parser).find("text").get_text() for parser in ("lxml", "html.parser", "lxml-xml")}
seen["none named"] = BeautifulSoup(REPORT).find("text").get_text()
print("Beautiful Soup", bs4.__version__, "lxml", lxml.__version__)
for parser, text in seen.items():
    print(f"{parser}: {text!r}")
whole = "No pneumothorax. Effusion on the left."
raise SystemExit(0 if list(seen.values()) == ["", whole, whole, ""] else 1)
PYTHON
