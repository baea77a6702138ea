"""Frozen text encoders."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from ptx_followup.errors import ModelError
from ptx_followup.network import language
from ptx_followup.network.encoder_files import find_encoder
from ptx_followup.network.language import TextEncoder


@pytest.fixture(scope="module")
def minilm() -> TextEncoder:
    return TextEncoder("minilm-l6", disk_cache=False)


def test_embeddings_are_those_of_transformers(minilm: TextEncoder) -> None:
    from transformers import AutoModel, AutoTokenizer

    folder = find_encoder("minilm-l6")
    text = "Small right apical pneumothorax."
    inputs = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    with torch.inference_mode():
        expected = AutoModel.from_pretrained(folder).eval()(**inputs).last_hidden_state[0]
    np.testing.assert_allclose(minilm.encode([text]).embeddings[0], expected, atol=1e-5, rtol=1e-4)


def test_layers_are_joined_for_each_token(minilm: TextEncoder) -> None:
    joined = TextEncoder("minilm-l6", layers=(0, 6), disk_cache=False)
    assert joined.dim == 2 * minilm.dim
    right, left = (joined.encode([f"{side} pneumothorax."]).embeddings[0] for side in ("Right", "Left"))
    np.testing.assert_allclose(right[:, minilm.dim :], minilm.encode(["Right pneumothorax."]).embeddings[0])
    # Word embeddings of the other words are the same in both reports; the last layer's are not.
    assert np.array_equal(right[2:, : minilm.dim], left[2:, : minilm.dim])
    assert not np.array_equal(right[2:, minilm.dim :], left[2:, minilm.dim :])
    with pytest.raises(ModelError, match="has layers 0 to 6"):
        TextEncoder("minilm-l6", layers=(7,), disk_cache=False)


def test_a_report_does_not_depend_on_its_batch(minilm: TextEncoder) -> None:
    short, long = "Left pneumothorax.", "No effusion. " * 30
    fresh = TextEncoder("minilm-l6", disk_cache=False)
    together, alone = fresh.encode([long, short, long]), minilm.encode([short])
    length = int(alone.mask.sum())
    assert int(together.mask[1].sum()) == length
    assert np.array_equal(together.embeddings[1, :length], alone.embeddings[0])


def test_an_empty_report_has_tokens(minilm: TextEncoder) -> None:
    tokens = minilm.encode([""])
    assert tokens.mask.sum() == 2
    assert tokens.embeddings.shape == (1, 2, minilm.dim)


def test_a_long_report_is_cut_and_said_to_be(minilm: TextEncoder) -> None:
    text = "No pneumothorax. " * 400
    assert minilm.is_cut(text)
    assert not minilm.is_cut("No pneumothorax.")
    assert minilm.encode([text]).mask.shape[1] == 512


def test_embeddings_are_read_back_from_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTX_HOME", str(tmp_path))
    first = TextEncoder("minilm-l6").encode(["Right pneumothorax."])
    second = TextEncoder("minilm-l6")
    monkeypatch.setattr(second, "_compute", lambda text: pytest.fail("computed again"))
    np.testing.assert_array_equal(second.encode(["Right pneumothorax."]).embeddings, first.embeddings)
    (file,) = tmp_path.rglob("*.npy")
    assert "pneumothorax" not in str(file)


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "file"))
    assert TextEncoder("minilm-l6").encode(["Right pneumothorax."]).mask.all()


def test_a_damaged_cache_entry_is_computed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTX_HOME", str(tmp_path))
    first = TextEncoder("minilm-l6").encode(["Right pneumothorax."])
    (file,) = tmp_path.rglob("*.npy")
    file.write_bytes(b"damaged")
    again = TextEncoder("minilm-l6").encode(["Right pneumothorax."])
    np.testing.assert_array_equal(again.embeddings, first.embeddings)


def test_the_model_is_freed_once_all_reports_are_encoded(
    minilm: TextEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTX_HOME", str(tmp_path))
    monkeypatch.setattr(language, "MEMORY_CACHE_SIZE", 1)  # so that most come back from disk
    encoder = TextEncoder("minilm-l6", disk_cache=False)
    texts = ["Right pneumothorax.", "Left pneumothorax.", ""]
    assert encoder.encode_ahead(texts)
    assert not encoder.holds_model
    for text in texts:
        again = encoder.encode([text]).embeddings
        np.testing.assert_array_equal(again, minilm.encode([text]).embeddings)
    assert not encoder.holds_model
    assert encoder.encode(["No effusion."]).mask.all()
    assert encoder.holds_model


def test_the_model_stays_where_embeddings_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "file"))
    encoder = TextEncoder("minilm-l6", disk_cache=False)
    assert not encoder.encode_ahead(["Right pneumothorax."])
    assert encoder.holds_model


def _small_model(kind: str, folder: Path) -> None:
    """A randomly initialised language model with MiniLM's tokenizer, in the transformers layout."""
    from transformers import AutoTokenizer, RobertaConfig, RobertaModel, T5Config, T5EncoderModel

    tokenizer = AutoTokenizer.from_pretrained(find_encoder("minilm-l6"))
    tokenizer.save_pretrained(folder)
    size = {"vocab_size": len(tokenizer)}
    if kind == "t5":
        config = T5Config(d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, **size)
        T5EncoderModel(config).save_pretrained(folder)
    else:
        config = RobertaConfig(
            hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, **size
        )
        RobertaModel(config).save_pretrained(folder)


@pytest.mark.parametrize("kind", ["t5", "roberta"])
def test_other_encoders_open_from_a_local_folder(kind: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    _small_model(kind, tmp_path)
    encoder = TextEncoder(str(tmp_path), disk_cache=False)
    tokens = encoder.encode(["Left apical pneumothorax.", ""])
    assert encoder.dim == 32
    assert tokens.embeddings.shape[2] == 32
    assert tokens.mask.sum(1).tolist()[1] >= 1
    assert not any(parameter.requires_grad for parameter in encoder._model._model.parameters())


def test_unknown_missing_and_incomplete_encoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="neither a folder nor a known name"):
        TextEncoder("no-such-encoder")
    with pytest.raises(ModelError, match=r"no model\.safetensors"):
        TextEncoder(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(ModelError, match="cannot be opened"):
        TextEncoder(str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="is not on this machine"):
        find_encoder("t5-large")


def test_an_altered_minilm_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ptx_followup.network.language.sha256_of_file", lambda path: "0" * 64)
    with pytest.raises(ModelError, match="differs from its public release"):
        TextEncoder("minilm-l6")
