"""What the routes answer, held against the atlas itself."""

import gzip
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import songscape
from songscape.web.api.engine import Engine
from songscape.web.packing import group_cards, pack_points, pack_text

STEADY = ("/", "/api/atlas", "/api/points", "/api/text", "/api/groups", "/api/openapi.json")
MADE = ("/api/tracks/3", "/api/neighbors/3", "/api/search?q=love")


def test_the_atlas_in_numbers(client, atlas):
    found = client.get("/api/atlas").json()
    assert (found["n_tracks"], found["n_songs"]) == (len(atlas.catalog), len(atlas.songs))
    assert found["songscape_version"] == songscape.__version__
    assert found["limits"] == {"length": 500, "search": 100, "neighbors": 100, "body": 512 * 1024}


def test_buffers_are_what_packing_makes(client, atlas):
    for path, data in (("/api/points", pack_points(atlas)), ("/api/text", pack_text(atlas))):
        answer = client.get(path)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.content == data


def test_groups_are_the_cards(client, atlas):
    assert client.get("/api/groups").json() == json.loads(json.dumps(group_cards(atlas)))


@pytest.mark.parametrize("row", [0, 7, 699])
def test_a_track(client, atlas, row):
    found = client.get(f"/api/tracks/{row}").json()
    known = atlas.catalog.tracks.row(row, named=True)
    for name in ("id", "title", "artists", "album", "year", "emotion"):
        assert found[name] == known[name]
    assert found["row"] == row
    song = atlas.song_of[row]
    assert [one["row"] for one in found["versions"]] == [r for r in np.flatnonzero(atlas.song_of == song) if r != row]
    for scale in ("coarse", "middle", "fine"):
        groups = atlas.groups.scale(scale)
        inside = slice(groups.indptr[song], groups.indptr[song + 1])
        members = dict(zip(groups.members[inside].tolist(), groups.weights[inside].tolist(), strict=True))
        told = {one["group"]: one["strength"] for one in found["memberships"][scale]}
        assert told == pytest.approx(members, abs=1e-4)
        strengths = [one["strength"] for one in found["memberships"][scale]]
        assert strengths == sorted(strengths, reverse=True)


def test_versions_of_a_song_name_each_other(client, atlas):
    families = atlas.song_of
    row = int(np.flatnonzero(np.bincount(families)[families] > 1)[0])
    versions = client.get(f"/api/tracks/{row}").json()["versions"]
    assert versions
    for version in versions:
        others = client.get(f"/api/tracks/{version['row']}").json()["versions"]
        assert row in [other["row"] for other in others]


def test_neighbors_are_those_of_the_graph(client, atlas):
    found = client.get("/api/neighbors/12?n=4").json()
    assert [one["row"] for one in found["neighbors"]] == atlas.neighbors.indices[12, :4].tolist()
    assert [one["distance"] for one in found["neighbors"]] == pytest.approx(
        atlas.neighbors.distances[12, :4], abs=1e-5
    )


def test_more_neighbors_than_the_atlas_holds_are_looked_for(client, atlas):
    """The first of a hundred are those of the graph; all are the nearest, by a search through all songs."""
    points = atlas.features.X[atlas.songs].astype(np.float64)
    for row in range(0, 700, 37):
        found = client.get(f"/api/neighbors/{row}?n=100").json()["neighbors"]
        song = atlas.song_of[row]
        far = np.sqrt(((points - points[song]) ** 2).sum(axis=1))
        far[song] = np.inf
        assert [one["row"] for one in found][: atlas.neighbors.k] == atlas.neighbors.indices[row].tolist()
        assert len({one["row"] for one in found}) == 100
        assert [one["distance"] for one in found] == pytest.approx(np.sort(far)[:100], abs=1e-4)
        assert [one["distance"] for one in found] == pytest.approx(
            far[atlas.song_of[[one["row"] for one in found]]], abs=1e-4
        )


def test_search_finds_titles_of_any_kind(client, atlas):
    for query, row in (("script alert", 0), ("グリズリー", 7), ("елка", 8), ("etc passwd", 9)):
        found = client.get("/api/search", params={"q": query, "limit": 5}).json()
        assert found["query"] == query
        assert found["results"][0]["row"] == row
    assert client.get("/api/search", params={"q": "qqqqzzzz"}).json()["results"] == []


def test_a_playlist_is_that_of_the_library(client, atlas):
    told = {"like": ["row:40"], "length": 8, "where": "year >= 1950", "arc": {"energy": "rising"}}
    answer = client.post("/api/playlists", json=told)
    assert answer.status_code == 200
    expected = songscape.build_playlist(atlas, songscape.PlaylistRequest(**told)).as_dict()
    assert answer.json() == json.loads(json.dumps(expected))
    assert answer.headers["cache-control"] == "no-store"


