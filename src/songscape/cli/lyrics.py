"""`songscape emotions`: missing emotions of a catalog, found in its lyrics."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from songscape.cli.options import Json, Threads, limit_threads
from songscape.cli.screen import bars
from songscape.wording import counted, number

if TYPE_CHECKING:
    from songscape.lyrics import FilledEmotions


def emotions(
    source: Annotated[list[str], typer.Argument(metavar="FILES", help="Catalog files with lyrics, as for build.")],
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Where all rows go, with the emotions that were found: .csv, .tsv, .parquet or .jsonl.",
        ),
    ],
    cache: Annotated[
        Path | None,
        typer.Option(
            "--cache",
            metavar="FILE",
            help="What the model said of each text, so that none is asked twice;"
            " default: beside the output, as FILE.emotions-cache.sqlite.",
        ),
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
    **flags: Any,
) -> None:
    """Fill in missing emotions from lyrics with a T5 classifier; a run that was stopped goes on where it was."""
    limit_threads(threads)
    from songscape.config import EmotionParams
    from songscape.lyrics import fill_emotions
    from songscape.threads import use_threads

    params = EmotionParams(**{name: value for name, value in flags.items() if value is not None and value != []})
    with use_threads(threads), bars() as progress:
        done = fill_emotions(source, out, params, cache=cache, progress=progress)
    if as_json:
        typer.echo(json.dumps(done.as_dict(), indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(_lines(done, params.max_tokens)))


def _lines(done: "FilledEmotions", max_tokens: int) -> Iterator[str]:
    yield f"Read    {counted(done.table.height, 'row')}; {number(done.kept)} keep their emotion"
    if not done.rejects.is_empty():
        first = done.rejects.row(0, named=True)
        yield (
            f"Left    {counted(done.rejects.height, 'row')} out that cannot be read, first line {first['line']} of"
            f" {first['file']}: {first['reason']}"
        )
    told = ", ".join(f"{number(count)} {label}" for label, count in done.filled.items())
    yield f"Filled  {counted(sum(done.filled.values()), 'row')}{f': {told}' if told else ''}"
    if done.without_lyrics:
        yield f"Missing {counted(done.without_lyrics, 'row')} without lyrics: no emotion"
    if done.cut:
        yield f"Cut     the lyrics of {counted(done.cut, 'row')} to {number(max_tokens)} tokens"
    where = f" on {done.device}" if done.device else ""
    yield f"Asked   {done.model} for {counted(done.asked, 'text')}{where}; {number(done.remembered)} known already"
    yield f"Wrote   {done.path} in {done.seconds:.1f} s"
