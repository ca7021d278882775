"""Models are found and loaded; what is wrong with one is a message."""

import builtins
import json
import shutil

import pytest
from tiny_t5 import make_model

from songscape.errors import InputError, MissingExtraError, ParameterError
from songscape.lyrics.model import device_of, libraries, load, locate


@pytest.fixture
def copy(model, tmp_path):
    return shutil.copytree(model, tmp_path / "copy")


def test_a_folder(model):
    located = locate(str(model))
    assert (located.name, located.folder, located.is_sequence_classifier) == (str(model), model, False)
    tokenizer, loaded = load(located)
    assert tokenizer("tears")["input_ids"][-1] == tokenizer.eos_token_id == 1
    assert not loaded.training


def test_the_fingerprint_is_that_of_the_files(model, copy):
    first = locate(str(model)).fingerprint
    assert locate(str(copy)).fingerprint == first
    (copy / ".cache").mkdir()
    (copy / ".lock").touch()
    assert locate(str(copy)).fingerprint == first
    with (copy / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"x")
    assert locate(str(copy)).fingerprint != first


def test_weights_of_half_precision_are_computed_with_in_full(copy):
    import torch
    import transformers

    transformers.T5ForConditionalGeneration.from_pretrained(copy).to(torch.bfloat16).save_pretrained(copy)
    _, loaded = load(locate(str(copy)))
    assert {weight.dtype for weight in loaded.parameters()} == {torch.float32}


def test_the_library_is_as_loud_as_before(model, capfd):
    from transformers.utils import logging

    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    load(locate(str(model)))
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
    assert capfd.readouterr() == ("", "")


def test_a_model_of_the_hub_that_was_fetched_before(model, tmp_path, monkeypatch):
    """As the hub's cache lies on the disk; without a network its files are read."""
    from huggingface_hub import constants

    commit = "0123456789abcdef0123456789abcdef01234567"
    folder = tmp_path / "models--someone--t5-tiny"
    shutil.copytree(model, folder / "snapshots" / commit)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(commit)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    found = locate("someone/t5-tiny")
    assert found.fingerprint == f"someone/t5-tiny@{commit}"
    assert found.folder == folder / "snapshots" / commit
    _, loaded = load(found)
    assert loaded.config.is_encoder_decoder


@pytest.mark.parametrize("name", ["someone/no-such-model", "no/such/folder", "./nowhere", "what is this?"])
def test_no_model_of_that_name(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        InputError, match=r"There is no folder '.*', and no model .* could be fetched: .*--model FOLDER"
    ):
        locate(name)


def test_a_folder_without_a_model(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(
        InputError, match=r"holds no model that can be used: .* It must hold config.json, the weights"
    ):
        locate(str(tmp_path))


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "spiece.model"])
def test_a_file_of_the_model_is_missing(copy, file):
    (copy / file).unlink()
    with pytest.raises(InputError, match="holds no model that can be used"):
        load(locate(str(copy)))


def test_weights_that_were_never_fetched(copy):
    """What `git clone` leaves in their place."""
    (copy / "model.safetensors").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 900\n" * 9
    )
    with pytest.raises(InputError, match="holds no model that can be used"):
        load(locate(str(copy)))


def test_a_json_file_that_is_cut_short(copy):
    config = copy / "config.json"
    config.write_text(config.read_text()[:40])
    with pytest.raises(
        InputError, match=r"The file 'config.json' of the model in .* cannot be read: .*Fetch it again"
    ):
        locate(str(copy))


def test_weights_of_something_else(copy):
    """An encoder alone writes nothing: the rest would be drawn at random."""
    import transformers

    config = transformers.T5Config.from_pretrained(copy)
    encoder = transformers.T5EncoderModel(config)
    text = (copy / "config.json").read_text()
    encoder.save_pretrained(copy)
    (copy / "config.json").write_text(text)
    with pytest.raises(InputError, match=r"lacks \d+ of its weights, first decoder\..* A T5 classifier is needed"):
        load(locate(str(copy)))


def test_weights_of_another_size(copy):
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"d_ff": 32}))
    with pytest.raises(InputError, match="holds no model that can be used"):
        load(locate(str(copy)))


def test_a_model_of_another_kind(copy):
    import transformers

    transformers.BertConfig(architectures=["BertModel"]).save_pretrained(copy)
    with pytest.raises(InputError, match="is a bert that neither writes an answer nor has classes"):
        locate(str(copy))


def test_classes_of_a_sequence_classifier(tmp_path):
    make_model(tmp_path / "t5", "T5ForSequenceClassification", id2label={0: "Joy", 1: "fear", 2: " Love"})
    located = locate(str(tmp_path / "t5"))
    assert located.is_sequence_classifier
    assert located.classes == ["joy", "fear", "love"]


@pytest.mark.parametrize("library", ["torch", "transformers"])
def test_without_the_extra(library, monkeypatch):
    importing = builtins.__import__

    def refuse(name, *rest):
        if name.partition(".")[0] == library:
            raise ImportError(f"No module named '{library}'")
        return importing(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(
        MissingExtraError, match=rf"\(No module named '{library}'\).*pip install 'songscape\[lyrics\]'"
    ):
        libraries()


class Torch:
    """A torch that finds the accelerators it is told of."""

    def __init__(self, cuda=False, mps=False):
        self.cuda = type("cuda", (), {"is_available": staticmethod(lambda: cuda)})
        mps_there = type("mps", (), {"is_available": staticmethod(lambda: mps)})
        self.backends = type("backends", (), {"mps": mps_there})


def test_the_device():
    assert device_of(Torch(), "auto") == "cpu"
    assert device_of(Torch(mps=True), "auto") == "mps"
    assert device_of(Torch(cuda=True, mps=True), "auto") == "cuda"
    assert device_of(Torch(cuda=True), "cpu") == "cpu"
    with pytest.raises(ParameterError, match=r"PyTorch finds no device 'mps' on this machine. There is: cuda, cpu"):
        device_of(Torch(cuda=True), "mps")
