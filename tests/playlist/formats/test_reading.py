"""Reading what others wrote, and what nobody should have."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.errors import InputError, ParameterError, SongscapeError
from songscape.playlist.formats import FORMATS, PlaylistItem, parse_playlist, read_playlist, safe_file_name
from songscape.playlist.formats.items import spotify_id

from .samples import SPOTIFY_ID

LINK = f"https://open.spotify.com/track/{SPOTIFY_ID}"

M3U = f"""#EXTM3U
#EXTINF:123 tvg-id="a,b" group="x",Sigur Rós – Hoppípolla
music/x.mp3

#EXTINF:-1,Only Title
http://radio/stream
C:\\Music\\01. Björk - Jóga.flac
#EXTVLCOPT:x
https://open.spotify.com/track/{SPOTIFY_ID}?si=abc
"""

EXPORTIFY = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By\r\n"
    f'spotify:track:{SPOTIFY_ID},"Oh No, Not I",Turnaround,Stan Rogers;Other,1978-05-01,236546,13,true,me\r\n'
    'spotify:local:A:B:C:1,Tape,,"A,B",,,,false,\r\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_m3u_of_others(encoding):
    text = M3U.replace("–", "-")
    found = parse_playlist(text.encode(encoding), "mine.m3u", None)
    assert found.name == "mine"
    assert found.items == (
        PlaylistItem("Hoppípolla", ("Sigur Rós",), duration=123.0, uri="music/x.mp3"),
        PlaylistItem("Only Title", uri="http://radio/stream"),
        PlaylistItem("Jóga", ("Björk",), uri="C:\\Music\\01. Björk - Jóga.flac"),
        PlaylistItem(id=SPOTIFY_ID),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_exportify(delimiter, mark):
    text = EXPORTIFY.replace(",", delimiter) if delimiter == "\t" else EXPORTIFY
    if delimiter in ";|":
        rows = [
            line.split(",") for line in ("Track URI,Track Name,Artist Name(s)", f"spotify:track:{SPOTIFY_ID},T,X")
        ]
        text = "\r\n".join(delimiter.join(row) for row in rows)
        assert parse_playlist((mark + text).encode(), "e").items == (PlaylistItem("T", ("X",), SPOTIFY_ID),)
        return
    one, two = parse_playlist((mark + text).encode(), "e.csv").items
    assert (one.title.replace("\t", ","), one.artists, one.id) == (
        "Oh No, Not I",
        ("Stan Rogers", "Other"),
        SPOTIFY_ID,
    )
    assert (one.album, one.year, one.duration, one.explicit) == ("Turnaround", 1978, 236.546, True)
    assert one.extra == {"Popularity": "13", "Added By": "me"}
    assert (two.title, two.year, two.explicit) == ("Tape", None, False)


def test_artists_of_an_old_export_are_divided_at_commas():
    assert parse_playlist(EXPORTIFY.encode(), "e.csv").items[1].artists == ("A", "B")
    one = parse_playlist(b'title,artist\nYonkers,"Tyler, The Creator"\n', "e.csv").items[0]
    assert one.artists == ("Tyler, The Creator",)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (f"{LINK}?si=1\nspotify:track:{SPOTIFY_ID}\n", [PlaylistItem(id=SPOTIFY_ID)] * 2),
        ("\ufeffDavid Bowie - Heroes\n\n  Blur — Song 2  \n", [
            PlaylistItem("Heroes", ("David Bowie",)), PlaylistItem("Song 2", ("Blur",))]),
        ('["David Bowie - Heroes"]', [PlaylistItem("David Bowie - Heroes")]),
        ('[{"artist": "X", "name": "Y", "duration_ms": 1500, "uri": "' + LINK + '"}]', [
            PlaylistItem("Y", ("X",), SPOTIFY_ID, duration=1.5)]),
        ('{"playlists": [{"name": "n", "tracks": [{"track_name": "Y", "artist_name": "X"}]}]}', [
            PlaylistItem("Y", ("X",))]),
        ('{"playlist": {"track": [{"title": "Y", "identifier": "' + LINK + '"}]}}', [
            PlaylistItem("Y", id=SPOTIFY_ID)]),
        ("<playlist><trackList><track><title>Y</title></track></trackList></playlist>", [PlaylistItem("Y")]),
        ("sep=;\ntitle;length\nY;03:47\n", [PlaylistItem("Y", duration=227.0)]),
        ("a/01 - X - Y.mp3\nZ.ogg\n", [
            PlaylistItem("Y", ("X",), uri="a/01 - X - Y.mp3"), PlaylistItem("Z", uri="Z.ogg")]),
    ],
)  # fmt: skip
def test_the_content_tells_the_format(text, items):
    assert list(parse_playlist(text.encode(), "unknown").items) == items


@pytest.mark.parametrize(
    "text", [LINK, f"{LINK}?si=x", f"open.spotify.com/track/{SPOTIFY_ID}", f"https://open.spotify.com/intl-de/track/{SPOTIFY_ID}",
             f" spotify:track:{SPOTIFY_ID} "],
)  # fmt: skip
def test_ids_of_links(text):
    assert spotify_id(text) == SPOTIFY_ID


@pytest.mark.parametrize("text", ["", SPOTIFY_ID, f"spotify:album:{SPOTIFY_ID}", "spotify:track:short", f"{LINK}00"])
def test_what_is_no_link_of_a_track(text):
    assert spotify_id(text) is None


def test_unusable_rows_are_set_aside_with_their_lines():
    found = parse_playlist(b'title,artist\nA,B\n,\nonly one\n,C\n"D\nE",F\n', "x.csv")
    assert [item.title for item in found.items] == ["A", "D\nE"]
    assert [(one.line, one.text) for one in found.rejects] == [(4, "only one"), (5, " · C")]
    found = parse_playlist(f"A - B\nspotify:album:{SPOTIFY_ID}\n".encode(), "x.txt")
    assert [(one.line, one.reason) for one in found.rejects] == [(2, "a link to something other than a track")]
    found = parse_playlist(b'[{"title": "A"}, 3, {"artist": "X"}]', "x.json")
    assert [one.line for one in found.rejects] == [2, 3]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<playlist xmlns="http://xspf.org/ns/0/"><trackList><track><title>&b;</title></track></trackList></playlist>"""
