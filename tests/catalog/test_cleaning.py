"""Values and scales: what is read, what is cleared, and that all of it is counted."""

import math

import polars as pl
import pytest

from songscape.catalog import read_catalog
from songscape.catalog.raw import unique_names
from songscape.catalog.scales import divided, find_spike, lies_in_unit, unit_scales
from songscape.catalog.schema import ADDED, CANONICAL, COLUMNS, match_columns
from songscape.catalog.values import (
    date_from_text,
    flag_from_text,
    genres_from_text,
    id_from_text,
    key_from_text,
    list_from_text,
    meter_from_text,
    mode_from_text,
    number_from_text,
    seconds_from_text,
)


def read(columns, **more):
    """Read a table with these columns; 0–1 features that are not given are 0 throughout, so that no row is lost."""
    table = pl.DataFrame(columns, strict=False)
    units = [column.name for column in COLUMNS if column.kind == "unit" and column.name not in table.columns]
    return read_catalog(table.with_columns(pl.lit(0.0).alias(name) for name in units), **more)


def cleared(catalog, name):
    found = catalog.notes["files"][0]["columns"][name]["cleared"]
    return [(entry["reason"], entry["count"], entry["examples"]) for entry in found]


def test_all_canonical_columns_are_always_there_in_order_and_of_their_type():
    catalog = read_catalog(pl.DataFrame({"zebra": ["z"], "energy": [0.5], "x": [1], "title": ["One"]}))
    assert catalog.tracks.columns == [*CANONICAL, "zebra", "x_original", *ADDED]
    assert [catalog.tracks.schema[column.name] for column in COLUMNS] == [column.dtype for column in COLUMNS]
    assert catalog.tracks.schema["version_family"] == pl.Int32
    assert catalog.tracks.schema["is_representative"] == pl.Boolean
    assert catalog.tracks.schema["source_line"] == pl.Int64
    assert catalog.tracks.row(0, named=True)["tempo"] is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0,53", 0.53), ("-6.85db", -6.85), ("-6,85 dB", -6.85), (" 120 ", 120.0), ("128 BPM", 128.0), ("50%", 50.0),
        ("−7.5", -7.5), ("1,234,567", 1234567.0), ("1,234.5", 1234.5), ("1e-3", 0.001), ("+3", 3.0), ("loud", None),
        ("", None), (".", None), ("1.2.3", None), ("12 34", None),
    ],
)  # fmt: skip
def test_numbers(text, number):
    assert number_from_text(text) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C Maj", (0, 1)), ("C# Maj", (1, 1)), ("D min", (2, 0)), ("A#", (10, None)), ("Bb", (10, None)),
        ("Ebm", (3, 0)), ("F♯ minor", (6, 0)), ("G-flat major", (6, 1)), ("Cb", (11, None)), ("B#", (0, None)),
        ("a moll", (9, 0)), ("C#/Db", (1, None)), ("11", (11, None)), ("5.0", (5, None)), ("-1", (-1, None)),
        ("12", None), ("8A", (9, 0)), ("8B", (0, 1)), ("5A", (0, 0)), ("12B", (4, 1)), ("1A", (8, 0)), ("H", None),
        ("C Lydian", None), ("", None), ("13B", None),
    ],
)  # fmt: skip
def test_keys(text, expected):
    assert key_from_text(text) == expected


