"""The command ``songscape serve``."""

from pathlib import Path
from typing import Annotated

import typer

from songscape.cli.options import Threads, limit_threads

_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


def serve(
    atlas: Annotated[
        Path,
        typer.Argument(
            metavar="ATLAS",
            help="The folder of an atlas; or of its parts, ATLAS.parts, for lists and searches of all tracks.",
            show_default=False,
        ),
    ],
    *,
    port: Annotated[int, typer.Option("--port", metavar="INT", help="Port; 0: any free one.")] = 8000,
    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="ADDRESS",
            help="Address to listen on. By default only this machine can reach it; 0.0.0.0 opens it to the network,"
            " without a password.",
        ),
    ] = "127.0.0.1",
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    threads: Threads = None,
) -> None:
    """Serve the map to the browser, with playlists and journeys over the whole catalog, until Ctrl-C."""
    limit_threads(threads)
    from songscape.cli.screen import bars
    from songscape.cli.sources import tell_of_parts
    from songscape.threads import use_threads
    from songscape.web.serving import serve as serve_atlas

    def tell(address: str) -> None:
        typer.echo(f"Songscape: {address}\nCtrl-C ends it.")
        if host not in _LOOPBACK:
            typer.echo("Whoever reaches this machine can use it; there is no password.", err=True)

    tell_of_parts(atlas)
    with use_threads(threads), bars() as progress:
        serve_atlas(atlas, host=host, port=port, open_browser=open_page, ready=tell, progress=progress)
