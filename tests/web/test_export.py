"""The map as a file: written whole or not at all, by the command line too, and part of the atlas folder."""

import base64
import hashlib
import math
import re
import string
import zlib
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import songscape
from songscape.atlas.files import MAP, require_replaceable
from songscape.cli.web import write_map
from songscape.errors import AtlasError, InputError, ParameterError
from songscape.progress import silent
from songscape.web.export import map_page
from songscape.web.packing import pack_details, pack_points, pack_text
from songscape.web.packing.buffer import unpack
from songscape.web.page import joined_modules, live_page, offline_page, static_files
from songscape.web.printable import from_printable, to_printable


@pytest.fixture(scope="module")
def small():
    return songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(300, random_state=1)))


@pytest.fixture(scope="module")
def file(small, tmp_path_factory):
    return songscape.export_map(small, tmp_path_factory.mktemp("map") / "new" / "map.html")


def part(text, name):
    kind = 'type="application/octet-stream"'
    found = re.search(rf'<script {kind} id="songscape-{name}" data-bytes="(\d+)">([^<]*)</script>', text)
    return zlib.decompress(from_printable(found[2], int(found[1])))


def test_the_file_holds_everything(file, small):
    text = file.read_text(encoding="utf-8")
    header, _ = unpack(part(text, "points"))
    assert header["n"] == 300
    for name in ("text", "details"):
        assert unpack(part(text, name))[0]["n"] == 300
    assert small.cards["coarse"][0]["name"] in part(text, "about").decode()
    assert [path.name for path in file.parent.iterdir()] == ["map.html"]


def test_it_asks_for_nothing_and_allows_its_own_script_alone(file):
    text = file.read_text(encoding="utf-8")
    outside = re.findall(r'(?:src|href)="([^"]*)"', re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))
    assert set(outside) <= {"data:,"}
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    script = re.search(r'<script type="module" async>(.*?)</script>', text, re.DOTALL)[1]
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    for inside in (script, style):
        assert f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'" in policy
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy


def test_the_same_atlas_gives_the_same_file(file, small, tmp_path):
    assert songscape.export_map(small, tmp_path / "again.html").read_bytes() == file.read_bytes()


def test_an_old_file_is_replaced_and_an_unwritable_one_is_told(small, tmp_path):
    target = tmp_path / "map.html"
    target.write_text("old")
    songscape.export_map(small, target)
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(InputError, match=r"The map cannot be written to .* Choose another place with -o"):
        songscape.export_map(small, target / "below.html")
    with pytest.raises(InputError, match="Choose another place"):
        songscape.export_map(small, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.html"]


def test_only_an_atlas_can_be_exported(tmp_path):
    with pytest.raises(ParameterError, match="must be an Atlas"):
        songscape.export_map("atlas/", tmp_path / "map.html")


def test_an_atlas_folder_may_hold_its_map(small, tmp_path):
    folder = small.save(tmp_path / "atlas")
    write_map(folder, small, silent)
    assert (folder / MAP).is_file()
    require_replaceable(folder)
    assert len(songscape.load_atlas(folder).catalog) == 300
    (folder / "other.html").write_text("")
    with pytest.raises(AtlasError, match=r"other\.html"):
        require_replaceable(folder)


def test_an_atlas_that_was_loaded_gives_the_same_file(file, small, tmp_path):
    again = songscape.load_atlas(small.save(tmp_path / "atlas"))
    found = songscape.export_map(again, tmp_path / "map.html").read_text(encoding="utf-8")
    for name in ("points", "text", "details", "about"):
        assert part(found, name) == part(file.read_text(encoding="utf-8"), name)


def test_modules_are_joined_with_what_they_need_first():
    joined = joined_modules("main.js")
    for name in static_files():
        if name.endswith(".js"):
            assert joined.count(f"const module_{name.removesuffix('.js')} = ") == 1, name
    assert (
        joined.index("const module_dom =") < joined.index("const module_data =") < joined.index("const module_main =")
    )
    assert not re.search(r"^(?:import|export) ", joined, re.MULTILINE)


def test_a_page_that_does_not_fit_together_is_noticed(monkeypatch):
    pages = {"a.js": b'import { b } from "./b.js";\n', "b.js": b'import { a } from "./a.js";\n'}
    monkeypatch.setattr("songscape.web.page.static_files", lambda: pages)
    with pytest.raises(ValueError, match=r"in a circle: a\.js → b\.js → a\.js"):
        joined_modules("a.js")
    pages["a.js"] = b"export default 1;\n"
    with pytest.raises(ValueError, match="imports or exports in another way"):
        joined_modules("a.js")


def test_the_served_page_is_the_same_without_data():
    page = live_page()
    assert '<script type="module" src="main.js"></script>' in page
    assert 'id="songscape-' not in page
    offline = offline_page({"points": b""})
    assert re.findall(r"^<script>", offline, re.MULTILINE) == []  # only scripts that say what they are
    assert "<!--" not in joined_modules("main.js")  # behind it a "<script>" in a comment would hide the end


@given(st.binary(max_size=300))
def test_bytes_come_back_from_signs_that_end_no_element(data):
    text = to_printable(data)
    assert from_printable(text, len(data)) == data
    assert set(text) <= {chr(code) for code in range(35, 127)} - {"<"}
    assert len(text) == 2 * math.ceil(8 * len(data) / 13)


def test_many_bytes_are_a_twelfth_shorter_than_in_base64():
    data = np.random.default_rng(0).bytes(2_000_003)
    text = to_printable(data)
    assert from_printable(text, len(data)) == data
    assert len(text) < 0.924 * len(base64.b64encode(data))


def test_spotify_ids_take_little_more_room_than_their_bits(small, file):
    signs = np.array([*string.digits, *string.ascii_letters])[np.random.default_rng(0).integers(0, 62, (300, 22))]
    tracks = small.catalog.tracks.with_columns(id=pl.Series(["".join(row) for row in signs]))
    named = map_page(replace(small, catalog=replace(small.catalog, tracks=tracks)))
    per_track = (len(named.encode()) - file.stat().st_size) / 300
    bits = 22 * math.log2(62) / 8 * 16 / 13
    assert bits < per_track < 1.17 * bits < 24  # in so small a file; as base64 of plain letters it would be 29


def test_a_track_leaves_room_for_its_id_and_album(atlas):
    """Of the hundred bytes that 200 000 tracks in 20 MB have each; 30 are for id and album, 6 for page and cards."""
    made = [unpack(pack(atlas))[1] for pack in (pack_points, pack_text, pack_details)]
    packed = sum(len(zlib.compress(array.tobytes())) for arrays in made for array in arrays.values())
    assert packed * 16 / 13 < (100 - 30 - 6) * len(atlas.catalog)
