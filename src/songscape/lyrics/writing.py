"""The filled table as a file: CSV, TSV, Parquet or JSON Lines by its ending, whole or not there at all."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import polars as pl

from songscape.disk import system_errors, writing
from songscape.errors import InputError, ParameterError, must_be


def check_target(path: str | os.PathLike[str], sources: Iterable[Path]) -> Path:
    """Return the file to write, once it is clear that it may be written; its folder is made.

    Raises
    ------
    ParameterError
        If the name has another ending than those that are written.
    InputError
        If it is a folder or one of the files that are read, or no file can be written there.
    """
    target = Path(path)
    if target.suffix.lower() not in _WRITERS:
        raise ParameterError(must_be("out", f"a file name that ends in {', '.join(_WRITERS)}", str(target)))
    if target.is_dir():
        raise InputError(f"'{target}' is a folder. Name a file in it.")
    if target.exists() and any(source.exists() and source.samefile(target) for source in sources):
        raise InputError(f"'{target}' is read here, and would be overwritten. Choose another name with -o.")
    with writing("The table", target, _ELSEWHERE):
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = _aside(target)
        aside.touch()
        aside.unlink()
    return target


def write_table(table: pl.DataFrame, lines: Iterator[str] | None, target: Path) -> None:
    """Write a table aside, wait for the disk, rename.

    Parameters
    ----------
    table : polars.DataFrame
    lines : iterator of str or None
        The same as JSON objects, for a file that ends in ``.jsonl``; None: made of the table.
    target : Path
        The file; an old one is replaced.

    Raises
    ------
    InputError
        If it cannot be written, or holds what the format cannot.
    ResourceError
        If the disk is full.
    """
    ending = target.suffix.lower()
    aside = _aside(target)
    with writing("The table", target, _ELSEWHERE, kept="what the model said is kept"):
        try:
            with system_errors():
                if ending == ".jsonl" and lines is not None:
                    _write_lines(lines, aside)
                else:
                    _WRITERS[ending](table, aside)
            with aside.open("rb") as stream:
                os.fsync(stream.fileno())
            aside.replace(target.resolve())  # a link keeps pointing where it does
        except pl.exceptions.PolarsError as error:
            told = str(error).splitlines()[0]
            raise InputError(
                f"'{target}' cannot hold this table ({told}). Choose another format: {', '.join(_WRITERS)}."
            ) from None
        finally:
            aside.unlink(missing_ok=True)


def _aside(target: Path) -> Path:
    """Return where a file is written until it is whole."""
    place = target.resolve()
    return place.with_name(f".{place.name}.{os.getpid()}.part")


def _write_lines(lines: Iterator[str], path: Path) -> None:
    # Half a surrogate pair, which JSON can hold and UTF-8 cannot, becomes the escape that it was.
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
        stream.writelines(f"{line}\n" for line in lines)


def _write_csv(table: pl.DataFrame, path: Path) -> None:
    _flat(table).write_csv(path)


def _write_tsv(table: pl.DataFrame, path: Path) -> None:
    _flat(table).write_csv(path, separator="\t")


def _write_parquet(table: pl.DataFrame, path: Path) -> None:
    table.write_parquet(path)


def _write_jsonl(table: pl.DataFrame, path: Path) -> None:
    table.write_ndjson(path)


_ELSEWHERE = "Choose another place with -o."
_WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    ".csv": _write_csv,
    ".tsv": _write_tsv,
    ".parquet": _write_parquet,
    ".jsonl": _write_jsonl,
}


def _flat(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table whose lists and records are JSON text."""
    return table.with_columns(_as_json(column) for column in table if column.dtype.is_nested())


def _as_json(column: pl.Series) -> pl.Series:
    texts = [
        None if value is None else json.dumps(value, ensure_ascii=False, default=str) for value in column.to_list()
    ]
    return pl.Series(column.name, texts, dtype=pl.String)
