"""Which rows need an emotion, and the table with those that were found: nothing else in it changes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from songscape.catalog.cleaning import as_own_texts, as_texts, clean, per_text, plain_series
from songscape.catalog.raw import RawTable, refuse_too_many, unique_names
from songscape.catalog.reading import alike, read_raw, source_names
from songscape.catalog.schema import match_columns
from songscape.catalog.sources import expand
from songscape.catalog.values import MISSING_TEXTS
from songscape.config import EmotionParams
from songscape.errors import InputError, ParameterError, did_you_mean
from songscape.lyrics.answer import Answer
from songscape.progress import Progress, silent

SCORE = "emotion_score"
"""The column that is added: how sure the model is, in [0, 1]; null where the emotion was there before."""

_NEW = "emotion"
_DIGITS = 4  # of a score: more than its worth, fewer than those that depend on the machine


@dataclass(frozen=True, slots=True)
class LyricsTable:
    """The rows of all files, one below the other, as they stand.

    Attributes
    ----------
    frame : polars.DataFrame
        All columns under their own names.
    emotion : str
        Name of the emotion column in `frame`.
    lyrics : polars.Series, str
        Null where a row has none.
    is_missing : polars.Series, bool
        Rows whose emotion shall be found.
    records : polars.Series or None
        The JSON objects as they stand, where all files are JSON Lines.
    rejects : list of (file, line, reason, raw)
        Rows that could not be taken apart: they are not in `frame`.
    """

    frame: pl.DataFrame
    emotion: str
    lyrics: pl.Series
    is_missing: pl.Series
    records: pl.Series | None = None
    rejects: list[tuple[str, int, str, str]] = field(default_factory=list)

    @property
    def asked(self) -> pl.Series:
        """The lyrics of the rows that can be filled; null in the others."""
        return pl.select(pl.when(self.is_missing).then(self.lyrics)).to_series()

    def found(self, answers: Mapping[str, Answer]) -> pl.DataFrame:
        """Return ``label``, ``score`` and ``is_cut`` of the rows that are filled; null in the others."""
        asked = self.asked
        return pl.DataFrame(
            {
                "label": per_text(asked, lambda text: answers[text].label, pl.String()),
                "score": per_text(asked, lambda text: round(answers[text].score, _DIGITS), pl.Float64()),
                "is_cut": per_text(asked, lambda text: answers[text].is_cut, pl.Boolean()),
            }
        )

    def filled(self, found: pl.DataFrame) -> pl.DataFrame:
        """Return the table with what was found in its lyrics."""
        emotions = pl.select(pl.coalesce(found["label"], self.frame[self.emotion])).to_series()
        scores = found["score"]
        if SCORE in self.frame.columns:
            scores = _joined(scores, self.frame[SCORE])
        return self.frame.with_columns(emotions.alias(self.emotion), scores.alias(SCORE))

    def json_lines(self, found: pl.DataFrame) -> Iterator[str] | None:
        """Return the JSON objects of the files with what was found, one a line; None where they are no such files."""
        if self.records is None:
            return None
        rows = zip(self.records, found["label"], found["score"], strict=True)
        return (_as_line(record, {self.emotion: label, SCORE: score}) for record, label, score in rows)


def _as_line(record: str, found: dict[str, Any]) -> str:
    """Return a JSON object with what was found, and null where nothing was and nothing stands."""
    old = json.loads(record)
    new = {name: old.get(name) if value is None else value for name, value in found.items()}
    return json.dumps(old | new, ensure_ascii=False)


def _joined(new: pl.Series, old: pl.Series) -> pl.Series:
    """Return new scores above those of an earlier run, in the form of these: numbers, or text as in CSV files."""
    if not old.dtype.is_numeric():
        new, old = new.cast(pl.String), as_own_texts(old)
    return pl.select(pl.coalesce(new, old)).to_series()


@dataclass(frozen=True, slots=True)
class _Part:
    """One file: its rows with an emotion column of text, named as in the first file that has one."""

    raw: RawTable
    frame: pl.DataFrame
    emotion: str | None
    lyrics: pl.Series
    is_missing: pl.Series


def read_lyrics(source: Any, params: EmotionParams, progress: Progress = silent) -> LyricsTable:
    """Read files or tables and find the rows without an emotion.

    What is missing is told by the cleaning of catalogs: blank cells, fillers, and labels outside the vocabulary on a
    handful of rows.

    Raises
    ------
    InputError
        If a source cannot be read, has no column of lyrics, or two columns for the emotion; one message for all.
    ParameterError
        If lyrics and emotions shall be one column.
    """
    if len({params.lyrics_column, params.emotion_column or _NEW, SCORE}) < 3:
        raise ParameterError(f"The columns of lyrics, of emotions and '{SCORE}' must be three. Name others.")
    items, problems = expand(source)
    parts: list[_Part] = []
    for position, (item, name) in enumerate(zip(items, source_names(items), strict=True)):
        try:
            parts.append(_read_part(item, name, params))
        except InputError as error:
            problems.append(str(error))
        progress("read", (position + 1) / len(items))
    if problems:
        raise InputError(" ".join(problems))
    return _stacked(parts, params)


def _read_part(item: Path | Any, name: str, params: EmotionParams) -> _Part:
    raw = read_raw(item, name)
    refuse_too_many(raw.headers, name)
    frame = raw.frame.select(pl.all())
    plain = len(set(raw.headers)) == len(raw.headers) and all(raw.headers)
    frame.columns = raw.headers if plain else unique_names(raw.headers)
    if params.lyrics_column not in frame.columns:
        raise InputError(_no_lyrics(raw.name, params.lyrics_column, frame.columns))
    header = _emotion_column(raw.name, frame.columns, params)
    texts = as_texts(plain_series(frame[params.lyrics_column])).str.strip_chars()
    lyrics = pl.select(pl.when(~texts.is_in(list(MISSING_TEXTS))).then(texts)).to_series()
    if header is None:
        return _Part(raw, frame, None, lyrics, pl.repeat(True, frame.height, eager=True))
    emotions = as_texts(plain_series(frame[header])).alias(header)
    known = clean({"emotion": emotions}, {"emotion": [header]}).columns["emotion"]
    is_missing = known.is_null() | (lyrics.is_not_null() & params.overwrite)
    return _Part(raw, frame.with_columns(emotions), header, lyrics, is_missing)


def _emotion_column(file: str, columns: list[str], params: EmotionParams) -> str | None:
    """Return the column that holds the emotions, if there is one."""
    if params.emotion_column is not None:
        return params.emotion_column if params.emotion_column in columns else None
    positions = match_columns(columns, {}).get("emotion", [])
    if len(positions) > 1:
        named = " and ".join(f"'{columns[position]}'" for position in positions)
        raise InputError(f"'{file}' has two columns for the emotion: {named}. Choose one with --emotion-column.")
    return columns[positions[0]] if positions else None


def _no_lyrics(file: str, wanted: str, columns: list[str]) -> str:
    listed = f" Columns: {', '.join(columns[:12])}{', …' if len(columns) > 12 else ''}."
    hint = did_you_mean(wanted, columns)
    return f"'{file}' has no column '{wanted}' with lyrics.{hint}{listed} Name it with --lyrics-column."


def _stacked(parts: list[_Part], params: EmotionParams) -> LyricsTable:
    """Return the rows of all files below each other, with one emotion column."""
    headers = [part.emotion for part in parts if part.emotion is not None]
    emotion = next(iter(headers), params.emotion_column or _NEW)
    frames = [
        part.frame.with_columns(pl.lit(None, pl.String()).alias(emotion))
        if part.emotion is None
        else part.frame.rename({part.emotion: emotion})
        for part in parts
    ]
    texts = [part.raw.texts for part in parts if part.raw.format == "json lines"]
    as_they_stand = len(texts) == len(parts) and set(headers) <= {emotion}
    return LyricsTable(
        pl.concat(alike(frames), how="diagonal"),
        emotion,
        pl.concat([part.lyrics.alias("lyrics") for part in parts]),
        pl.concat([part.is_missing.alias("is_missing") for part in parts]),
        pl.concat([text for text in texts if text is not None]) if as_they_stand else None,
        [(part.raw.name, *reject) for part in parts for reject in part.raw.rejects],
    )
