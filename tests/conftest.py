"""Fixtures for the whole suite."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ptx_followup.segmentation.segmenter import Segmenter

REAL_DATA = os.environ.get("PTX_REAL_DATA")
NO_REAL_DATA = "PTX_REAL_DATA does not name a folder of real radiographs (see docs/real-data.md)"
INTEGRATION_REQUIRED = os.environ.get("PTX_REQUIRE_INTEGRATION") == "1"

# Fixture files hold no doctests, and as modules they would all have one name.
collect_ignore_glob = ["*conftest.py"]

# No test reaches a model hub; huggingface_hub reads this once, when it is imported.
os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session", autouse=True)
def cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or fills the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PTX_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session", autouse=True)
def strict_dicom_writing() -> Iterator[None]:
    """What a test writes is legal DICOM, unless the test says otherwise."""
    from pydicom import config

    with pytest.MonkeyPatch.context() as settings:
        settings.setattr(config.settings, "writing_validation_mode", config.RAISE)
        yield


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real radiographs; the test is skipped where it is not available."""
    if not REAL_DATA or not Path(REAL_DATA).is_dir():
        pytest.skip(NO_REAL_DATA)
    return Path(REAL_DATA)


@pytest.fixture(scope="session")
def program() -> Callable[[str, str], str]:
    """`program(name, package)`: path of a program outside Python, or a skip that names its Debian package.

    For tests marked `integration`.
    """

    def find(name: str, package: str) -> str:
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"{name} is not installed (Debian package {package})")
        return path

    return find


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under PTX_REQUIRE_INTEGRATION=1 a skipped integration test fails, unless it lacks real data only."""
    report = yield
    if INTEGRATION_REQUIRED and report.skipped and item.get_closest_marker("integration"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if NO_REAL_DATA not in reason:
            report.outcome = "failed"
            report.longrepr = f"an integration test was skipped. {reason}"
    return report


@pytest.fixture(scope="session")
def untrained_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder as training writes it: the compact network at 64 x 64 with random weights."""
    import torch

    from ptx_followup.network.checkpoint import ModelConfig, Postprocessing, save_model
    from ptx_followup.network.config import PRESETS, TextEncoderReference
    from ptx_followup.network.contextual import ContextualNet
    from ptx_followup.network.language import MINILM_SHA256
    from ptx_followup.network.preprocessing import Preprocessing

    torch.manual_seed(0)
    config = ModelConfig(
        name="untrained",
        version="0.0.1",
        task="pneumothorax",
        network=PRESETS["contextual-lite"],
        preprocessing=Preprocessing(image_size=64),
        text_encoder=TextEncoderReference(name="minilm-l6", sha256=MINILM_SHA256, layers=(0, 6)),
        # Near the middle of what it answers: neither everything nor nothing is drawn.
        postprocessing=Postprocessing(threshold=0.475),
    )
    folder = tmp_path_factory.mktemp("models") / "untrained"
    save_model(folder, ContextualNet(config.network).state_dict(), config, "# Untrained\n")
    return folder


@pytest.fixture(scope="session")
def hemithorax_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with random weights that reads reports, and looks at one hemithorax at a time."""
    import torch

    from ptx_followup.network.checkpoint import ModelConfig, Postprocessing, save_model
    from ptx_followup.network.config import NetworkConfig, TextEncoderReference
    from ptx_followup.network.contextual import ContextualNet
    from ptx_followup.network.language import MINILM_SHA256
    from ptx_followup.network.preprocessing import Preprocessing

    torch.manual_seed(0)
    config = ModelConfig(
        name="hemithorax",
        version="0.0.1",
        task="pneumothorax",
        network=NetworkConfig(
            encoder="efficientnet-lite0",
            decoder_channels=(16, 16, 8, 8),
            in_channels=2,
            encoder_normalised=True,
            text_dim=768,
            gate="1+tanh",
            normalise=True,
            position=True,
        ),
        preprocessing=Preprocessing(view="hemithorax", image_size=(96, 64)),
        text_encoder=TextEncoderReference(name="minilm-l6", sha256=MINILM_SHA256, layers=(0, 6)),
        postprocessing=Postprocessing(threshold=0.5),
    )
    place = tmp_path_factory.mktemp("models") / "hemithorax"
    save_model(place, ContextualNet(config.network).state_dict(), config, "# Random\n")
    return place


@pytest.fixture(scope="session")
def segmenter(untrained_model: Path) -> Segmenter:
    """A loaded segmenter that draws something, wherever that may be."""
    from ptx_followup.segmentation.segmenter import Segmenter

    return Segmenter(str(untrained_model))
