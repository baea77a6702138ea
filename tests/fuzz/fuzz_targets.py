"""What hostile inputs are given to, and how each may answer: with a result, or with a listed exit code."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import fuzz_seeds
from fuzz_mutations import DICOM, TEXT, Mutation, mutate

from ptx_followup.dicom.parse import lenient_pydicom
from ptx_followup.errors import ExitCode, PtxError


@dataclass(frozen=True)
class Target:
    """One kind of input.

    Attributes:
        name: Of the kind.
        share: Of all cases.
        seeds: Gives good inputs, and may use a folder.
        mutations: What is done to them.
        read: Reads an input of a folder, as the program would.
        codes: Exit codes that a refusal may have.
    """

    name: str
    share: float
    seeds: Callable[[Path], Sequence[bytes]]
    mutations: Sequence[Mutation]
    read: Callable[[bytes, Path], object]
    codes: frozenset[ExitCode]


@dataclass(frozen=True)
class Outcome:
    """How a case ended: "read", or the exit code; and a problem, where it should not have ended so."""

    ended: str
    problem: str | None = None


def case(target: Target, seed: int, number: int, folder: Path) -> bytes:
    """The input of one case, always the same for its seed and number."""
    chance = random.Random(f"{target.name} {seed} {number}")
    seeds = target.seeds(folder)
    return mutate(chance.choice(seeds), target.mutations, chance, seeds)


def run(target: Target, content: bytes, folder: Path) -> Outcome:
    """Give an input to its reader."""
    try:
        target.read(content, folder)
    except PtxError as error:
        message = str(error)
        if error.exit_code not in target.codes:
            return Outcome(error.exit_code.name, f"exit code {error.exit_code}: {message}")
        if fuzz_seeds.CANARY in message or str(folder) in message:
            return Outcome(error.exit_code.name, f"a message that tells too much: {message}")
        if not (error.problem and error.hint) or "\n" in message:
            return Outcome(error.exit_code.name, f"not one line with a hint: {message!r}")
        if "crash" in message or "takes more than" in message:
            return Outcome("decoder ended")
        return Outcome(error.exit_code.name)
    except Exception as error:  # noqa: BLE001 - whatever else comes up is a find
        return Outcome("UNEXPECTED", f"{type(error).__name__}: {error}")
    return Outcome("read")


def _read_radiograph(content: bytes, folder: Path) -> object:
    from ptx_followup.radiograph.read import read_radiograph

    (folder / "case.dcm").write_bytes(content)
    image = read_radiograph(folder / "case.dcm")
    if not (image.pixels.min() >= 0 and image.pixels.max() <= 1):
        raise ValueError("pixels outside 0..1")
    return image


def _read_header(content: bytes, folder: Path) -> object:
    """As the objects of a study are told apart; of what is kept, everything is asked for."""
    from ptx_followup.files import contained
    from ptx_followup.files.limits import configured_limits
    from ptx_followup.pacs.queries import study_of
    from ptx_followup.radiograph.body_part import described_elsewhere
    from ptx_followup.radiograph.choice import rank_of
    from ptx_followup.radiograph.header import is_ours, read_header, read_header_in_child
    from ptx_followup.radiograph.view import read_view

    file = folder / "case.dcm"
    file.write_bytes(content)
    contained.call(read_header_in_child, file.name, configured_limits(), path=file)
    header = read_header(file)
    with lenient_pydicom():
        return (
            study_of(header),
            rank_of(header),
            is_ours(header),
            described_elsewhere(header),
            read_view(header, lateral_plane=False),
        )


def _read_capture(content: bytes, folder: Path) -> object:
    """As a panel is sent to an archive that takes no compressed objects."""
    from ptx_followup.pacs.plain import plain_copy

    (folder / "case.dcm").write_bytes(content)
    with plain_copy(folder / "case.dcm") as copy:
        return None if copy is None else copy.stat().st_size


def _read_report(content: bytes, folder: Path) -> object:
    from ptx_followup.report.findings import understand
    from ptx_followup.report.prompts import MODES, prompt
    from ptx_followup.report.text import decode_report

    report = understand(decode_report(content, "report.txt"))
    return [prompt(report, mode) for mode in MODES]


def _read_segmentation(content: bytes, folder: Path) -> object:
    from ptx_followup.masks.seg import read_segmentation

    (folder / "source.dcm").write_bytes(fuzz_seeds.segmentation_source())
    (folder / "case.dcm").write_bytes(content)
    mask = read_segmentation(folder / "case.dcm", folder / "source.dcm")
    if mask.shape != (80, 96):
        raise ValueError("a mask of another size than its image")
    return mask


def _read_table(content: bytes, folder: Path) -> object:
    from ptx_followup.data.layout import open_data_set

    root = folder / "set"
    shutil.rmtree(root, ignore_errors=True)
    head = content[:200].lower()
    name, place = "train-rle.csv", "images"
    if b"patient" in head:
        name = "index.csv"
    elif b"report" in head:
        name, place = "Pneumothorax_reports.csv", "dataset"
    (root / place).mkdir(parents=True)
    (root / "masks").mkdir()
    for image in ("1.2.3", "1.2.4"):
        (root / place / f"{image}.dcm").write_bytes(fuzz_seeds.segmentation_source())
    (root / name).write_bytes(content)
    data_set = open_data_set(root, tolerant=True)
    return [data_set.load_mask(one, data_set.load_image(one)) for one in data_set if one.annotations]


def _read_known_mask(content: bytes, folder: Path) -> object:
    """As `--prior-mask`, `--prior-hemithoraces`, `--previous` and as a data set's; each may refuse it."""
    from ptx_followup.data.files import read_mask
    from ptx_followup.dicom_objects.tracking import read_previous_result
    from ptx_followup.masks.hemithoraces import read_known_hemithoraces
    from ptx_followup.masks.read import read_mask as read_known_mask
    from ptx_followup.radiograph.read import read_radiograph

    (folder / "source.dcm").write_bytes(fuzz_seeds.segmentation_source())
    (folder / "case").write_bytes(content)
    # Its reader goes by the name.
    volume = folder / ("case.nii.gz" if content[:2] == b"\x1f\x8b" else "case.nii")
    volume.write_bytes(content)
    tried: list[Callable[[], object]] = [
        lambda: read_known_mask(volume, folder / "source.dcm", (80, 96)),
        lambda: read_known_hemithoraces(volume, read_radiograph(folder / "source.dcm")),
        lambda: read_previous_result(folder / "case"),
        lambda: read_mask(folder / "case"),
    ]
    return _first_of(tried)


