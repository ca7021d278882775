"""Requests: every declaration is checked, told in words, and survives the way to TOML and JSON."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.errors import InputError, ParameterError
from songscape.playlist.request import ARC_RANGES, SHAPES, TARGET_RANGES, JourneyRequest, PlaylistRequest

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)
WEIGHTS = st.dictionaries(NAMES, st.floats(0, 1000), max_size=3)
COURSES = st.sampled_from(SHAPES) | st.lists(st.floats(0, 1), min_size=2, max_size=5)
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "like": WEIGHTS | st.lists(NAMES, max_size=3) | NAMES,
        "unlike": WEIGHTS,
        "groups": WEIGHTS,
        "emotions": WEIGHTS,
        "target": st.dictionaries(st.sampled_from(["energy", "liveness"]), st.floats(0, 1)),
        "mixture": st.dictionaries(st.sampled_from(["like", "groups"]), st.floats(0, 10)),
        "where": NAMES,
        "years": st.sampled_from(["1990-1999", "1990-", "-1999", "1994", [1980, None], 2001]),
        "popularity": st.sampled_from(["20–60", "50-", [0.5, 99.5]]),
        "explicit": st.sampled_from(["any", "no", "only"]),
        "length": st.integers(100, 10_000),
        "popularity_mix": st.floats(0, 1),
        "include": st.lists(NAMES, max_size=3),
        "places": st.dictionaries(st.integers(1, 100), NAMES, max_size=3),
        "arc": st.dictionaries(st.sampled_from(["energy", "positiveness"]), COURSES),
        "variety": st.floats(0, 1),
        "random_state": st.integers(0, 2**32 - 1),
    },
)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(values=REQUESTS)
def test_a_request_comes_back_from_toml_and_json(values, tmp_path_factory):
    request = PlaylistRequest(**values)
    folder = tmp_path_factory.mktemp("requests")
    toml, plain = folder / "request.toml", folder / "request.JSON"
    toml.write_text(request.to_toml(), encoding="utf-8")
    plain.write_text(json.dumps(request.as_dict()), encoding="utf-8")
    assert PlaylistRequest.from_file(toml) == request
    assert PlaylistRequest.from_file(plain) == request


def test_names_become_weights_and_repeated_names_count_again():
    request = PlaylistRequest(like=["a - b", "row:3", "a - b"], unlike="c", groups={"coarse:3": 0.5})
    assert request.like == {"a - b": 2.0, "row:3": 1.0}
    assert request.unlike == {"c": 1.0}
    assert request.groups == {"coarse:3": 0.5}


def test_sources_and_their_shares():
    request = PlaylistRequest(like_files="mine.m3u8", target={"tempo": 120}, mixture={"target": 3})
    assert request.sources == ("like", "target")
    assert [request.share_of(source) for source in ("like", "groups", "target")] == [1.0, 0.0, 3.0]
    assert PlaylistRequest().sources == ()


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        ("1990-1999", (1990, 1999)),
        ("1990–1999", (1990, 1999)),
        ("1990-", (1990, 2100)),
        ("-1999", (1860, 1999)),
        ("1994", (1994, 1994)),
        (1994, (1994, 1994)),
        ([None, 1970], (1860, 1970)),
    ],
)
def test_spans_of_years(given, ends):
    assert PlaylistRequest(years=given).years == ends


def test_limits_are_told_as_conditions():
    request = JourneyRequest(start="a", end="b", where="energy > 0.5", popularity="20-60", explicit="only")
    assert request.conditions() == ("energy > 0.5", "popularity between 20 and 60", "explicit")
    assert PlaylistRequest(where="  ").conditions() == ()


WRONG = [
    ({"lkie": ["a"]}, "Unknown parameter 'lkie'. Did you mean 'like'?"),
    ({"like": ["a", 3]}, "'like' parameter must be a table of floats"),
    ({"like": {"a": -1}}, r"'like: a' parameter must be a float in \[0, 1000\]. Got -1.0"),
    ({"like": {"a": float("nan")}}, "Got nan"),
    ({"like": [" "]}, "'like' parameter must be made of names that are not empty"),
    ({"mixture": {"lik": 1}}, "Unknown source 'lik'. Did you mean 'like'?"),
    ({"target": {"enrgy": 0.3}}, "Unknown feature 'enrgy'. Did you mean 'energy'?"),
    ({"target": {"energy": 80}}, r"'energy' parameter must be in \[0, 1\]. Got 80.0"),
    ({"length": 0}, r"'length' parameter must be an int in \[1, 10000\] or None. Got 0"),
    ({"length": 10_001}, "Got 10001"),
    ({"length": 3, "minutes": 4}, "Both a length and minutes"),
    ({"minutes": 0}, "'minutes' parameter must be a float"),
    ({"years": "1999-1990"}, "The span ends at 1990, before it begins at 1999"),
    ({"years": "abc"}, "'years' parameter must be a span, as in"),
    ({"years": [1, 2, 3]}, "'years' parameter must be 2 floats or None"),
    ({"popularity": "50-101"}, r"'popularity' parameter must be in \[0, 100\]. Got 101.0"),
    ({"explicit": "maybe"}, "one of 'any', 'no', 'only'"),
    ({"places": {0: "a"}}, "There is no place 0. Places are counted from 1 to 10000"),
    ({"places": {31: "a"}, "length": 30}, "There is no place 31. Places are counted from 1 to 30"),
    ({"places": {"x": "a"}}, "'places' parameter must be a table of strings"),
    ({"arc": {"energy": "risin"}}, "Unknown shape 'risin'. Did you mean 'rising'?"),
    ({"arc": {"loud": "rising"}}, "Unknown feature of an arc 'loud'. Known: energy"),
    ({"arc": {"energy": [0.5]}}, "2 to 100 values"),
    ({"arc": {"tempo": [120, 1000]}}, r"'tempo' parameter must be in \[20, 400\]. Got 1000.0"),
    ({"arc": {"energy": 3}}, "'arc' parameter must be a table of strings or lists of floats"),
    ({"exclude": 3}, "'exclude' parameter must be a list of strings"),
    ({"exclude_artists": [""]}, "names that are not empty"),
    ({"new_artists": 1.5}, "'new_artists' parameter must be a float in"),
    ({"random_state": -1}, "'random_state' parameter must be an int"),
]


@pytest.mark.parametrize(("values", "message"), WRONG)
def test_wrong_values_are_told(values, message):
    with pytest.raises(ParameterError, match=message):
        PlaylistRequest(**values)


def test_journeys_need_room_for_their_stops_and_both_ends():
    assert JourneyRequest(start="a", end="b", via="c", length=3).stops == ("a", "c", "b")
    with pytest.raises(ParameterError, match="A journey of 2 tracks cannot hold its 3 stops"):
        JourneyRequest(start="a", end="b", via=["c"], length=2)
    with pytest.raises(ParameterError, match=r"The 'end' parameter is missing. It must be a string"):
        JourneyRequest(start="a")
    with pytest.raises(ParameterError, match="names that are not empty"):
        JourneyRequest(start="a", end=" ")


def test_every_parameter_is_described_and_ranges_ascend():
    for model in (PlaylistRequest, JourneyRequest):
        assert all(field.description for field in model.model_fields.values())
    assert all(low < high for low, high in (*ARC_RANGES.values(), *TARGET_RANGES.values()))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "[1]", "is not JSON: an object"),
        ("a.json", "{", "is not JSON"),
        ("a.json", "[" * 100_000, "is not JSON"),
        ("a.toml", "like = ", "is not TOML"),
    ],
)
def test_broken_files(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        PlaylistRequest.from_file(path)
    with pytest.raises(InputError, match="There is no request"):
        PlaylistRequest.from_file(tmp_path / "nowhere.toml")
