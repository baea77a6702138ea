"""Weights of the paper's authors, in their parameter names, as a model folder of this project.

Their code (Huemann et al.) saves a torch state dict of the whole module. It may hold the language model
(`lang_encoder.`), which is frozen and so left out, and an attention module that is never called
(`lang_attn.`). The file is opened with torch's `weights_only=True`, which builds tensors and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ptx_followup.errors import ModelError, UsageError
from ptx_followup.files.storage import sha256_of_file
from ptx_followup.network.checkpoint import WEIGHTS, ModelConfig, save_model
from ptx_followup.network.config import PRESETS, NetworkConfig, TextEncoderReference
from ptx_followup.network.contextual import ContextualNet
from ptx_followup.network.encoder_files import find_encoder
from ptx_followup.network.preprocessing import Preprocessing

if TYPE_CHECKING:
    from torch import Tensor

#: Parameters of the authors' module that the network does not use.
UNUSED = ("lang_encoder.", "lang_attn.")
#: Wrappers that training frameworks put before every name.
WRAPPERS = re.compile(r"^(module\.|_orig_mod\.)+")

#: Their name (a pattern) and ours, for everything but the packed attention projections.
NAMES: tuple[tuple[str, str], ...] = (
    (r"inc\.double_conv\.(.+)", r"encoder.levels.0.layers.\1"),
    (r"down(\d)\.maxpool_conv\.1\.double_conv\.(.+)", r"encoder.levels.{0}.layers.\2"),
    (r"up(\d)\.up\.(.+)", r"decoder.{0}.up.\2"),
    (r"up_conv(\d)\.double_conv\.(.+)", r"decoder.{0}.conv.layers.\2"),
    (r"lang_proj(\d)\.(.+)", r"decoder.{0}.attention.project.\2"),
    (r"lang_attn(\d)\.multihead_attn\.out_proj\.(.+)", r"decoder.{0}.attention.out.\2"),
    (r"outc\.conv\.(.+)", r"head.conv.\1"),
)
PACKED = re.compile(r"lang_attn(\d)\.multihead_attn\.in_proj_(weight|bias)")


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Read a torch or safetensors file of tensors; nothing in it is executed.

    Raises:
        ModelError: It cannot be read, or holds anything but tensors.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            return dict(load_file(path))
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError, RuntimeError, UnpicklingError, EOFError, ValueError) as error:
        raise ModelError(
            f"{path.name} cannot be read as weights ({type(error).__name__})",
            "give a state dict saved by torch.save, or a safetensors file",
        ) from None
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not all(
        isinstance(value, torch.Tensor) for value in content.values()
    ):
        raise ModelError(
            f"{path.name} is not a state dict", "save it with torch.save(model.state_dict(), ...)"
        )
    return {str(key): value for key, value in content.items()}


def from_authors_names(source: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], NetworkConfig]:
    """Translate a state dict of the authors' ConTEXTual Net or U-Net baseline.

    Returns:
        A state dict of `ContextualNet`, and the configuration it belongs to.

    Raises:
        ModelError: A name is unknown, a parameter is missing, or a shape does not fit.
    """
    translated: dict[str, Tensor] = {}
    for key, value in source.items():
        name = WRAPPERS.sub("", key)
        if not name.startswith(UNUSED):
            translated |= _translate(name, value)
    config = _configuration(translated)
    _check(translated, config)
    return translated, config


def import_weights(path: Path, out: Path, text_encoder: str, image_size: int) -> ModelConfig:
    """Write a model folder from a state dict in the authors' names.

    Args:
        path: Torch or safetensors file.
        out: Model folder to write.
        text_encoder: Name or folder of the language model that the weights were trained with.
        image_size: Side of the square input, in pixels.

    Raises:
        ModelError: The weights cannot be read or do not fit, or the text encoder is not there.
        UsageError: The image size is not one that a network takes.
    """
    try:
        # The authors scale each image so that its brightest pixel is 255, and use no mean or deviation.
        preprocessing = Preprocessing(image_size=image_size, percentiles=(0, 100), output_range=(0, 255))
    except ValidationError as error:
        problem = error.errors()[0]["msg"].lower()
        raise UsageError(f"the image size does not fit: {problem}", "give one with --image-size") from None
    state, network = from_authors_names(read_state_dict(path))
    reference = None
    if network.text_dim is not None:
        encoder = find_encoder(text_encoder) / WEIGHTS
        reference = TextEncoderReference(name=text_encoder, sha256=sha256_of_file(encoder))
    config = ModelConfig(
        name="contextual-net" if reference else "unet",
        version="imported",
        task="pneumothorax",
        network=network,
        preprocessing=preprocessing,
        text_encoder=reference,
    )
    card = f"# {config.name}\n\nImported from the authors' parameter names. Research use only.\n"
    return save_model(out, state, config, card)


def _translate(name: str, value: Tensor) -> dict[str, Tensor]:
    if packed := PACKED.fullmatch(name):
        prefix = f"decoder.{int(packed[1]) - 1}.attention"
        parts = zip(("query", "key", "value"), value.chunk(3), strict=True)
        return {f"{prefix}.{part}.{packed[2]}": chunk.clone() for part, chunk in parts}
    for pattern, ours in NAMES:
        if match := re.fullmatch(pattern, name):
            # Decoder levels count from 0 here; the encoder's level 0 is `inc`, so `down1` is level 1.
            level = int(match[1]) - (0 if name.startswith("down") else 1) if "{0}" in ours else 0
            return {match.expand(ours.replace("{0}", str(level))): value}
    raise ModelError(f"the weights hold an unknown parameter {name!r}", "give a state dict of ConTEXTual Net")


def _configuration(translated: Mapping[str, Tensor]) -> NetworkConfig:
    projection = translated.get("decoder.0.attention.project.weight")
    if projection is None:
        return PRESETS["unet"]
    return PRESETS["contextual-net"].model_copy(update={"text_dim": int(projection.shape[1])})


def _check(translated: Mapping[str, Tensor], config: NetworkConfig) -> None:
    import torch

    with torch.device("meta"):
        expected = ContextualNet(config).state_dict()
    for name, parameter in expected.items():
        if name not in translated:
            raise ModelError(f"the weights lack {name!r}", "give a state dict of ConTEXTual Net")
        if translated[name].shape != parameter.shape:
            raise ModelError(
                f"{name!r} has shape {tuple(translated[name].shape)}, not {tuple(parameter.shape)}",
                "the weights belong to another architecture",
            )