def test_names_may_carry_weights(client):
    told = {"like": {"row:40": 2.0, "row:41": 0.5}, "length": 5, "places": {"1": "row:50"}, "years": [1900, None]}
    found = client.post("/api/playlists", json=told).json()
    assert found["tracks"][0]["row"] == 50
    assert found["request"]["like"] == {"row:40": 2.0, "row:41": 0.5}


def test_a_journey_is_that_of_the_library(client, atlas):
    told = {"start": "row:30", "end": "row:600", "via": ["row:200"], "length": 9}
    expected = songscape.plan_journey(atlas, songscape.JourneyRequest(**told)).as_dict()
    assert client.post("/api/journeys", json=told).json() == json.loads(json.dumps(expected))


def test_an_order_is_that_of_the_library(client, atlas):
    tracks = [f"row:{row}" for row in range(40, 52)]
    found = client.post("/api/reorder", json={"tracks": tracks, "mends": 3}).json()
    expected = songscape.reorder_playlist(atlas, tracks, n_mends=3).as_dict()
    assert found == json.loads(json.dumps(expected))
    assert len(found["mends"]) <= 3
    fixed = client.post("/api/reorder", json={"tracks": tracks, "request": {"places": {"1": "row:45"}}}).json()
    assert fixed["tracks"][0]["row"] == 45
    assert fixed["request"]["smoothness"] == 1.0


def test_hostile_titles_come_as_they_are(client, atlas):
    for row in range(12):
        answer = client.get(f"/api/tracks/{row}")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.json()["title"] == atlas.catalog.tracks["title"][row]
    rows = [f"row:{row}" for row in range(12)]
    ordered = client.post("/api/reorder", json={"tracks": rows}).json()
    assert sorted(track["row"] for track in ordered["tracks"]) == list(range(12))


@pytest.mark.parametrize("path", [*STEADY, *MADE])
def test_what_a_client_has_is_not_sent_again(client, path):
    first = client.get(path)
    tag = first.headers["etag"]
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-cache"
    for told in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = client.get(path, headers={"If-None-Match": told})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", [*STEADY, *MADE])
def test_head_is_get_without_the_body(client, path):
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == whole.headers
    assert client.head("/api/playlists").status_code == 405


def test_tags_differ_where_answers_do(client):
    tags = [client.get(path).headers["etag"] for path in (*STEADY, *MADE, "/api/tracks/4", "/api/search?q=lovely")]
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("path", ["/api/points", "/api/groups", "/api/search?q=o&limit=100"])
def test_gzip_where_it_is_taken(client, path):
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with client.stream("GET", path, headers={"Accept-Encoding": "br, gzip;q=0.8"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(packed) < len(plain.content)
    assert gzip.decompress(packed) == plain.content
    assert plain.headers["vary"] == answer.headers["vary"] == "Accept-Encoding"
    assert plain.headers["etag"] == answer.headers["etag"]


def test_what_is_small_is_not_packed(client):
    assert "content-encoding" not in client.get("/api/neighbors/1?n=1").headers


def test_every_answer_forbids_what_the_page_does_not_need(client):
    for answer in (client.get("/"), client.get("/api/nothing"), client.post("/api/playlists", json={})):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "http" not in policy.replace("https://open.spotify.com", "")
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers


def test_the_page_and_its_files_come_from_memory(client):
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "main.js" in page.text
    assert client.get("/main.js").headers["content-type"] == "text/javascript; charset=utf-8"
    assert client.get("/style.css").headers["content-type"] == "text/css; charset=utf-8"


def test_many_clients_get_what_one_gets(atlas):
    """Everything that is made at first use is there before the first client: an engine that nobody asked yet."""
    engine = Engine(atlas)
    rows = list(range(20, 36))
    gate = threading.Barrier(len(rows))

    def ask(row: int) -> tuple[object, ...]:
        gate.wait()
        told = {"like": [f"row:{row}"], "length": 6}
        made = engine.playlist(told), engine.journey({"start": f"row:{row}", "end": "row:500", "length": 5})
        return (*made, engine.search("love so", 5), engine.track(row), engine.neighbors(row, 5))

    with ThreadPoolExecutor(len(rows)) as pool:
        together = list(pool.map(ask, rows))
    gate = threading.Barrier(1)
    assert together == [ask(row) for row in rows]


def test_nothing_is_left_to_be_made_at_first_use(atlas):
    """A client never waits for what could have been prepared: asking adds no property that is computed once."""
    engine = Engine(atlas)
    lazy = (engine._library, engine._library.finder, engine._library.pricing)
    before = [set(getattr(part, "__dict__", ())) for part in lazy]
    engine.playlist({"like": [engine._library.finder.name(20)], "length": 5})
    engine.reorder([f"row:{row}" for row in range(20, 30)], {}, 3)
    engine.journey({"start": "row:20", "end": "row:30", "length": 5})
    assert [set(getattr(part, "__dict__", ())) for part in lazy] == before
