"""What each command loads, and what it does without: time to start is paid every time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
PRIOR, FOLLOWUP, REPORT = (str(EXAMPLES / name) for name in ("prior.dcm", "followup.dcm", "prior.txt"))
#: What takes seconds to import.
LEARNING = {"torch", "transformers", "huggingface_hub"}
#: pydicom's table of all coded concepts, of which a few are in use.
DICTIONARY = {"pydicom.sr"}
#: What pydicom would fetch its example files with.
FETCHING = {"requests", "urllib3", "tqdm"}


def loaded_by(arguments: list[str]) -> set[str]:
    """Modules in memory after a command has ended well, in a process of its own."""
    program = (
        "import json, sys\n"
        "from ptx_followup.cli.app import run\n"
        "code = run(sys.argv[1:])\n"
        "print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, check=True, text=True
    )
    code, names = json.loads(ran.stderr.splitlines()[-1])
    assert code == 0, ran.stderr
    return set(names)


@pytest.mark.parametrize(
    ("command", "used", "unused"),
    [
        (
            ["segment", PRIOR, "--report", REPORT],
            {"onnxruntime", "pydicom"},
            {"matplotlib", "SimpleITK", *DICTIONARY, *FETCHING},
        ),
        (
            ["compare", PRIOR, FOLLOWUP],
            {"onnxruntime", "pydicom", "SimpleITK"},
            {"matplotlib", *DICTIONARY, *FETCHING},
        ),
        (
            ["timeline", PRIOR, FOLLOWUP],
            {"onnxruntime", "matplotlib", "SimpleITK"},
            {*DICTIONARY, *FETCHING},
        ),
    ],
)
def test_a_follow_up_on_a_cpu_does_without_pytorch(
    tmp_path: Path, command: list[str], used: set[str], unused: set[str]
) -> None:
    loaded = loaded_by([*command, "--out", str(tmp_path / "out"), "--device", "cpu"])
    assert used <= loaded
    assert not (LEARNING | unused) & loaded


def test_a_report_is_understood_without_the_libraries_of_images() -> None:
    loaded = loaded_by(["report", REPORT])
    assert not (LEARNING | {"pydicom", "cv2", "onnxruntime", "matplotlib", "SimpleITK"}) & loaded


def test_a_listener_is_made_of_what_needs_no_pytorch() -> None:
    program = (
        "import sys\n"
        "from ptx_followup.cli.listen import listen\n"
        "import ptx_followup.pacs.cases, ptx_followup.pacs.queue, ptx_followup.pacs.receiver\n"
        "from ptx_followup.segmentation.segmenter import Segmenter\n"
        "Segmenter(device='cpu')\n"
        f"sys.exit(str({LEARNING!r} & set(sys.modules) or ''))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, text=True)
    assert ran.stderr.strip() == ""
