"""Two engines, one network: ONNX Runtime answers as PyTorch does, from the same file of weights."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from ptx_followup.anatomy.hemithoraces import LungFinder
from ptx_followup.errors import ModelError
from ptx_followup.files.storage import models_folder, names_on_board
from ptx_followup.network.checkpoint import load_config, load_model, save_model, verify
from ptx_followup.network.engine import Engine, open_model, probabilities
from ptx_followup.network.graphs import PARTS, graph_file
from ptx_followup.network.language import TextEncoder
from ptx_followup.network.onnx_engine import OnnxEngine
from ptx_followup.network.onnx_session import open_session, run
from ptx_followup.network.tokens import MAX_TOKENS, Tokens
from ptx_followup.network.torch_engine import TorchEngine

REPORTS = ("", "Small left apical pneumothorax.", "Right pneumothorax; no tension. " * 300)
SIZES = ((96, 96), (160, 96))
MOST_GRAPH_BYTES = 2_000_000


def torch_engine(name: str) -> TorchEngine:
    return TorchEngine(load_model(name).network, "cpu", "float32")


def inputs(
    height: int, width: int, text_dim: int | None, channels: int = 1
) -> tuple[np.ndarray, Tokens | None]:
    """Three images, and three embedded texts of different lengths."""
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (3, channels, height, width)).astype(np.float32)
    if text_dim is None:
        return images, None
    lengths = np.array([2, 9, 30])
    embeddings = rng.normal(size=(3, 30, text_dim)).astype(np.float32)
    return images, Tokens(embeddings, np.arange(30) < lengths[:, None])


def answer(engine: Engine, images: np.ndarray, rows: list[int], tokens: Tokens | None) -> np.ndarray:
    return engine.decode(engine.encode(images), rows, tokens)


@pytest.mark.parametrize("name", names_on_board())
@pytest.mark.parametrize("size", SIZES)
def test_both_engines_give_the_same_logits(name: str, size: tuple[int, int]) -> None:
    model = open_model(name)
    assert isinstance(model.engine, OnnxEngine)
    images, tokens = inputs(*size, model.config.network.text_dim, model.config.network.in_channels)
    rows = [2, 0, 2]  # one image under two texts
    expected = answer(torch_engine(name), images, rows, tokens)
    found = answer(model.engine, images, rows, tokens)
    assert found.dtype == np.float32
    assert found.shape == expected.shape == (3, model.config.network.out_channels, *size)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_an_answer_does_not_depend_on_its_company_by_a_bit() -> None:
    engine = open_model("contextual-lite").engine
    images, tokens = inputs(96, 96, 768, channels=2)
    assert tokens is not None
    together = answer(engine, images, [0, 1, 2], tokens)
    alone = answer(engine, images[1:2], [0], Tokens(tokens.of(1)[None], np.ones((1, 9), bool)))
    assert np.array_equal(together[1:2], alone)


def test_the_language_model_needs_no_pytorch_to_say_the_same() -> None:
    ours = open_model("contextual-lite").text_encoder
    assert ours is not None
    theirs = TextEncoder("minilm-l6", layers=(0, 6), disk_cache=False)
    for report in REPORTS:
        found, expected = (one.encode([report]).embeddings for one in (ours, theirs))
        assert ours.is_cut(report) == theirs.is_cut(report) == (found.shape[1] == MAX_TOKENS)
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_graphs_hold_no_weights() -> None:
    files = list(models_folder().glob("*/*.onnx"))
    assert sum(file.stat().st_size for file in files) < MOST_GRAPH_BYTES
    for file in files:
        graph = onnx.load(file, load_external_data=False).graph
        inside = [one for one in graph.initializer if one.data_location != TensorProto.EXTERNAL]
        assert (
            sum(int(np.prod(one.dims)) for one in inside) < 2000
        )  # constants, and the numbers of the tokens' places
        named = {
            entry.value for one in graph.initializer for entry in one.external_data if entry.key == "location"
        }
        assert named == {"model.safetensors"}


@pytest.fixture(scope="module")
def exported(untrained_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model as training writes it, with graphs."""
    from ptx_followup.network.export import export_model

    folder = tmp_path_factory.mktemp("exported") / "model"
    shutil.copytree(untrained_model, folder)
    export_model(str(folder))
    return folder


