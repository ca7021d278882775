"""`fill_emotions`: tables with lyrics → the same tables with the emotions that were missing."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from songscape.catalog.record import REJECTS_SCHEMA
from songscape.catalog.schema import EMOTIONS
from songscape.catalog.sources import expand
from songscape.config import EmotionParams
from songscape.lyrics.answer import Answer
from songscape.lyrics.cache import open_cache, question_of
from songscape.lyrics.classifier import Classifier, labels_of
from songscape.lyrics.model import locate
from songscape.lyrics.table import LyricsTable, read_lyrics
from songscape.lyrics.writing import check_target, write_table
from songscape.progress import Progress, silent

_CHARACTERS = 4  # of a token, about: what a text costs follows from it


@dataclass(frozen=True, slots=True)
class FilledEmotions:
    """A table whose emotions were filled in, and where they came from.

    Attributes
    ----------
    table : polars.DataFrame
        The rows of all files as they stood, with the emotions that were found, and ``emotion_score``: how sure the
        model is of them, in [0, 1]; null where the emotion was there before.
    filled : dict of str to int
        Rows that were filled, by label, the most frequent first.
    kept : int
        Rows whose emotion was there before.
    without_lyrics : int
        Rows without an emotion that have no lyrics: they stay as they are.
    cut : int
        Rows that were filled from the beginning of their lyrics, which were longer than ``max_tokens``.
    asked, remembered : int
        Different texts that the model read, and that the cache knew.
    rejects : polars.DataFrame
        Rows that could not be taken apart, with ``file``, ``line``, ``reason`` and ``raw``; they are not in `table`.
    model : str
        Name or folder of the model.
    device : str or None
        Where it ran; None if nothing was asked.
    path : Path or None
        The file that was written.
    seconds : float
    """

    table: pl.DataFrame
    filled: dict[str, int]
    kept: int
    without_lyrics: int
    cut: int
    asked: int
    remembered: int
    rejects: pl.DataFrame = field(repr=False)
    model: str
    device: str | None
    path: Path | None
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as plain data."""
        return {
            "rows": self.table.height,
            "filled": self.filled,
            "kept": self.kept,
            "without_lyrics": self.without_lyrics,
            "cut": self.cut,
            "asked": self.asked,
            "remembered": self.remembered,
            "rejected": self.rejects.height,
            "model": self.model,
            "device": self.device,
            "out": None if self.path is None else str(self.path),
            "seconds": round(self.seconds, 3),
        }


def fill_emotions(
    source: Any,
    out: str | os.PathLike[str] | None = None,
    params: EmotionParams | None = None,
    *,
    cache: str | os.PathLike[str] | None = None,
    progress: Progress = silent,
) -> FilledEmotions:
    """Fill in missing emotions from lyrics, with a T5 classifier.

    Parameters
    ----------
    source : path, pattern, table, or list of these
        As for `songscape.read_catalog`; no audio features are needed. Emotions are missing where a catalog's cleaning
        would clear them: blank cells, fillers, labels outside the vocabulary on a handful of rows.
    out : path, optional
        The file to write: ``.csv``, ``.tsv``, ``.parquet`` or ``.jsonl``. Its folder is made if need be.
    params : EmotionParams, optional
        Columns, model, labels, and how it is asked.
    cache : path, optional
        A file that keeps what the model says of each text, so that a run that was stopped goes on, and none is asked
        twice; by default beside `out`, as ``out.csv.emotions-cache.sqlite``. Without `out` nothing is kept.
    progress : callable, optional
        Called with read, model, emotions, and a fraction in [0, 1].

    Returns
    -------
    FilledEmotions
        All columns as they were, emotions in their own or a new one, and ``emotion_score``.

    Raises
    ------
    InputError
        If a file cannot be read, has no lyrics, or cannot be written; if the model or the cache cannot be used.
    ParameterError
        If a parameter is outside its range.
    MissingExtraError
        If something is to be asked and ``songscape[lyrics]`` is not installed.

    Examples
    --------
    >>> table = pl.DataFrame({"text": ["la la la", None], "emotion": ["joy", None]})
    >>> done = fill_emotions(table)  # nothing is missing that has lyrics, so no model is needed
    >>> done.kept, done.without_lyrics, done.table.columns
    (1, 1, ['text', 'emotion', 'emotion_score'])
    """
    start = time.perf_counter()
    params = params or EmotionParams()
    files = [item for item in expand(source)[0] if isinstance(item, Path)]
    target = None if out is None else check_target(out, files)
    table = read_lyrics(source, params, progress)
    texts = table.asked.drop_nulls().unique(maintain_order=True).to_list()
    answers, n_asked, device = _answers(texts, params, _cache_path(cache, target), progress)
    found = table.found(answers)
    filled = table.filled(found)
    if target is not None:
        write_table(filled, table.json_lines(found), target)
    return FilledEmotions(
        table=filled,
        **_counts(table, found),
        asked=n_asked,
        remembered=len(texts) - n_asked,
        rejects=pl.DataFrame(table.rejects, schema=REJECTS_SCHEMA, orient="row"),
        model=params.model,
        device=device,
        path=target,
        seconds=time.perf_counter() - start,
    )


def _counts(table: LyricsTable, found: pl.DataFrame) -> dict[str, Any]:
    """Return what became of the rows: each is counted as filled, kept, or without lyrics."""
    n_filled = found["label"].count()
    return {
        "filled": _by_label(found["label"]),
        "kept": int((~table.is_missing).sum()),
        "without_lyrics": int(table.is_missing.sum()) - n_filled,
        "cut": int(found["is_cut"].sum()),
    }


def _cache_path(cache: str | os.PathLike[str] | None, target: Path | None) -> Path | None:
    if cache is not None:
        return Path(cache)
    return None if target is None else target.with_name(f"{target.name}.emotions-cache.sqlite")


def _by_label(labels: pl.Series) -> dict[str, int]:
    counted = labels.drop_nulls().value_counts(sort=True, name="n")
    return dict(sorted(counted.iter_rows(), key=lambda one: (-one[1], one[0])))


def _answers(
    texts: list[str], params: EmotionParams, path: Path | None, progress: Progress
) -> tuple[dict[str, Answer], int, str | None]:
    """Return what is known or found of each text, how many were asked, and where the model ran."""
    if not texts:
        return {}, 0, None
    located = locate(params.model)
    labels = labels_of(located, params.labels, EMOTIONS)
    question = question_of(located.fingerprint, labels, params.max_tokens, params.prefix)
    with open_cache(path, question, labels) as kept:
        answers = {text: answer for text in texts if (answer := kept.find(text)) is not None}
        new = [text for text in texts if text not in answers]
        if not new:
            return answers, 0, None
        progress("model", 0.0)
        classifier = Classifier(located, labels, params)
        progress("model", 1.0)
        for found in _ask(classifier, new, params, progress):
            kept.keep(found)
            answers |= found
    return answers, len(new), classifier.device


def _ask(
    classifier: Classifier, texts: list[str], params: EmotionParams, progress: Progress
) -> Iterator[dict[str, Answer]]:
    """Ask batch by batch, texts of like length together, the longest first: what does not fit shows at once."""
    ordered = sorted(texts, key=len, reverse=True)
    costs = [min(len(text), _CHARACTERS * params.max_tokens) for text in ordered]
    done, total = 0, sum(costs)
    for first in range(0, len(ordered), params.batch_size):
        batch = ordered[first : first + params.batch_size]
        yield dict(zip(batch, classifier(batch), strict=True))
        done += sum(costs[first : first + params.batch_size])
        progress("emotions", done / total)