FILE = BOMB.replace(b'<!ENTITY a "ha">', b'<!ENTITY a SYSTEM "file:///etc/passwd">')


@pytest.mark.parametrize("data", [BOMB, FILE, BOMB.decode().encode("utf-16"), b"<!DOCTYPE html><html></html>"])
def test_documents_with_a_dtd_are_refused(data):
    with pytest.raises(InputError, match=r"'x\.xspf' is refused: it declares a document type.*Remove the <!DOCTYPE"):
        parse_playlist(data, "x.xspf", "xspf")


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"<playlist><trackList>", "x.xspf", "not sound XML: no element found: line 1"),
        (b"<html></html>", "x", "root is <html>, not <playlist>"),
        (b"<playlist/>", "x.xspf", r"\(XSPF\) holds no tracks"),
        (b'<?xml version="1.0" encoding="klingon"?><playlist/>', "x.xspf", "cannot be read as XML|not sound XML"),
        (b'{"items": [', "x.json", "not sound JSON: .* in line 1, column 12"),
        (b"[" * 100_000, "x.json", "JSON that cannot be a playlist|not sound JSON"),
        (b'[{"title": ' + b"1" * 5000 + b"}]", "x.json", "JSON that cannot be a playlist"),
        (b"3", "x.json", "no list of tracks under 'items' or 'tracks'"),
        (b"[1]", "x.json", "holds no tracks. All 1 rows were unusable; line 1: no id, link or title"),
        (b'{"playlists": [{}, {}]}', "x.json", "holds 2 playlists; one is needed here"),
        (b"energy,tempo\n1,2\n", "x.csv", "no column with titles or ids. Its columns: energy, tempo"),
        (b"title,artist\n", "x.csv", "holds no tracks"),
        (b'title\n"a' + b"\nb" * 99, "x.csv", "line 2: a quote is opened and not closed"),
        (b"title,artist\n" + b"x" * 200_000 + b",y", "x.csv", "line 2: field larger than field limit"),
        (b"#EXTM3U\n#EXTINF:1,A - B\n", "x.m3u8", r"\(M3U\) holds no tracks"),
        (b"PAR1xxx", "x.csv", "is a Parquet table, no playlist"),
        (b"ID3\x04", "x.mp3", "is an audio file, no playlist"),
        (b"\x00\x01\x02", "x.txt", "holds binary data"),
        (b"https://example.org/\n", "x.txt", "holds no tracks. All 1 rows were unusable"),
    ],
)
def test_bad_files_are_one_message(data, name, message):
    with pytest.raises(InputError, match=message) as caught:
        parse_playlist(data, name, name.partition(".")[2].replace("txt", "text").replace("mp3", "") or None)
    assert f"'{name}" in str(caught.value)


