"""`ptx info`: what this installation is and can."""

from __future__ import annotations

import platform
from typing import Annotated, Any

import typer

from ptx_followup import DISCLAIMER, __version__
from ptx_followup.cli.options import JsonOption
from ptx_followup.cli.output import Output

#: Decoders that pydicom calls, and what each is for.
CODECS = {
    "pylibjpeg-libjpeg": "JPEG, JPEG lossless",
    "pylibjpeg-openjpeg": "JPEG 2000",
    "pylibjpeg-rle": "RLE",
    "pyjpegls": "JPEG-LS",
}


def info(
    devices: Annotated[bool, typer.Option("--devices", help="Also look for GPUs (imports torch).")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show version, models, decoders, limits and, if asked, devices."""
    from dataclasses import asdict

    from ptx_followup.files.limits import configured_limits
    from ptx_followup.files.storage import names_on_board

    document: dict[str, Any] = {
        "version": __version__,
        "python": platform.python_version(),
        "models": names_on_board(),
        "codecs": {name: {"version": _version(name), "reads": reads} for name, reads in CODECS.items()},
        "limits": asdict(configured_limits()),
        "disclaimer": DISCLAIMER,
    }
    if devices:
        document["devices"] = _devices()
    lines = [f"ptx {__version__}, Python {document['python']}", f"models: {', '.join(document['models'])}"]
    lines += [f"{name} {one['version']}: {one['reads']}" for name, one in document["codecs"].items()]
    lines += [f"limit {name}: {value}" for name, value in document["limits"].items()]
    lines += [f"device: {name}" for name in document.get("devices", [])]
    Output(as_json=as_json).result(document, "\n".join([*lines, DISCLAIMER]))


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _devices() -> list[str]:
    import torch

    from ptx_followup.network.device import best_precision

    gpus = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    return [f"{device} ({best_precision(device)})" for device in ("cpu", *gpus)]