def test_a_model_without_graphs_runs_in_pytorch_until_they_are_made(
    untrained_model: Path, exported: Path
) -> None:
    slow, fast = open_model(str(untrained_model)), open_model(str(exported))
    assert slow.engine.name == f"torch {torch.__version__}"
    assert fast.engine.name.startswith("onnxruntime ")
    images, tokens = inputs(64, 128, 768)
    found, expected = (answer(one.engine, images, [0, 1, 2], tokens) for one in (fast, slow))
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_reduced_precision_is_for_pytorch(exported: Path) -> None:
    assert isinstance(open_model(str(exported), precision="bf16").engine, TorchEngine)


@pytest.mark.parametrize("part", PARTS)
def test_an_altered_or_missing_graph_is_refused(exported: Path, tmp_path: Path, part: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(exported, folder)
    file = folder / graph_file(part)
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(ModelError, match=rf"{part}\.onnx does not have the SHA-256"):
        verify(folder)
    file.unlink()
    with pytest.raises(ModelError, match=rf"{part}\.onnx is missing"):
        open_model(str(folder))


def test_new_weights_drop_the_graphs_of_the_old(exported: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(exported, folder)
    model = load_model(str(folder))
    assert model.config.graphs is not None
    save_model(folder, model.network.state_dict(), model.config, "# Again\n")
    assert load_config(folder).graphs is None
    assert not list(folder.glob("*.onnx"))


def test_a_graph_reads_no_file_outside_the_folder_of_its_weights(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(400))
    (tmp_path / "model").mkdir()
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    weight.dims.append(100)
    weight.external_data.add(key="location", value="../secret")
    with pytest.raises(ModelError, match="does not fit"):
        open_session(graph_of("Add", weight), tmp_path / "model")


def graph_of(operation: str, weight: TensorProto) -> bytes:
    """A graph of one operation between an input and a weight."""
    shape = [weight.dims[0]]
    graph = helper.make_graph(
        [helper.make_node(operation, ["x", "w"], ["y"])],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [weight],
    )
    opset = [helper.make_opsetid("", 20)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString()


@pytest.mark.parametrize("wished", ["1", "2"])
def test_numbers_too_small_to_be_fast_count_as_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wished: str
) -> None:
    """Whichever session of the process it is, whichever thread asks."""
    monkeypatch.setenv("OMP_NUM_THREADS", wished)
    half = helper.make_tensor("w", TensorProto.FLOAT, [2], [0.5, 0.5])
    tiny = np.array([np.finfo(np.float32).tiny, 1], np.float32)

    def answer() -> list[float]:
        (found,) = run(open_session(graph_of("Mul", half), tmp_path), {"x": tiny})
        return [float(value) for value in found]

    first = answer()
    with ThreadPoolExecutor() as pool:
        assert [first, *pool.map(lambda _: answer(), range(8))] == [[0.0, 0.5]] * 9


def test_what_a_network_cannot_take_is_raised(tmp_path: Path) -> None:
    half = helper.make_tensor("w", TensorProto.FLOAT, [2], [0.5, 0.5])
    session = open_session(graph_of("Mul", half), tmp_path)
    with pytest.raises(RuntimeError, match="x"):
        run(session, {"x": np.zeros(3, np.float32)})


def test_probabilities_of_extreme_logits() -> None:
    logits = np.array([-1e4, 0.0, 1e4], np.float32)
    assert probabilities(logits, 2.0).tolist() == pytest.approx([0.0, 0.5, 1.0], abs=1e-30)


def test_numbers_near_0_stay_what_they_are_outside_of_a_network() -> None:
    """ONNX Runtime leaves the thread that runs a session flushing them to 0; nothing else may run there."""
    LungFinder().find(np.zeros((64, 64), np.float32))
    assert np.float32(1e-39) * np.ones(1, np.float32) > 0
