"""The routes of the live server, and nothing else: what they answer is made in `songscape.web.api`."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Path, Query, Request, Response
from pydantic import BeforeValidator, ConfigDict

from songscape import __version__
from songscape.threads import side_by_side
from songscape.web.api.answers import BINARY, Kept, fresh, json_bytes, made
from songscape.web.api.bodies import MAX_TRACKS, ORDER, Body, JourneyBody, PlaylistBody, ReorderBody
from songscape.web.api.engine import MAX_FOUND, MAX_NEIGHBORS, Engine
from songscape.web.api.errors import add_error_handlers, told
from songscape.web.api.guards import MAX_BODY, Guard, Hosts
from songscape.web.api.schemas import AtlasFacts, Found, Groups, Listing, Neighbors, ShownTracks, Track
from songscape.web.api.workers import Crew
from songscape.web.packing import atlas_facts, group_cards, pack_points, pack_text
from songscape.web.page import LIVE_POLICY, live_page, static_files

_TYPES = {
    "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml", "png": "image/png", "json": "application/json", "woff2": "font/woff2",
}  # fmt: skip


def _digits(text: Any) -> Any:
    """Refuse what Python takes for a whole number and no one else does: ``1_0``, ``+1``, ``1.0``, other digits."""
    if isinstance(text, str) and not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise ValueError("A whole number is needed.")
    return text


Row = Annotated[
    int, Path(ge=0, le=2**31 - 1, description="A row of tracks.parquet, from 0."), BeforeValidator(_digits)
]


class SearchQuery(Body):
    """What to search for."""

    model_config = ConfigDict(strict=False)

    q: Annotated[str, Query(min_length=1, max_length=200, description="Words of title and artist, as one types.")]
    limit: Annotated[int, Query(ge=1, le=MAX_FOUND, description="Most results."), BeforeValidator(_digits)] = 20


class NeighborQuery(Body):
    """How many neighbors."""

    model_config = ConfigDict(strict=False)

    n: Annotated[int, Query(ge=1, le=MAX_NEIGHBORS, description="Most neighbors."), BeforeValidator(_digits)] = 10


class RowsQuery(Body):
    """Which tracks."""

    model_config = ConfigDict(strict=False)

    rows: Annotated[
        str,
        Query(pattern=r"^[0-9]{1,10}(,[0-9]{1,10}){0,299}$", description="At most 300 rows, with commas between."),
    ]

    def listed(self) -> list[int]:
        """Return the rows as numbers, each once."""
        return list(dict.fromkeys(map(int, self.rows.split(","))))


def make_app(engine: Engine, hosts: Hosts, crew: Crew | None = None) -> Guard:
    """Return the ASGI app that serves an atlas.

    Parameters
    ----------
    engine : Engine
    hosts : Hosts
        The names that it answers under.
    crew : Crew, optional
        Who works for it; whoever gives one closes it.
    """
    crew = crew or Crew()
    app = FastAPI(
        title="Songscape",
        version=__version__,
        summary="An atlas of a music catalog: map, groups, neighbors, playlists.",
        openapi_url=None,
        docs_url=None,  # its pages load scripts from a network
        redoc_url=None,
        redirect_slashes=False,
    )
    add_error_handlers(app)
    app.include_router(_readings(engine, crew))
    app.include_router(_tellings(engine, crew))
    app.include_router(_makings(engine, crew))
    _add_page(app)
    _add_kept(app, "/api/openapi.json", Kept.of(json_bytes(app.openapi())))
    return Guard(app, hosts, LIVE_POLICY)


def _readings(engine: Engine, crew: Crew) -> APIRouter:
    """Return the routes that read the atlas."""
    api = APIRouter(prefix="/api", tags=["atlas"])
    limits = {"length": MAX_TRACKS, "search": MAX_FOUND, "neighbors": MAX_NEIGHBORS, "body": MAX_BODY}
    beside = {"limits": limits, "n_parts_tracks": engine.n_parts_tracks}
    facts = Kept.of(json_bytes({**atlas_facts(engine.atlas), **beside}))
    cards = Kept.of(json_bytes(group_cards(engine.atlas)))
    points, text = side_by_side(
        lambda: Kept.of(pack_points(engine.atlas), BINARY), lambda: Kept.of(pack_text(engine.atlas), BINARY)
    )
    buffer: dict[int | str, dict[str, Any]] = {
        200: {"content": {BINARY: {"schema": {"type": "string", "format": "binary"}}}}
    }

    @api.get("/atlas", responses={200: {"model": AtlasFacts}})
    async def atlas(request: Request) -> Response:
        """Tell what the atlas holds, in numbers, and the limits of this server."""
        return facts.answer(request)

    @api.get("/points", responses=buffer, response_class=Response)
    async def points_buffer(request: Request) -> Response:
        """Send the points of the map with what they are colored and filtered by, as one buffer."""
        return points.answer(request)

    @api.get("/text", responses=buffer, response_class=Response)
    async def text_buffer(request: Request) -> Response:
        """Send titles, artists, ids and albums, as one buffer."""
        return text.answer(request)

    @api.get("/groups", responses={200: {"model": Groups}})
    async def groups(request: Request) -> Response:
        """Tell the groups at each scale."""
        return cards.answer(request)

    @api.get("/search", responses={200: {"model": Found}, **told(422, 503)})
    async def search(request: Request, query: Annotated[SearchQuery, Query()]) -> Response:
        """Find tracks by title and artist: any script, accents ignored, a typo tolerated."""
        return fresh(request, await crew.searches.run(lambda: engine.search(query.q, query.limit)))

    @api.get("/neighbors/{row}", responses={200: {"model": Neighbors}, **told(404, 422, 503)})
    async def neighbors(request: Request, row: Row, query: Annotated[NeighborQuery, Query()]) -> Response:
        """Tell the nearest other songs in feature space, of the whole catalog."""
        if query.n <= engine.n_near:  # is at hand
            return fresh(request, engine.neighbors(row, query.n))
        return fresh(request, await crew.searches.run(lambda: engine.neighbors(row, query.n)))

    return api


def _tellings(engine: Engine, crew: Crew) -> APIRouter:
    """Return the routes that tell of single tracks."""
    api = APIRouter(prefix="/api", tags=["atlas"])

    @api.get("/tracks/{row}", responses={200: {"model": Track}, **told(404, 422, 503)})
    async def track(request: Request, row: Row) -> Response:
        """Tell a track, its memberships in groups, other versions of its song."""
        if engine.n_parts_tracks is None:  # is at hand
            return fresh(request, engine.track(row))
        return fresh(request, await crew.searches.run(lambda: engine.track(row)))

    @api.get("/tracks", responses={200: {"model": ShownTracks}, **told(404, 422, 503)})
    async def tracks(request: Request, query: Annotated[RowsQuery, Query()]) -> Response:
        """Tell what the page shows of tracks of a partitioned atlas that are not on its map."""
        return fresh(request, await crew.searches.run(lambda: engine.tracks(query.listed())))

    return api


def _makings(engine: Engine, crew: Crew) -> APIRouter:
    """Return the routes that make lists."""
    api = APIRouter(prefix="/api", tags=["lists"], responses=told(400, 404, 409, 413, 415, 422, 503))

    async def listing(request: Request, make: Callable[[], dict[str, Any]]) -> Response:
        return made(request, await crew.lists.run(make))

    @api.post("/playlists", responses={200: {"model": Listing}})
    async def playlists(request: Request, body: PlaylistBody) -> Response:  # type: ignore[valid-type]
        """Build a playlist."""
        return await listing(request, lambda: engine.playlist(body.told()))  # type: ignore[attr-defined]

    @api.post("/journeys", responses={200: {"model": Listing}})
    async def journeys(request: Request, body: JourneyBody) -> Response:  # type: ignore[valid-type]
        """Plan a journey from one track to another."""
        return await listing(request, lambda: engine.journey(body.told()))  # type: ignore[attr-defined]

    @api.post("/reorder", responses={200: {"model": Listing}})
    async def reorder(request: Request, body: ReorderBody) -> Response:
        """Put tracks in the best order, and find others that would mend its worst transition."""
        how = {**ORDER, **(body.request.told() if body.request else {})}
        return await listing(request, lambda: engine.reorder(body.tracks, how, body.mends))

    return api


def _add_page(app: FastAPI) -> None:
    """Serve the page and its files from memory: no address leads to the disk."""
    _add_kept(app, "/", Kept.of(live_page().encode("utf-8"), _TYPES["html"]))
    for name, data in static_files().items():
        _add_kept(app, f"/{name}", Kept.of(data, _TYPES.get(name.rpartition(".")[2], "text/plain; charset=utf-8")))


def _add_kept(app: FastAPI, path: str, kept: Kept) -> None:
    async def send(request: Request) -> Response:
        return kept.answer(request)

    app.add_api_route(path, send, methods=["GET"], include_in_schema=False)
