"""What is written comes back: everything from JSON, XSPF and JSPF, and from each other format what it can hold."""

import csv
import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from songscape.errors import InputError, ParameterError, ResourceError
from songscape.playlist.formats import FORMATS, PlaylistFile, PlaylistItem, parse_playlist, render, write_playlist
from songscape.playlist.formats.writing import EXTENSIONS

from .samples import HOSTILE, SPOTIFY_ID, full_item, full_playlist, playlists


def again(playlist, format, told=True):
    return parse_playlist(render(playlist, format).encode(), "x", format if told else None)


@pytest.mark.parametrize("format", ["json", "xspf", "jspf"])
@pytest.mark.parametrize("told", [True, False])
def test_full_formats_lose_nothing(format, told):
    assert again(full_playlist(), format, told) == full_playlist()


@pytest.mark.parametrize("told", [True, False])
def test_a_table_keeps_the_items(told):
    assert again(full_playlist(), "csv", told).items == full_playlist().items


@given(playlists)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_any_title_comes_back_from_full_formats(playlist):
    for format in ("json", "jspf", "csv", "xspf"):
        found = again(playlist, format, told=False)
        wanted = playlist.items
        if format == "xspf":  # XML has no place for two characters that are no characters
            wanted = tuple(_in_xml(item) for item in wanted)
        assert found.items == wanted, format
        assert found.rejects == ()
        if format in ("json", "jspf"):
            assert found == playlist


def _in_xml(item):
    def sound(text):
        return re.sub("[\ufffe\uffff]", "\ufffd", text)

    return replace(
        item,
        title=sound(item.title),
        artists=tuple(map(sound, item.artists)),
        album=sound(item.album),
        extra={name: sound(text) for name, text in item.extra.items()},
    )


@given(playlists)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_lines_keep_one_line_a_track(playlist):
    for format in ("m3u8", "text", "uris", "links"):
        rendered = render(playlist, format)
        lines = [line for line in rendered.split("\n") if line and (format != "m3u8" or not line.startswith("#"))]
        assert len(lines) >= len(playlist.items) if format != "m3u8" else len(lines) == len(playlist.items), rendered
        if format == "m3u8":
            found = parse_playlist(rendered.encode(), "x")
            assert [item.line for item in found.items] == [_as_line(item) for item in playlist.items]
            assert [item.id for item in found.items] == [
                item.id if item.spotify_uri else None for item in playlist.items
            ]


def _as_line(item):
    """A dash between spaces, of any kind, comes back as a plain one where the line is divided at it."""
    title, artists = _split(item.line)
    return PlaylistItem(title, artists).line


def _split(line):
    parts = re.split(r"\s[-–—]\s", line.strip(), maxsplit=1)
    return (parts[1].strip(), (parts[0].strip(),)) if len(parts) == 2 else (line, ())


def test_m3u8_by_hand():
    mine = PlaylistFile(
        (
            full_item(artists=("David Bowie", "Brian Eno")),
            PlaylistItem("Tape: 1/2", ("Me",)),
            PlaylistItem("File", uri="/m/a.mp3", duration=1.5),
        ),
        "Berlin\nnight",
    )
    assert render(mine, "m3u8") == (
        "#EXTM3U\n#PLAYLIST:Berlin night\n"
        "#EXTINF:371,David Bowie, Brian Eno - Heroes – 2017 Remaster\n#EXTALB:“Heroes”, live\n"
        f"spotify:track:{SPOTIFY_ID}\n"
        "#EXTINF:-1,Me - Tape: 1/2\nMe - Tape_ 1_2\n"
        "#EXTINF:2,File\n/m/a.mp3\n"
    )
    found = again(mine, "m3u8")
    assert found.name == "Berlin night"
    assert found.items[0] == PlaylistItem(
        "Heroes – 2017 Remaster", ("David Bowie, Brian Eno",), SPOTIFY_ID, "“Heroes”, live", 371.0
    )
    assert found.items[1:] == (PlaylistItem("Tape: 1/2", ("Me",)), PlaylistItem("File", duration=2.0, uri="/m/a.mp3"))


@pytest.mark.parametrize("format", ["uris", "links"])
def test_ids_come_back_and_other_tracks_as_names(format):
    mine = PlaylistFile((full_item(), PlaylistItem("Tape", ("Me",), id="17")))
    found = again(mine, format, told=False)
    assert found.items == (PlaylistItem(id=SPOTIFY_ID), PlaylistItem("Tape", ("Me",)))


def test_text_by_hand():
    mine = PlaylistFile((PlaylistItem("A - B", ("X", "Y")), PlaylistItem("Ёлка"), PlaylistItem(id=SPOTIFY_ID)))
    assert render(mine, "text") == f"X, Y - A - B\nЁлка\nspotify:track:{SPOTIFY_ID}\n"
    assert again(mine, "text").items == (PlaylistItem("A - B", ("X, Y",)), *mine.items[1:])


