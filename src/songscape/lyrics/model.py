"""Find and load a model: a local folder, or one of the Hugging Face hub; what is wrong with it is one message."""

import contextlib
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from songscape.errors import InputError, MissingExtraError, ParameterError

_TEXTS = ("*.json", "*.model", "*.txt")
_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")  # the first that a model has; the same in two formats


@dataclass(frozen=True, slots=True)
class Located:
    """A model that is on this machine, not loaded yet.

    Attributes
    ----------
    name : str
        What it was called: a folder, or a name on the hub.
    folder : Path
        Where its files lie.
    fingerprint : str
        The same for the same files: the sha256 of a folder's files, or name and commit on the hub.
    config : transformers.PretrainedConfig
    """

    name: str
    folder: Path
    fingerprint: str
    config: Any

    @property
    def is_sequence_classifier(self) -> bool:
        """Whether it has one output a class; else it writes its answer."""
        return any("SequenceClassification" in name for name in self.config.architectures or ())

    @property
    def classes(self) -> list[str]:
        """The classes of a sequence classifier, in the order of its outputs."""
        return [str(name).strip().lower() for _, name in sorted(self.config.id2label.items())]


def libraries() -> tuple[Any, Any]:
    """Return torch and transformers.

    Raises
    ------
    MissingExtraError
        If they are not installed.
    """
    try:
        import torch
        import transformers
    except ImportError as error:
        raise MissingExtraError(
            f"Emotions from lyrics need PyTorch and transformers, which are not installed ({error})."
            " Install them with `pip install 'songscape[lyrics]'`."
        ) from None
    return torch, transformers


def locate(name: str) -> Located:
    """Find a model and tell its files from others, without loading its weights.

    Raises
    ------
    InputError
        If there is none, or it is of a kind that cannot choose an emotion.
    MissingExtraError
        If the libraries are not installed.
    """
    _, transformers = libraries()
    folder = Path(name).expanduser()
    if folder.is_dir():
        fingerprint = _fingerprint(folder)
    else:
        folder = _fetched(name)
        fingerprint = f"{name}@{folder.name}"
    with _told(name), _quiet(transformers):
        config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=False)
    located = Located(name, folder, fingerprint, config)
    if not (located.is_sequence_classifier or config.is_encoder_decoder):
        raise InputError(
            f"The model '{name}' is a {config.model_type} that neither writes an answer nor has classes. A T5"
            " classifier is needed."
        )
    return located


def load(located: Located) -> tuple[Any, Any]:
    """Return the tokenizer and the model, with weights in float32.

    Raises
    ------
    InputError
        If the files do not make a model.
    """
    torch, transformers = libraries()
    kind = transformers.AutoModelForSeq2SeqLM
    if located.is_sequence_classifier:
        kind = transformers.AutoModelForSequenceClassification
    with _told(located.name), _quiet(transformers):
        tokenizer = transformers.AutoTokenizer.from_pretrained(located.folder, trust_remote_code=False)
        names = tokenizer.vocab_files_names.values()
        if not any((located.folder / name).is_file() for name in names):  # else it knows no words, and says nothing
            raise OSError(f"it has no tokenizer: neither of {', '.join(names)} is there")
        model, info = kind.from_pretrained(located.folder, trust_remote_code=False, output_loading_info=True)
    missing = sorted(info["missing_keys"])
    if missing:
        raise InputError(
            f"The model '{located.name}' lacks {len(missing)} of its weights, first {', '.join(missing[:3])}: it was"
            " made for something else. A T5 classifier is needed."
        )
    return tokenizer, model.to(torch.float32).eval()


def device_of(torch: Any, asked: str) -> str:
    """Return where a model runs: what was asked for, or an accelerator where there is one.

    Raises
    ------
    ParameterError
        If the machine has none of that kind.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if asked == "auto":
        return next(name for name, is_there in there.items() if is_there)
    if not there[asked]:
        usable = ", ".join(name for name, is_there in there.items() if is_there)
        raise ParameterError(f"PyTorch finds no device '{asked}' on this machine. There is: {usable}.")
    return asked


def _fingerprint(folder: Path) -> str:
    """Return the sha256 of the files of a folder, names and content; JSON that is cut short is told here."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.is_file():
            continue
        try:
            with path.open("rb") as stream:
                digest.update(f"{path.name}\0{hashlib.file_digest(stream, 'sha256').hexdigest()}\0".encode())
            if path.suffix == ".json":
                json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise InputError(
                f"The file '{path.name}' of the model in '{folder}' cannot be read: {error}. Fetch it again."
            ) from None
    return digest.hexdigest()


def _fetched(name: str) -> Path:
    """Return the folder of a model of the hub, whose name is the commit; what was fetched once needs no network."""
    from huggingface_hub import snapshot_download, utils

    silent = not sys.stderr.isatty() and not utils.are_progress_bars_disabled()
    if silent:
        utils.disable_progress_bars()
    try:
        folder = Path(snapshot_download(name, allow_patterns=[*_TEXTS, _WEIGHTS[0]]))
        if not any(folder.glob(_WEIGHTS[0])):
            folder = Path(snapshot_download(name, allow_patterns=[*_TEXTS, _WEIGHTS[1]]))
    except (OSError, ValueError) as error:
        raise InputError(
            f"There is no folder '{name}', and no model of that name could be fetched: {_reason(error)}. With a"
            f" network it is fetched once; without, run `hf download {name} --local-dir FOLDER` on a machine that has"
            " one, copy the folder here, and name it: --model FOLDER."
        ) from None
    finally:
        if silent:
            utils.enable_progress_bars()
    return folder


def _reason(error: Exception) -> str:
    """Return the first line of what a library says, which may go on for many."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn what the libraries say of files and formats into one message."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError) as error:
        raise InputError(
            f"'{name}' holds no model that can be used: {_reason(error)}. It must hold config.json, the weights and"
            " the files of the tokenizer, as `hf download NAME --local-dir FOLDER` fetches them."
        ) from None


@contextlib.contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """Keep the library's own notes and bars off the screen."""
    logging = transformers.utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