def test_camelot_wheel_in_full():
    minor = ["Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "Db"]
    major = ["B", "F#", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E"]
    for number in range(1, 13):
        assert key_from_text(f"{number}A") == (key_from_text(minor[number - 1])[0], 0)
        assert key_from_text(f"{number}B") == (key_from_text(major[number - 1])[0], 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2013", "2013"), ("2013.0", "2013"), ("2013-04", "2013-04"), ("2013-04-29", "2013-04-29"),
        ("2013-04-29 00:00:00", "2013-04-29"), ("2013-04-29T10:00:00Z", "2013-04-29"),
        ("2013/4/9", "2013-04-09"), ("29th April 2013", "2013-04-29"), ("1st May 1999", "1999-05-01"),
        ("April 29, 2013", "2013-04-29"), ("Apr 2013", "2013-04"), ("29/04/2013", "2013-04-29"),
        ("4/29/2013", "2013-04-29"), ("3/4/2013", "2013-04-03"), ("29.04.99", "1999-04-29"),
        ("1/2/05", "2005-02-01"), ("20130429", "2013-04-29"), ("2013-00-00", "2013"), ("2013-04-00", "2013-04"),
        ("2013-13-01", None), ("2013-02-30", None), ("yesterday", None), ("", None),
        ("2019-01-05--2019-02-01", "2019-01-05"), ("99", None), ("31/31/2013", None),
    ],
)  # fmt: skip
def test_dates(text, expected):
    assert date_from_text(text) == expected


def test_small_readers():
    assert [seconds_from_text(t) for t in ("03:47", "1:02:03", "0:59.5", "3:7", "x")] == [
        227.0,
        3723.0,
        59.5,
        None,
        None,
    ]
    assert [flag_from_text(t) for t in ("Yes", "FALSE", "1", "0.0", "clean", "?")] == [
        True,
        False,
        True,
        False,
        False,
        None,
    ]
    assert [mode_from_text(t) for t in ("Minor", "1", "0.0", "maj", "x")] == [0, 1, 0, 1, None]
    assert [meter_from_text(t) for t in ("4/4", "3", "5.0", "x", "4/4/4")] == [4, 3, 5, None, None]
    uri = (
        "spotify:track:6rqhFgbbKwnb9MLmUQDhG6",
        "https://open.spotify.com/intl-de/track/6rqhFgbbKwnb9MLmUQDhG6?si=1",
    )
    assert {id_from_text(text) for text in uri} == {"6rqhFgbbKwnb9MLmUQDhG6"}
    assert id_from_text(" my-7 ") == "my-7"


def test_lists_of_names():
    assert list_from_text('["A", "B"]', None) == ["A", "B"]
    assert list_from_text("""['A', "B's"]""", None) == ["A", "B's"]
    assert list_from_text('"Louane", "Jean-Philippe"', None) == ["Louane", "Jean-Philippe"]
    assert list_from_text("[dunkelbunt]", None) == ["[dunkelbunt]"]
    assert list_from_text("[]", None) == []
    assert list_from_text("A;B; A", None) == ["A", "B"]
    assert list_from_text("!YADNUS,Daylyt,Tyler, The Creator", ",") == ["!YADNUS", "Daylyt", "Tyler, The Creator"]
    assert list_from_text("Earth, Wind & Fire, 10,000 Maniacs", ", ") == ["Earth, Wind & Fire", "10,000 Maniacs"]
    assert genres_from_text("Rock|Hip-Hop, rock;J-Pop") == ["rock", "hip-hop", "j-pop"]
    assert genres_from_text("Unknown,Unknown,Unknown") == []


def test_commas_divide_only_under_a_header_in_the_plural():
    single = read({"artist": ["Crosby, Stills & Friends", "A;B"]})
    assert single.tracks["artists"].to_list() == [["Crosby, Stills & Friends"], ["A", "B"]]
    spaced = read({"artists": ["Drake, Future", "nothing,nowhere.", "A, B"]})
    assert spaced.tracks["artists"].to_list() == [["Drake", "Future"], ["nothing,nowhere."], ["A", "B"]]
    tight = read({"Artist(s)": ["Drake,Future", "Tyler, The Creator", "A,B"]})
    assert tight.tracks["artists"].to_list() == [["Drake", "Future"], ["Tyler, The Creator"], ["A", "B"]]


@pytest.mark.parametrize("factor", [1, 100])
def test_the_scale_of_a_column_is_judged_as_a_whole(factor):
    table = {
        "energy": [0.2 * factor, 0.5 * factor, 1.0 * factor, 140.0],
        "instrumentalness": [0.0, 0.0, 0.01 * factor, 0.0],
        "danceability": [0.9 * factor, 0.8 * factor, 0.01 * factor, -3.0],
    }
    catalog = read(table)
    assert catalog.tracks["energy"].to_list() == [0.2, 0.5, 1.0, None]
    assert catalog.tracks["instrumentalness"].to_list() == [0.0, 0.0, 0.01, 0.0]
    assert catalog.tracks["danceability"].to_list() == pytest.approx([0.9, 0.8, 0.01, None])
    assert cleared(catalog, "energy") == [("impossible, outside 0 to 1", 1, ["140.0"])]
    assert cleared(catalog, "danceability") == [("impossible, outside 0 to 1", 1, ["-3.0"])]


def test_a_column_that_says_nothing_by_itself_follows_the_others():
    assert unit_scales({"a": pl.Series([0.0, 1.0]), "b": pl.Series([30.0, 60.0])}) == {"a": 100.0, "b": 100.0}
    assert unit_scales({"a": pl.Series([0.0, 1.0]), "b": pl.Series([0.3, 0.6])}) == {"a": 1.0, "b": 1.0}
    assert unit_scales({"a": pl.Series([0.0, 1.0])}) == {"a": 1.0}
    assert unit_scales({}) == {}


def test_each_file_has_its_own_scale():
    percent, unit = pl.DataFrame({"title": ["a"], "energy": [40]}), pl.DataFrame({"title": ["b"], "energy": [0.4]})
    catalog = read_catalog([percent, unit])
    assert catalog.tracks["energy"].to_list() == [0.4, 0.4]
    assert [file["columns"]["energy"]["scale"] for file in catalog.notes["files"]] == ["0–100", "0–1"]


def test_division_is_exact():
    column = pl.Series([float(i) for i in range(101)] + [None])
    assert divided(column, 100.0).to_list() == [i / 100 for i in range(101)] + [None]


def test_scaled_tempo_and_loudness_of_the_900k_set():
    catalog = read({"Tempo": [0.325443787, 0.5, 0.0], "Loudness (db)": [0.7198401163, 0.5, 1.0]})
    assert catalog.tracks["tempo"].to_list() == pytest.approx([86.0, 115.5, 31.0])
    assert catalog.tracks["loudness"].to_list() == pytest.approx([-10.44, -22.54, 4.98])
    assert lies_in_unit(pl.Series([0.5, 0.2]))
    assert not lies_in_unit(pl.Series([0.5, -20.0]))
    assert not lies_in_unit(pl.Series([0.0, 0.0]))


def test_impossible_values_are_cleared_and_counted():
    catalog = read(
        {
            "tempo": [0.0, -5.0, 120.0, 900.0, 60.0],
            "loudness": [-6.0, 40.0, -60.0, -7.0, -200.0],
            "year": [3021, 1999, 12, 2024, 1860],
            "popularity": [50, 101, -1, 0, 100],
            "time_signature": [4, 0, 3, 99, 5],
            "key": [0, 11, -1, 12, 5],
            "duration_ms": [-1.0, 0.0, 200_000.0, 180_500.0, 9e9],
            "energy": [0.5, 0.4, 0.3, 1.4, 0.0],
        }
    )
    tracks = catalog.tracks
    assert tracks["tempo"].to_list() == [None, None, 120.0, None, 60.0]
    assert tracks["loudness"].to_list() == [-6.0, None, -60.0, -7.0, None]
    assert tracks["year"].to_list() == [None, 1999, None, 2024, 1860]
    assert tracks["popularity"].to_list() == [50.0, None, None, 0.0, 100.0]
    assert tracks["time_signature"].to_list() == [4, None, 3, None, 5]
    assert tracks["key"].to_list() == [0, 11, None, None, 5]
    assert tracks["duration"].to_list() == [None, None, 200.0, 180.5, None]
    assert tracks["energy"].to_list() == [0.5, 0.4, 0.3, None, 0.0]
    assert cleared(catalog, "tempo") == [("impossible, outside 0 (excluded) to 400", 3, ["0.0", "-5.0", "900.0"])]
    assert cleared(catalog, "key") == [("cannot be read", 1, ["12"]), ("no key detected (−1)", 1, ["-1"])]
    assert cleared(catalog, "loudness")[0][1] == 2


def test_what_cannot_be_read_is_counted_with_three_examples():
    catalog = read({"tempo": ["120", "fast", "slow", "fast", "swift", "brisk", "?", "", None]})
    assert catalog.tracks["tempo"].to_list() == [120.0] + [None] * 8
    assert cleared(catalog, "tempo") == [
        ("stated as missing", 1, ["?"]),
        ("cannot be read", 5, ["fast", "slow", "swift"]),
    ]


@pytest.mark.parametrize(
    ("header", "values", "seconds", "scale"),
    [
        ("Length", ["03:47", "1:00:00", "x"], [227.0, 3600.0, None], "seconds"),
        ("Duration", ["206413", "236653", None], [206.413, 236.653, None], "milliseconds"),
        ("duration_ms", [1000, 2500, None], [1.0, 2.5, None], "milliseconds"),
        ("dur", [217, 263, None], [217.0, 263.0, None], "seconds"),
        ("duration_min", [3.5, 2.0, None], [210.0, 120.0, None], "minutes"),
        ("duration_seconds", [7200, 9000, None], [7200.0, 9000.0, None], "seconds"),
    ],
)
def test_durations(header, values, seconds, scale):
    catalog = read({header: values})
    assert catalog.tracks["duration"].to_list() == seconds
    assert catalog.notes["files"][0]["columns"]["duration"]["scale"] == scale


def test_day_and_month_are_told_apart_by_the_column():
    days = read({"release_date": ["3/4/2013", "29/4/2013"]}).tracks
    assert days["release_date"].to_list() == ["2013-04-03", "2013-04-29"]
    months = read({"release_date": ["3/4/2013", "4/29/2013"]}).tracks
    assert months["release_date"].to_list() == ["2013-03-04", "2013-04-29"]
    assert months["year"].to_list() == [2013, 2013]


def test_year_and_release_date_complete_each_other():
    tracks = read({"year": [1987, None, 2000], "release_date": ["1990", "2001-02", "3021-01-01"]}).tracks
    assert tracks["year"].to_list() == [1987, 2001, 2000]
    assert tracks["release_date"].to_list() == ["1990", "2001-02", None]


def test_mode_is_taken_from_the_key_where_it_stands_there():
    tracks = read({"Key": ["C# Maj", "D min", "F"], "mode": [None, "Major", None]}).tracks
    assert tracks["key"].to_list() == [1, 2, 5]
    assert tracks["mode"].to_list() == [1, 1, None]
    assert read({"Key": ["C# Maj", "D min"]}).tracks["mode"].to_list() == [1, 0]


def test_popularity_may_come_as_a_share():
    assert read({"popularity": [0.5, 0.25, 1.0, 0.1]}).tracks["popularity"].to_list() == [50.0, 25.0, 100.0, 10.0]
    assert read({"popularity": [1, 0, 1, 2]}).tracks["popularity"].to_list() == [1.0, 0.0, 1.0, 2.0]


def test_the_filler_of_variance_is_missing():
    catalog = read({"variance": ["0.833514", "0.1", "0.833514"]})
    assert catalog.tracks["variance"].to_list() == [None, 0.1, None]
    assert cleared(catalog, "variance") == [("a filler, the same value on many rows", 2, ["0.833514"])]


def test_any_spike_of_a_continuous_column_is_a_filler():
    values = [0.25] * 60 + [i / 1009 for i in range(1, 101)]
    assert find_spike(pl.Series(values)) == 0.25
    catalog = read({"variance": values})
    assert catalog.tracks["variance"].null_count() == 60


@pytest.mark.parametrize(
    "values",
    [
        [0.0] * 600 + [i / 1009 for i in range(1, 101)],  # instrumentalness: zero is a value
        [128.0] * 60 + [float(90 + i % 30) for i in range(100)],  # whole BPM
        [0.25] * 100,  # constant
        [0.25] * 30 + [0.1, 0.2],  # too few to tell
        [i / 1009 for i in range(1000)],
        [],
    ],
)
def test_what_is_no_filler(values):
    assert find_spike(pl.Series(values, dtype=pl.Float64)) is None


def test_junk_emotions_are_missing_and_own_vocabularies_stay():
    labels = ["joy", "Sadness", "anger", "love", "fear", "surprise"] * 50 + [
        "True",
        "pink",
        "thirst",
        "angry",
        "unknown",
    ]
    catalog = read({"emotion": labels})
    assert set(catalog.tracks["emotion"].drop_nulls()) == {"joy", "sadness", "anger", "love", "fear", "surprise"}
    assert cleared(catalog, "emotion") == [
        ("stated as missing", 1, ["unknown"]),
        ("a label outside the vocabulary", 4, ["True", "pink", "thirst"]),
    ]
    frequent = read({"emotion": ["joy"] * 80 + ["calm"] * 20})
    assert frequent.tracks["emotion"].n_unique() == 2
    own = read({"emotion": ["calm", "happy", "tense", "joy"]})
    assert own.tracks["emotion"].to_list() == ["calm", "happy", "tense", "joy"]


def test_unknown_genres_are_missing_and_counted():
    catalog = read({"Genre": ["Unknown,Unknown,Unknown", "pop,Unknown", "", None, "rock"]})
    assert catalog.tracks["genres"].to_list() == [None, ["pop"], None, None, ["rock"]]
    assert cleared(catalog, "genres") == [("an unknown genre", 1, ["Unknown,Unknown,Unknown"])]


def test_texts_are_stripped_and_marks_for_missing_cleared():
    catalog = read(
        {"title": ["  Bo  Diddley ", "empty_field", "None", "", "NaN"], "artist": ["", "x", "Unknown", "y", "z"]}
    )
    assert catalog.tracks["title"].to_list() == ["Bo  Diddley", None, "None", None, None]
    assert catalog.tracks["artists"].to_list() == [None, ["x"], ["Unknown"], ["y"], ["z"]]


def test_missing_features_cost_a_track_only_beyond_half():
    rows = {
        "title": [None, "b", "c"],
        "energy": [0.5, None, None],
        "tempo": [None, 100.0, None],
        "loudness": [None, -6.0, None],
        "valence": [0.1, None, 0.5],
    }
    catalog = read_catalog(pl.DataFrame(rows))
    assert catalog.tracks["title"].to_list() == [None, "b"]
    assert catalog.rejects["reason"].to_list() == ["3 of 4 audio features are missing or impossible"]
    assert catalog.rejects["line"].to_list() == [3]
    assert '"title": "c"' in catalog.rejects["raw"][0]
    assert catalog.summary() == {"rows_read": 3, "rows_rejected": 1, "tracks": 2, "version_families": 2}
    assert len(catalog) == 2


def test_the_raw_text_of_rejects_is_the_line_itself_and_can_be_written(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('title,energy,tempo\nOne,0.5,100\n"A ""b"", c", ,?\nlost\n', encoding="utf-8")
    catalog = read_catalog(path)
    expected = [
        ("t.csv", 3, "2 of 2 audio features are missing or impossible", '"A ""b"", c", ,?'),
        ("t.csv", 4, "too few fields: 1 instead of 3", "lost"),
    ]
    assert catalog.rejects.rows() == expected
    catalog.write_rejects(tmp_path / "rejects.csv")
    assert pl.read_csv(tmp_path / "rejects.csv").rows() == expected
    assert [entry.name for entry in tmp_path.iterdir() if "partial" in entry.name] == []


def test_headers_are_recognized_in_all_known_forms():
    forms = {
        "Artist(s)": "artists", "Artist Name(s)": "artists", "track_artist": "artists", "Track URI": "id",
        "spotify_track_uri": "id", "Track Duration (ms)": "duration", "Loudness (db)": "loudness", "dB": "loudness",
        "Album Release Date": "release_date", "top genre": "genres", "track_popularity": "popularity",
        "audio_features.energy": "energy", "danceability_%": "danceability", "song_name": "title", "nrgy": "energy",
        "track_number": None, "Album URI": None, "playlist_name": None, "Similar Song 1": None, "text": None,
    }  # fmt: skip
    for header, canonical in forms.items():
        assert list(match_columns([header], {})) == ([canonical] if canonical else []), header


def test_own_columns_get_names_that_do_not_collide():
    assert unique_names(["tempo", "tempo", "", " a "], ("tempo",)) == [
        "tempo_original", "tempo_original_2", "column_3", "a",
    ]  # fmt: skip


def test_not_a_number_is_no_value():
    tracks = read({"tempo": [math.nan, math.inf, 90.0], "energy": ["nan", "inf", "0.5"]}).tracks
    assert tracks["tempo"].to_list() == [None, None, 90.0]
    assert tracks["energy"].to_list() == [None, None, 0.5]