def test_no_cell_of_a_table_is_a_formula():
    rows = list(csv.reader(io.StringIO(render(full_playlist(), "csv"))))
    assert len(rows) == len(full_playlist().items) + 1
    for cell in (cell for row in rows for cell in row):
        assert not re.match(r"\s*[=+\-@＝＋－＠]", cell), cell
    titles = [row[1] for row in rows]
    assert [title for title in titles if title.endswith("=1")] == ["''=1", "'' =1"]
    assert "'Til It's Over" in titles


def test_an_apostrophe_in_a_table_that_is_not_ours_stays():
    found = parse_playlist(b"title,artist\n'-1,'=2\n", "x.csv", "csv")
    assert found.items == (PlaylistItem("'-1", ("'=2",)),)


def test_xspf_is_valid_and_says_milliseconds_and_identifiers():
    root = ET.fromstring(render(full_playlist(), "xspf"))
    space = {"x": "http://xspf.org/ns/0/"}
    assert (root.tag, root.get("version")) == ("{http://xspf.org/ns/0/}playlist", "1")
    tracks = root.findall("x:trackList/x:track", space)
    assert len(tracks) == len(full_playlist().items)
    assert tracks[0].findtext("x:duration", namespaces=space) == "371413"
    assert tracks[0].findtext("x:identifier", namespaces=space) == f"spotify:track:{SPOTIFY_ID}"
    assert tracks[2].findtext("x:location", namespaces=space).isascii()
    order = ["location", "identifier", "title", "creator", "album", "duration", "meta"]
    for track in tracks:  # the order of the specification's schema does not matter, the names do
        assert {child.tag.rpartition("}")[2] for child in track} <= set(order)


def test_what_no_file_can_hold_is_replaced():
    broken = PlaylistFile(
        (PlaylistItem("half \ud800 pair\x00\x0b", duration=float("nan"), extra={"p": float("inf")}),)
    )
    for format in FORMATS:
        if format not in ("xspf", "jspf", "m3u8", "csv"):
            assert render(broken, format).encode("utf-8")
    whole = replace(broken.items[0], duration=None, extra={})
    for format in FORMATS:
        text = render(PlaylistFile((whole,), "\udfff"), format)
        assert text.encode("utf-8")
        assert parse_playlist(text.encode(), "x").items[0].title.startswith("half \ufffd pair")
    assert "NaN" not in render(broken, "json")


def test_numbers_of_extra_columns():
    mine = PlaylistFile((PlaylistItem("A", extra={"price": -0.5, "rank": 3, "new": True, "none": None, "place": 9}),))
    assert again(mine, "json") == replace(mine, name="x")
    assert again(mine, "csv").items[0].extra == {"price": "-0.5", "rank": "3", "new": "True", "place_original": "9"}
    assert json.loads(render(mine, "json"))["items"][0]["extra"]["price"] == -0.5


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_writing_is_whole_and_reads_back_by_its_extension(tmp_path, extension):
    target = tmp_path / f"mine{extension}"
    target.write_bytes(b"old")
    target.chmod(0o640)
    assert write_playlist(full_playlist(), target) == target
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    assert target.stat().st_mode & 0o777 == 0o640
    assert len(parse_playlist(target.read_bytes(), target.name, EXTENSIONS[extension]).items) == len(HOSTILE) + 3


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "mine.csv"
    target.write_text("old")

    def fail(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(ResourceError, match=r"disk is full: .*mine\.csv' cannot be written. Free some space"):
        write_playlist(full_playlist(), target)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]
    assert target.read_text() == "old"


def test_a_folder_takes_a_file_of_the_playlists_name(tmp_path):
    made = write_playlist(replace(full_playlist(), name="../con: x"), tmp_path, "xspf")
    assert made.name == "con_ x.xspf"
    assert list(tmp_path.iterdir()) == [made]


def test_a_link_keeps_leading_where_it_did(tmp_path):
    (tmp_path / "true.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "true.txt")
    write_playlist(full_playlist(), tmp_path / "link.txt")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "true.txt").read_text() != "old"


def test_formats_and_places_that_do_not_exist(tmp_path):
    with pytest.raises(ParameterError, match=r"must be one of m3u8, .*Got 'xpsf' instead\. Did you mean 'xspf'"):
        render(full_playlist(), "xpsf")
    with pytest.raises(ParameterError, match=r"not told by its extension .*--format"):
        write_playlist(full_playlist(), tmp_path / "mine.mp3")
    with pytest.raises(InputError, match=r"cannot be written to .*: No such file or directory"):
        write_playlist(full_playlist(), tmp_path / "none" / "mine.csv")
    with pytest.raises(InputError, match="cannot be written"):
        write_playlist(full_playlist(), tmp_path / "nul\0.csv")


def test_nothing_that_is_written_is_changed():
    mine, same = full_playlist(), full_playlist()
    for format in FORMATS:
        render(mine, format)
    assert mine == same
