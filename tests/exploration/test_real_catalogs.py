"""Every real file that can be read gives a page; what is known of them is on it."""

import importlib.util
import json
from pathlib import Path

import pytest

from songscape.catalog import read_catalog
from songscape.errors import InputError
from songscape.exploration import explore

_spec = importlib.util.spec_from_file_location("pages", Path(__file__).with_name("pages.py"))
assert _spec is not None
assert _spec.loader is not None
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)

pytestmark = pytest.mark.realdata

FILES = (
    "classic_hits.csv",
    "emotions_900k_sample.json",
    "exportify_liked_2.csv",
    "genres_v2.csv",
    "music_genre.csv",
    "songs_normalize.csv",
    "top10s.csv",
    "unpopular_songs.csv",
)


def explored(path: Path) -> dict:
    catalog = read_catalog(path)
    page = explore(catalog.tracks, notes=catalog.notes, rejects=catalog.rejects, inputs=catalog.inputs)
    return pages.valid_page(page)


@pytest.mark.parametrize("name", FILES)
def test_every_raw_file_gives_a_page(data_folder, name):
    page = explored(data_folder / "raw" / name)
    assert {"overview", "features", "relations"} <= {section["id"] for section in page["sections"]}
    assert len(page["findings"]) >= 4


def test_no_raw_file_is_forgotten(data_folder):
    unread = []
    for path in sorted((data_folder / "raw").iterdir()):
        if path.name not in FILES:
            with pytest.raises(InputError, match="no audio features"):
                read_catalog(path)
            unread.append(path.name)
    assert unread == ["exportify_liked.csv"]


def test_the_light_set(data_folder):
    page = explored(data_folder / "light_spotify_dataset.csv")
    items = pages.items_of(page)
    assert len(json.dumps(page)) < 2_000_000
    assert page["findings"][0].startswith("Energy and loudness strongly rise together")
    assert any(text.startswith("38 % of the tracks are joy") for text in page["findings"])
    assert any(text.startswith("75 % of the tracks have no variance") for text in page["findings"])
    matrix = items["associations"]["figure"]
    at = {name: place for place, name in enumerate(matrix["rows"])}
    assert 0.7 < matrix["values"][at["energy"]][at["loudness"]] < 0.8
    assert abs(matrix["values"][at["variance"]][at["energy"]]) < 0.02  # variance was drawn: it tells nothing
    spikes = {panel["title"]: panel["figure"]["spikes"] for panel in items["audio-features"]["figure"]["panels"]}
    assert [spike["value"] for spike in spikes["instrumentalness"]] == [0.0]
    taken_for = {row[0] for row in items["not-artists"]["table"]["rows"]}
    assert {"a collective name", "an id, 22 letters and digits"} <= taken_for
    assert items["largest-families"]["table"]["rows"][0][2] >= 30
