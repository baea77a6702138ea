"""`python -m ptx_followup.phantom FOLDER` writes the example exams."""

import sys
from pathlib import Path

from ptx_followup.phantom.examples import write_examples

if len(sys.argv) != 2:
    sys.exit("usage: python -m ptx_followup.phantom FOLDER")
write_examples(Path(sys.argv[1]))
