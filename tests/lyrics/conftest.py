"""A model to ask that has really learned something; nothing goes out."""

import os
from collections.abc import Iterator
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # read when the library is imported, which only tests do

import pytest
from tiny_t5 import make_model, train

from songscape.threads import use_threads


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for each other are slow where other tests run beside these."""
    with use_threads(1):
        yield


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> Path:
    """The folder of a T5 that has learned what words belong to what emotion."""
    folder = tmp_path_factory.mktemp("models") / "t5-tiny"
    tokenizer, made = make_model(folder)
    train(tokenizer, made)
    made.save_pretrained(folder)
    return folder


@pytest.fixture
def asked(monkeypatch) -> list[list[str]]:
    """The batches that models are asked."""
    from songscape.lyrics.classifier import Classifier

    batches: list[list[str]] = []
    ask = Classifier.__call__

    def counted(self, texts):
        batches.append(list(texts))
        return ask(self, texts)

    monkeypatch.setattr(Classifier, "__call__", counted)
    return batches
