"""Parts as commands and the server ask them: numbers of the page, messages, damage."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import cdist
from starlette.testclient import TestClient
from typer.testing import CliRunner

import songscape
from songscape.cli.app import app
from songscape.errors import AtlasError
from songscape.features import apply_features
from songscape.parts.dataset import parts_folder
from songscape.parts.searching import nearest_songs
from songscape.parts.table import ROW
from songscape.web.api.guards import Hosts
from songscape.web.api.parts_engine import PartsEngine
from songscape.web.api.schemas import Listing, Neighbors, ShownTracks, Track
from songscape.web.app import make_app


@pytest.fixture(scope="module")
def engine(parts):
    return PartsEngine(parts)


@pytest.fixture(scope="module")
def client(engine):
    return TestClient(make_app(engine, Hosts("127.0.0.1")), base_url="http://127.0.0.1:8000")


@pytest.fixture(scope="module")
def off_map(parts):
    """A track that the model does not have, in the last part: its row over all parts, and its number on the page."""
    row = max(set(range(len(parts) - 1)) - set(parts.model_rows.tolist()))
    return row, len(parts.model.catalog) + row


def asked(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_commands_make_the_lists_that_python_makes(folder, parts, tmp_path):
    found = asked(
        "playlist", parts_folder(folder), "--like", "row:750", "--where", "energy > 0.2", "--length", 4, "--json"
    )
    request = songscape.PlaylistRequest(like=["row:750"], where="energy > 0.2", length=4)
    assert json.loads(found.stdout) == parts.playlist(request).as_dict()
    found = asked("similar", parts_folder(folder), "row:750", "-n", 3, "--json")
    assert json.loads(found.stdout) == parts.similar("row:750", n=3).as_dict()
    file = tmp_path / "way.csv"
    found = asked("journey", parts_folder(folder), "--from", "row:3", "--to", "row:750", "--length", 4, "-o", file)
    assert found.exit_code == 0
    ordered = asked("reorder", parts_folder(folder), file, "--json")
    assert len(json.loads(ordered.stdout)["tracks"]) == 4


def test_the_model_tells_that_there_are_parts(folder):
    found = asked("similar", folder, "row:3", "-n", 2)
    assert f"This atlas is a sample of 800 tracks. All of them can be asked: {parts_folder(folder)}/" in found.stderr
    assert asked("similar", parts_folder(folder), "row:3", "-n", 2).stderr == ""


def test_tracks_have_the_number_of_their_point_or_one_behind_all_points(client, parts, tracks, off_map):
    n = len(parts.model.catalog)
    facts = client.get("/api/atlas").json()
    assert (facts["n_tracks"], facts["n_parts_tracks"]) == (n, 800)
    row, number = off_map
    told = client.get(f"/api/tracks/{number}").json()
    Track.model_validate(told)
    assert (told["row"], told["title"]) == (number, tracks["title"][row])
    on_map = client.get("/api/tracks/5").json()
    assert on_map["title"] == parts.model.catalog.tracks["title"][5]
    assert client.get(f"/api/tracks/{n + 800}").status_code == 404


def test_what_the_page_shows_of_a_track_that_is_not_on_the_map(client, tracks, off_map, parts):
    row, number = off_map
    told = client.get(f"/api/tracks?rows={number},7").json()
    ShownTracks.model_validate(told)
    one = told["tracks"][0]
    assert one["title"] == tracks["title"][row]
    assert one["values"]["energy"] == tracks["energy"][row]
    name = (
        parts.model.cards["coarse"][one["groups"]["coarse"]]["name"] if one["groups"]["coarse"] is not None else None
    )
    assert name == tracks["group_coarse"][row]
    low, high = (float(getattr(parts.model.embedding[:, 0], what)()) for what in ("min", "max"))
    middle, span = (low + high) / 2, np.ptp(parts.model.embedding, axis=0).max()
    assert one["x"] == pytest.approx((np.clip((tracks["x"][row] - middle) / span + 0.5, 0, 1)) * 65_535, abs=2)
    assert client.get("/api/tracks?rows=1,x").status_code == 422


def test_a_search_goes_over_all_parts(client, parts, tracks, off_map):
    row, number = off_map
    words = " ".join([tracks["title"][row][:4], tracks["artists"][row][0].split()[-1]])
    found = client.get("/api/search", params={"q": words, "limit": 100}).json()["results"]
    met = [client.get(f"/api/tracks/{hit['row']}").json() for hit in found]
    wanted = client.get(f"/api/tracks/{number}").json()
    assert any(one["row"] == number or number in [other["row"] for other in one["versions"]] for one in met), wanted
    artist = tracks["artists"].list.first().value_counts(sort=True).drop_nulls()["artists"][0]
    found = client.get("/api/search", params={"q": artist, "limit": 100}).json()["results"]
    titles = tracks.filter(pl.col("artists").list.first() == artist)["title"].drop_nulls()
    assert len(found) >= titles.str.split(" - ").list.first().n_unique() > 3  # each song once, none left out
    assert client.get("/api/search?q=qqqqqqzzzz").json()["results"] == []
    assert client.get("/api/search?q=%20!").json()["results"] == []


def test_lists_come_from_all_parts_with_the_numbers_of_the_page(client, parts, tracks, off_map):
    row, number = off_map
    n = len(parts.model.catalog)
    answer = client.post("/api/playlists", json={"like": [f"row:{number}", "row:3"], "length": 6}).json()
    Listing.model_validate(answer)
    assert answer["request"]["like"] == {f"row:{number}": 1.0, "row:3": 1.0}
    request = songscape.PlaylistRequest(like=[f"row:{row}", f"row:{parts.model_rows[3]}"], length=6)
    own = [track.row for track in parts.playlist(request).tracks]
    back = [parts.model_rows[one["row"]] if one["row"] < n else one["row"] - n for one in answer["tracks"]]
    assert back == own
    journey = client.post("/api/journeys", json={"start": "row:3", "end": f"row:{number}", "length": 4}).json()
    assert [journey["tracks"][0]["row"], journey["tracks"][-1]["row"]] == [3, number]
    ordered = client.post("/api/reorder", json={"tracks": ["row:3", f"row:{number}", "row:9"], "mends": 2}).json()
    assert {track["row"] for track in ordered["tracks"]} == {3, 9, number}
    refused = client.post("/api/playlists", json={"like": [f"row:{n + 800}"]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")


def test_suggestions_are_numbers_of_the_page(client, parts, tracks):
    titled = tracks.with_row_index("at").filter(pl.col("title").is_not_null())
    several = titled.group_by("title", maintain_order=True).agg("at", pl.col("artists").n_unique().alias("n"))
    title = several.filter(pl.col("n") > 1)["title"][0]
    error = client.post("/api/playlists", json={"like": [title]}).json()["error"]
    rows = [one.removeprefix("row:") for one in error["details"]["suggestions"]]
    assert all(f"row:{row}  " in error["message"] for row in rows)
    assert {client.get(f"/api/tracks/{row}").json()["title"] for row in rows} == {title}


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev", "cosine", "correlation"])
def test_the_nearest_songs_are_those_of_a_full_comparison(parts, metric):
    model = replace(parts.model, neighbors=replace(parts.model.neighbors, metric=metric))
    found = nearest_songs(parts.table, model, 17, 8)
    everything = parts.table.gather(np.arange(len(parts)))
    X = apply_features(everything, model.features).X
    names = {"manhattan": "cityblock"}
    apart = cdist(X[17:18], X, names.get(metric, metric))[0]
    np.testing.assert_allclose(found.distances, apart[found.tracks[ROW].to_numpy()], atol=1e-4)
    assert (np.diff(found.distances) >= 0).all()
    assert found.distances[-1] <= np.sort(apart)[8 * 3]
    assert 17 not in found.tracks[ROW].to_list()


def test_neighbors_come_from_all_parts(client, off_map):
    answer = client.get(f"/api/neighbors/{off_map[1]}?n=5").json()
    Neighbors.model_validate(answer)
    assert len(answer["neighbors"]) == 5


@pytest.fixture
def copied(folder, tmp_path):
    target = tmp_path / "atlas"
    shutil.copytree(folder, target)
    shutil.copytree(parts_folder(folder), parts_folder(target))
    return target


def test_a_part_that_is_missing_or_damaged_is_told(copied):
    part = parts_folder(copied) / "part-00001.parquet"
    whole = part.read_bytes()
    part.write_bytes(b"\0" * len(whole))
    damaged = asked("playlist", parts_folder(copied), "--like", "row:3")
    assert isinstance(damaged.exception, AtlasError)
    assert "part-00001.parquet' is damaged or missing" in str(damaged.exception)
    part.unlink()
    with pytest.raises(AtlasError, match=r"part-00001\.parquet missing or not as written"):
        songscape.open_parts(copied)


def test_parts_that_are_replaced_while_they_are_open_are_told(copied):
    opened = songscape.open_parts(parts_folder(copied))
    app = make_app(PartsEngine(opened), Hosts("127.0.0.1"))
    client = TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
    manifest = parts_folder(copied) / "manifest.json"
    text = manifest.read_text("utf-8")
    manifest.unlink()
    manifest.write_text(text + "\n", "utf-8")
    with pytest.raises(AtlasError, match="have been replaced since they were opened"):
        opened.similar("row:3")
    answer = client.get("/api/neighbors/3")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "atlas")
    assert "have been replaced since they were opened" in answer.json()["error"]["message"]


def test_parts_of_another_model_are_refused(copied):
    model = songscape.load_atlas(copied)
    tracks = songscape.synthesize_tracks(300, random_state=2)
    model.add(songscape.read_catalog(tracks)).save(copied, pages_from=copied)
    found = asked("similar", parts_folder(copied), "row:3")
    assert isinstance(found.exception, AtlasError)
    assert "belong to another atlas" in str(found.exception)


def test_parts_are_read_without_dask():
    """That nothing of `songscape.distributed` is imported, the contract of layers holds."""
    sources = [path.read_text("utf-8") for path in Path(songscape.__file__).with_name("parts").glob("*.py")]
    imported = [line for text in sources for line in text.splitlines() if line.strip().startswith(("import", "from"))]
    assert len(imported) > 50
    assert not [line for line in imported if "dask" in line or " distributed" in line]
