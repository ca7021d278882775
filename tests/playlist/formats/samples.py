"""Playlists and texts that the tests of formats share."""

from hypothesis import strategies as st

from songscape.playlist.formats import PlaylistFile, PlaylistItem
from songscape.playlist.formats.items import one_line

SPOTIFY_ID = "6rqhFgbbKwnb9MLmUQDhG6"

HOSTILE = (
    '=HYPERLINK("http://x","y")', "+1", "-2+3", "@SUM(A1)", "'=1", "''-1", "' =1", "＝1", "'Til It's Over",
    "a,b;c|d",
    'say "hi"', "<b>&amp;]]>", "#EXTINF:1,x", "#1 Crush", "[1]", '["a"]', "{}", "グリズリー♡", "عنوان", "שיר",
    "ไทย", "Ёлка", "🎵👩‍👩‍👧", "é", "null", "007", "1e5", "true", "..", "C:\\x", "/etc/passwd", "%41%20", "a?b#c",
)  # fmt: skip


def full_item(title="Heroes – 2017 Remaster", **changes):
    fields = {
        "artists": ("David Bowie", "Brian; Eno"),
        "id": SPOTIFY_ID,
        "album": "“Heroes”, live",
        "duration": 371.413,
        "year": 1977,
        "explicit": False,
        "extra": {"price": "0.25", "why, so": "=nearest"},
    }
    return PlaylistItem(title, **{**fields, **changes})


def full_playlist():
    items = (
        full_item(),
        full_item("Only a title", artists=(), id=None, album="", duration=None, year=None, explicit=None, extra={}),
        full_item("With a place", artists=("X",), id="row 17/ä", uri="music/x y #1.mp3", explicit=True, extra={}),
        *(full_item(text, artists=(text,), album=text, id=None, extra={text: text}) for text in HOSTILE),
    )
    return PlaylistFile(items, "Ночь / 夜", "me & you", "note: <made>")


# Any characters that a file of UTF-8 can hold, as one line.
texts = st.text(st.characters(codec="utf-8"), max_size=30).map(one_line)
told_texts = texts.filter(bool)


@st.composite
def items(draw):
    return PlaylistItem(
        draw(told_texts),
        tuple(draw(st.lists(told_texts, max_size=3))),
        draw(st.none() | st.just(SPOTIFY_ID) | told_texts),
        draw(texts),
        draw(st.none() | st.integers(1, 10**7).map(lambda milliseconds: milliseconds / 1000)),
        draw(st.none() | st.integers(1900, 2100)),
        None,
        draw(st.none() | st.booleans()),
        draw(st.dictionaries(told_texts.map(lambda name: f"x{name}"), told_texts, max_size=2)),
    )


playlists = st.builds(PlaylistFile, st.lists(items(), min_size=1, max_size=4).map(tuple), told_texts, texts, texts)
