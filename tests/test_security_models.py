"""Model folders and text encoders from elsewhere: their code is never run, and their figures are checked."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from ptx_followup.errors import ModelError
from ptx_followup.network.checkpoint import load_model
from ptx_followup.network.encoder_files import find_encoder
from ptx_followup.network.language import TextEncoder

HOSTILE = "from pathlib import Path\nPath({trace!r}).write_text('run')\nclass Hostile: pass\n"


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """The file that hostile code would write."""
    return tmp_path / "trace"


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_code_of_a_text_encoder_is_not_run(tmp_path: Path, trace: Path, file: str) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(find_encoder("minilm-l6"), folder)
    (folder / "hostile.py").write_text(HOSTILE.format(trace=str(trace)))
    stated = json.loads((folder / file).read_text()) if (folder / file).exists() else {}
    names = ("AutoModel", "AutoConfig", "AutoTokenizer")
    stated["auto_map"] = dict.fromkeys(names, "hostile.Hostile")
    (folder / file).write_text(json.dumps(stated))
    with suppress(ModelError):  # refused or read without its code, both will do
        TextEncoder(str(folder), disk_cache=False)
    assert not trace.exists()


def test_a_pickle_in_place_of_weights_is_not_opened(
    tmp_path: Path, trace: Path, untrained_model: Path
) -> None:
    """Even one whose hash the configuration names."""
    folder = tmp_path / "model"
    shutil.copytree(untrained_model, folder)
    hostile = f"cposix\nsystem\n(S'touch {trace}'\ntR.".encode()
    (folder / "model.safetensors").write_bytes(hostile)
    config = json.loads((folder / "config.json").read_text())
    config["weights_sha256"] = hashlib.sha256(hostile).hexdigest()
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="do not fit"):
        load_model(str(folder))
    assert not trace.exists()


def test_a_header_of_exabytes_is_refused(tmp_path: Path, untrained_model: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(untrained_model, folder)
    weights = (1 << 62).to_bytes(8, "little") + b"{}"
    (folder / "model.safetensors").write_bytes(weights)
    config = json.loads((folder / "config.json").read_text())
    config["weights_sha256"] = hashlib.sha256(weights).hexdigest()
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="do not fit"):
        load_model(str(folder))
