"""``songscape serve``: an atlas on this machine's own address, until Ctrl-C."""

import asyncio
import contextlib
import errno
import os
import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from songscape.atlas.loading import load_atlas
from songscape.atlas.record import Atlas
from songscape.errors import MissingExtraError, ParameterError, ServiceError, must_be
from songscape.parts.dataset import model_of
from songscape.parts.record import Parts, open_parts
from songscape.progress import Progress, silent

if TYPE_CHECKING:
    from uvicorn import Server

    from songscape.web.api.workers import Crew

_WAITING = 512  # connections that the system keeps until they are taken


def serve(
    atlas: Atlas | Parts | str | os.PathLike[str],
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    open_browser: bool = False,
    ready: Callable[[str], None] | None = None,
    progress: Progress = silent,
) -> None:
    """Serve an atlas to browsers: the map, with playlists and journeys over the whole catalog. Returns at Ctrl-C.

    Parameters
    ----------
    atlas : Atlas, Parts or path
        The atlas, or its folder; or that of its parts: then lists and searches go over all their tracks.
    host : str
        The address to listen on. By default only this machine can reach the server; ``0.0.0.0`` opens it to the
        network, without any password.
    port : int
        In [0, 65535]; 0 takes any free one.
    open_browser : bool
        Whether to open the page in the browser.
    ready : callable, optional
        Called with the page's address once the server answers.
    progress : callable, optional
        Called with the stage prepare and a fraction in [0, 1].

    Raises
    ------
    MissingExtraError
        If FastAPI and uvicorn are not installed.
    ServiceError
        If the port is taken, or the address is none of this machine's.
    AtlasError
        If the folder holds no atlas that can be read.
    ParameterError
        If `port` is out of range.

    Examples
    --------
    >>> import songscape
    >>> atlas = songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(300, random_state=0)))
    >>> songscape.serve(atlas, port=0, open_browser=True)  # doctest: +SKIP
    """
    if not isinstance(port, int) or not 0 <= port <= 65_535:
        raise ParameterError(must_be("port", "an int in [0, 65535]", port))
    _require_extra()
    from songscape.web.api.workers import Crew

    with contextlib.closing(_listen(host, port)) as listener:
        loaded = atlas if isinstance(atlas, Atlas | Parts) else _opened(Path(atlas))
        crew = Crew()
        server = _server(loaded, host, crew, progress)
        address = _address(host, listener)

        def started() -> None:
            if ready is not None:
                ready(address)
            if open_browser:
                webbrowser.open(address)

        try:
            _run(server, listener, started)
        finally:
            crew.close()


def _opened(folder: Path) -> Atlas | Parts:
    return load_atlas(folder) if model_of(folder) is None else open_parts(folder)


def _require_extra() -> None:
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            "The server needs FastAPI and uvicorn, which are not installed. Install them with"
            " `pip install 'songscape[server]'`, or open the map without a server: songscape export."
        ) from None


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that holds the address, before anything slow is done."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]") or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError):
        raise ServiceError(
            f"'{host}' is no address of this machine. Leave --host out, or name one that is."
        ) from None
    try:
        if os.name == "posix":  # elsewhere this would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_WAITING)
    except OSError as error:
        listener.close()
        raise ServiceError(_why(error, host, port)) from None
    return listener


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by another program. Choose another one: --port {port + 1}"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} on {host} may not be used by this user. Choose one from 1024 on: --port 8000"
    return f"'{host}' is no address of this machine ({error.strerror}). Leave --host out, or name one that is."


def _address(host: str, listener: socket.socket) -> str:
    """Return the address of the page as one types it."""
    name = host.strip("[]")
    if name in ("0.0.0.0", "::", ""):
        name = "localhost"
    return f"http://{f'[{name}]' if ':' in name else name}:{listener.getsockname()[1]}/"


def _server(atlas: Atlas | Parts, host: str, crew: "Crew", progress: Progress) -> "Server":
    from uvicorn import Config, Server

    from songscape.web.api.engine import Engine
    from songscape.web.api.guards import Hosts
    from songscape.web.api.parts_engine import PartsEngine
    from songscape.web.app import make_app

    engine = PartsEngine(atlas, progress=progress) if isinstance(atlas, Parts) else Engine(atlas, progress=progress)
    app = make_app(engine, Hosts(host), crew)
    return Server(
        Config(
            app,
            lifespan="off",
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=3,
        )
    )


def _run(server: "Server", listener: socket.socket, started: Callable[[], None]) -> None:
    """Run until Ctrl-C, which is how a server ends and no fault."""

    async def run() -> None:
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        told = False
        try:
            while not server.started and not serving.done():
                await asyncio.sleep(0.01)
            if server.started:
                await asyncio.to_thread(started)
            told = True
        finally:
            server.should_exit = server.should_exit or not told
            await serving

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())
