"""Commands that make playlists: ``songscape playlist``, ``journey``, ``reorder``, ``similar``."""

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from songscape.cli.options import Json
from songscape.config import Params
from songscape.errors import ParameterError

if TYPE_CHECKING:
    from songscape.atlas.playlists import Playlist

NOT_FOR_ORDER = (
    *("like", "like_files", "unlike", "groups", "emotions", "target", "mixture", "weights", "variety"),
    *("length", "minutes", "per_artist", "popularity_mix", "new_artists", "include"),
)
"""Fields of a request that mean nothing for a list that is only put in order."""

AtlasFolder = Annotated[Path, typer.Argument(metavar="ATLAS", help="The folder of an atlas.", show_default=False)]
Source = Annotated[
    Path,
    typer.Argument(
        metavar="ATLAS",
        help="The folder of an atlas; or of its parts, ATLAS.parts, for lists of all their tracks.",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Also write the playlist: .m3u8 .xspf .jspf .csv .json .txt .uris .links, or a folder.",
        show_default=False,
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="WORD",
        help="Print the playlist in a format instead: m3u8, xspf, jspf, csv, json, text, uris, links;"
        " with --out the format of that file.",
        show_default=False,
    ),
]
RequestFile = Annotated[
    Path | None,
    typer.Option("--request", metavar="FILE", help="TOML or JSON file of a request; flags win over it."),
]


def playlist(
    atlas: Source,
    *,
    request: RequestFile = None,
    out: Out = None,
    form: Format = None,
    as_json: Json = False,
    **flags: Any,
) -> None:
    """Build a playlist from tracks, a group, a mood or a filter, in a good order, with reasons."""
    from songscape.cli.requests import read_request
    from songscape.cli.sources import open_source
    from songscape.playlist.request import PlaylistRequest

    asked = read_request(PlaylistRequest, request, flags)
    asked.require_something()
    _show(open_source(atlas).playlist(asked), out, form, as_json)


def journey(
    atlas: Source,
    *,
    request: RequestFile = None,
    out: Out = None,
    form: Format = None,
    as_json: Json = False,
    **flags: Any,
) -> None:
    """Plan a journey from one track to another, in equal and smooth steps."""
    from songscape.cli.requests import read_request
    from songscape.cli.sources import open_source
    from songscape.playlist.request import JourneyRequest

    asked = read_request(JourneyRequest, request, flags)
    _show(open_source(atlas).journey(asked), out, form, as_json)


def reorder(
    atlas: Source,
    tracks: Annotated[Path, typer.Argument(metavar="FILE", help="A playlist file.", show_default=False)],
    *,
    request: RequestFile = None,
    out: Out = None,
    form: Format = None,
    as_json: Json = False,
    **flags: Any,
) -> None:
    """Find the best order of a playlist, its worst transition, and tracks that would mend it."""
    from songscape.cli.requests import read_request
    from songscape.cli.sources import open_source
    from songscape.playlist.request import PlaylistRequest

    given = flags if request else {"smoothness": "1"} | {k: v for k, v in flags.items() if v}
    asked = read_request(PlaylistRequest, request, given)
    _show(open_source(atlas).reorder(tracks, request=asked), out, form, as_json)


def similar(
    atlas: Source,
    track: Annotated[str, typer.Argument(help="A track: 'Artist - Title', its id, or row:123.", show_default=False)],
    *,
    length: Annotated[int, typer.Option("--length", "-n", metavar="INT", help="How many tracks.")] = 10,
    out: Out = None,
    form: Format = None,
    as_json: Json = False,
) -> None:
    """Show the tracks most like one, with reasons."""
    from songscape.atlas.playlists.building import require_count
    from songscape.cli.sources import open_source

    require_count(length, "length")
    _show(open_source(atlas).similar(track, n=length), out, form, as_json)


def learn(
    atlas: AtlasFolder,
    *,
    playlists: Annotated[
        Path, typer.Option("--playlists", metavar="FILE", help="Playlists: a table, a folder of files, or one file.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where it goes; name it with --learned later.")
    ] = Path("learned.npz"),
) -> None:
    """Learn from playlists how much each part of the score counts, and what stands together."""
    from songscape.atlas.loading import load_atlas
    from songscape.atlas.playlists import learn_weights
    from songscape.cli.screen import bars

    with bars() as progress:
        learned = learn_weights(load_atlas(atlas), playlists, progress=progress)
    learned.save(out)
    told = ", ".join(f"{name} {value:.2f}" for name, value in dict(learned.weights).items())
    beside = "with what stands together" if learned.company else "too few for what stands together"
    typer.echo(f"Learned from {learned.n_playlists} playlists, {beside}.\nWeights: {told}.\nWritten: {out}")


def push(
    tracks: Annotated[Path, typer.Argument(metavar="FILE", help="A playlist file.", show_default=False)],
    *,
    public: Annotated[
        bool, typer.Option("--public", help="Make a public playlist; by default a private one.")
    ] = False,
    send: Annotated[bool, typer.Option("--send", help="Do it; without this only say what would be done.")] = False,
) -> None:
    """Make a playlist in your Spotify account: with --send; without it, say what would be done."""
    from songscape.playlist import spotify
    from songscape.playlist.formats import read_playlist

    plan = spotify.plan_push(read_playlist(tracks), public=public)
    if not send:
        typer.echo("\n".join([*plan.lines(), "Nothing was sent. Add --send to do it."]))
        return
    done = spotify.push(plan, spotify.connect(public=public))
    left = f" {len(done.left_out)} without a Spotify id were left out." if done.left_out else ""
    typer.echo(f"{done.link}: {done.n_added} tracks.{left}")


def _show(found: "Playlist", out: Path | None, form: str | None, as_json: bool) -> None:
    """Write the playlist where that is asked for, and print it: as JSON, in a format, or to be read."""
    from songscape.cli.playlist_lines import playlist_lines
    from songscape.playlist.formats import render

    if as_json and form and out is None:
        raise ParameterError("Both --json and --format were given. Ask for one of them.")
    written = found.save(out, form) if out is not None else None
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    elif form and written is None:
        typer.echo(render(found.as_file(), form), nl=False)
    else:
        typer.echo("\n".join(playlist_lines(found)))
        if written is not None:
            typer.echo(f"\nWritten: {written}")


def with_request_flags(command: Callable[..., None], model: type[Params], *without: str) -> Callable[..., None]:
    """Return a command with one flag per field of a request in the place of ``**flags``, `without` some."""
    from songscape.cli.requests import request_parameters

    signature = inspect.signature(command)
    fixed = [parameter for parameter in signature.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
    parameters = [*fixed, *(one for one in request_parameters(model) if one.name not in without)]
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": None}
    return command