def _first_of(readers: Sequence[Callable[[], object]]) -> object:
    """What the first reader gives that takes the input; the first refusal where none does."""
    refusals = []
    for read in readers:
        try:
            return read()
        except PtxError as error:
            refusals.append(error)
    raise refusals[0]


def _read_manifest(content: bytes, folder: Path) -> object:
    from ptx_followup.data.splits import load_split
    from ptx_followup.evaluation.tables import read_table
    from ptx_followup.pacs.nodes import load_configuration

    for name in ("split.json", "cases.csv", "pacs.toml"):
        (folder / name).write_bytes(content)
    return _first_of(
        [
            lambda: load_split(folder / "split.json", fuzz_seeds.listed_cases()),
            lambda: read_table(folder / "cases.csv"),
            lambda: load_configuration(folder / "pacs.toml"),
        ]
    )


def _read_settings(content: bytes, folder: Path) -> object:
    from ptx_followup.files.limits import _from_file
    from ptx_followup.training.config import load_training_config

    (folder / "case.toml").write_bytes(content)
    if b"_bytes" in content and b"[" not in content[:40]:
        _from_file.cache_clear()
        return _from_file(folder / "case.toml")
    return load_training_config(folder / "case.toml")


@cache
def _model_seeds(folder: Path) -> tuple[bytes, ...]:
    """config.json and the first kilobytes of the weights, joined by a zero byte."""
    import torch

    from ptx_followup.network.checkpoint import ModelConfig, save_model
    from ptx_followup.network.config import NetworkConfig
    from ptx_followup.network.contextual import ContextualNet
    from ptx_followup.network.preprocessing import Preprocessing

    torch.manual_seed(0)
    network = NetworkConfig(encoder="efficientnet-lite0", decoder_channels=(8, 8, 8, 8))
    config = ModelConfig(
        name="small",
        version="1",
        task="pneumothorax",
        network=network,
        preprocessing=Preprocessing(image_size=64),
    )
    save_model(folder / "whole", ContextualNet(network).state_dict(), config, "# small\n")
    weights = (folder / "whole" / "model.safetensors").read_bytes()
    header = 8 + int.from_bytes(weights[:8], "little")
    return ((folder / "whole" / "config.json").read_bytes() + b"\0" + weights[:header],)


def _read_model(content: bytes, folder: Path) -> object:
    """A model folder whose hash is right, as whoever means harm would see to."""
    from ptx_followup.network.checkpoint import load_model

    whole, model = folder / "whole", folder / "model"
    model.mkdir(exist_ok=True)
    config, _, header = content.partition(b"\0")
    tail = (whole / "model.safetensors").read_bytes()
    tail = tail[8 + int.from_bytes(tail[:8], "little") :]
    (model / "model.safetensors").write_bytes(header + tail)
    digest = hashlib.sha256(header + tail).hexdigest()
    known = json.loads((whole / "config.json").read_bytes())["weights_sha256"]
    (model / "config.json").write_bytes(config.replace(known.encode(), digest.encode()))
    return load_model(str(model))


_INPUT = frozenset({ExitCode.INPUT})

TARGETS = (
    Target(
        "radiograph",
        0.6,
        lambda folder: fuzz_seeds.radiographs(),
        DICOM,
        _read_radiograph,
        _INPUT | {ExitCode.GATE},
    ),
    Target("header", 0.1, lambda folder: fuzz_seeds.headers(), DICOM, _read_header, _INPUT),
    Target(
        "capture", 0.04, lambda folder: fuzz_seeds.captures(), DICOM, _read_capture, _INPUT | {ExitCode.GATE}
    ),
    Target("report", 0.14, lambda folder: fuzz_seeds.reports(), (*TEXT, *DICOM), _read_report, _INPUT),
    Target("segmentation", 0.1, fuzz_seeds.segmentations, DICOM, _read_segmentation, _INPUT),
    Target("table", 0.08, lambda folder: fuzz_seeds.tables(), TEXT, _read_table, _INPUT),
    Target(
        "settings",
        0.04,
        lambda folder: fuzz_seeds.settings(),
        TEXT,
        _read_settings,
        _INPUT | {ExitCode.USAGE},
    ),
    Target("mask", 0.06, fuzz_seeds.masks, DICOM, _read_known_mask, _INPUT),
    Target(
        "manifest",
        0.04,
        lambda folder: fuzz_seeds.manifests(),
        TEXT,
        _read_manifest,
        _INPUT | {ExitCode.USAGE},
    ),
    Target("model", 0.04, _model_seeds, TEXT, _read_model, frozenset({ExitCode.MODEL})),
)