def test_lone_carriage_returns_and_endless_lines_are_text():
    assert [item.title for item in parse_playlist(b"a\rb", "x").items] == ["a", "b"]
    assert len(parse_playlist(b"x" * 200_000, "x").items[0].title) == 200_000


def test_deep_xml_does_no_harm():
    depth = 50_000
    data = b"<playlist>" * depth + b"</playlist>" * depth
    with pytest.raises(InputError, match=r"holds no tracks|not sound XML"):
        parse_playlist(data, "x", "xspf")


def test_files_that_are_not_there(tmp_path):
    (tmp_path / "empty.csv").write_bytes(b" \n")
    for path, message in [
        (tmp_path, "is a folder"),
        (tmp_path / "none.csv", "cannot be read: No such file"),
        (tmp_path / "empty.csv", "is empty"),
        (tmp_path / "n\0.csv", "cannot be read"),
    ]:
        with pytest.raises(InputError, match=message):
            read_playlist(path)
    with pytest.raises(ParameterError, match="must be one of m3u8"):
        parse_playlist(b"x", "x", "pls")


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    st.sampled_from((None, *FORMATS)),
)
@settings(derandomize=True, max_examples=400, deadline=None)
def test_anything_is_read_or_refused_in_one_sentence(data, format):
    try:
        told = parse_playlist(data, "x", format).items
    except SongscapeError as error:
        told = str(error).startswith("'x'")
    assert told


@given(st.text(max_size=300), st.sampled_from(["", ".csv", ".m3u8"]))
@settings(derandomize=True, max_examples=300, deadline=None)
def test_file_names_are_safe(name, extension):
    safe = safe_file_name(name, extension)
    assert safe.endswith(extension)
    assert len(safe.encode()) <= 160
    assert not set(safe) & set('/\\:*?"<>|\0\n\r\t')
    assert safe[0] not in " .-~"
    assert safe[-1] not in " ."


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("CON", "_CON"), ("con.txt", "_con.txt"), ("Lpt1", "_Lpt1"), ("console", "console"), ("-rf *", "rf"),
        ("a/b\\c", "a_b_c"), ("..", "playlist"), ("x\u202efdp", "x_fdp"), ("\x00\x1b[2J", "[2J"), ("x. ", "x"),
        ("夜" * 200, "夜" * 50), ("\ud800", "playlist"), ("e\u0301", "é"),
    ],
)  # fmt: skip
def test_file_names_by_hand(name, safe):
    assert safe_file_name(name) == safe


@pytest.mark.realdata
@pytest.mark.parametrize(("file", "rows"), [("exportify_liked.csv", 746), ("exportify_liked_2.csv", 706)])
def test_real_exports(data_folder, file, rows):
    found = read_playlist(data_folder / "raw" / file)
    assert len(found.items) == rows
    assert found.rejects == ()
    assert all(
        item.id and len(item.id) == 22 and item.title and item.artists and item.duration for item in found.items
    )
    several = sum(len(item.artists) > 1 for item in found.items)
    assert 10 < several < rows / 2
    assert found.name == file.removesuffix(".csv")
