"""Every field of a request can be told by a flag, by TOML and by JSON; what files cannot say is one clear message."""

import json

import pytest
from typer.testing import CliRunner

from songscape.cli.app import app, run
from songscape.cli.requests import option_of
from songscape.errors import ParameterError
from songscape.playlist.request import JourneyRequest, PlaylistRequest

RUNNER = CliRunner()
TEN_WORDS = {
    "where": (["year > 1990 and not explicit"], "year > 1990 and not explicit"),
    "years": (["1990-"], [1990, 2100]),
    "popularity": (["20-60"], [20, 60]),
    "explicit": (["no"], "no"),
    "per_artist": (["2"], 2),
    "artist_gap": (["5"], 5),
    "exclude": (["A - B", "row:7"], ["A - B", "row:7"]),
    "exclude_artists": (["A, B and C"], ["A, B and C"]),
    "length": (["12"], 12),
    "random_state": (["9"], 9),
}
PLAYLIST = {
    **TEN_WORDS,
    "like": (["A - B, C", "row:3"], {"A - B, C": 1, "row:3": 1}),
    "like_files": (["one.m3u8"], ["one.m3u8"]),
    "unlike": (["row:4"], {"row:4": 1}),
    "groups": (["coarse:3"], {"coarse:3": 1}),
    "emotions": (["joy"], {"joy": 1}),
    "target": (["energy=0.8,tempo=120"], {"energy": 0.8, "tempo": 120}),
    "mixture": (["like=2"], {"like": 2}),
    "weights": (["era=0.5", "genre=2"], {"era": 0.5, "genre": 2}),
    "learned": (["mine.npz"], "mine.npz"),
    "minutes": (["45.5"], 45.5),
    "popularity_mix": (["0.2"], 0.2),
    "new_artists": (["0.5"], 0.5),
    "include": (["row:8"], ["row:8"]),
    "places": (["1=A - B, C", "3=row:5"], {"1": "A - B, C", "3": "row:5"}),
    "arc": (["energy=rising,tempo=90,120,100"], {"energy": "rising", "tempo": [90, 120, 100]}),
    "variety": (["0.9"], 0.9),
    "smoothness": (["0.1"], 0.1),
}
JOURNEY = {
    **TEN_WORDS,
    "start": (["row:1"], "row:1"),
    "end": (["row:2"], "row:2"),
    "via": (["row:3", "row:4"], ["row:3", "row:4"]),
    "match_popularity": ([], True),
}
NEEDED = {PlaylistRequest: {"where": "year > 1"}, JourneyRequest: {"start": "row:10", "end": "row:11"}}
COMMANDS = {PlaylistRequest: ("playlist", "build_playlist"), JourneyRequest: ("journey", "plan_journey")}
FIELDS = [(PlaylistRequest, name, *told) for name, told in PLAYLIST.items()]
FIELDS += [(JourneyRequest, name, *told) for name, told in JOURNEY.items()]


@pytest.fixture
def asked(monkeypatch):
    """From words of a command line to the request that they make; no atlas is read."""

    class HeardError(Exception):
        pass

    heard = []

    def hear(_, request):
        heard.append(request)
        raise HeardError

    monkeypatch.setattr("songscape.cli.sources.load_atlas", lambda folder: folder)
    for _, function in COMMANDS.values():
        monkeypatch.setattr(f"songscape.cli.sources.{function}", hear)

    def ask(model, *words):
        with pytest.raises(HeardError):
            RUNNER.invoke(app, [COMMANDS[model][0], "atlas", *map(str, words)], catch_exceptions=False)
        return heard.pop()

    return ask


def flags(name, words):
    return [part for word in words for part in (option_of(name), word)] if words else [option_of(name)]


def needed(model, name):
    return {key: value for key, value in NEEDED[model].items() if key != name}


def toml_of(values):
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items() if not isinstance(value, dict)]
    for name, table in values.items():
        if isinstance(table, dict):
            lines += [f"[{name}]", *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def test_no_field_is_left_out():
    assert set(PLAYLIST) == set(PlaylistRequest.model_fields)
    assert set(JOURNEY) == set(JourneyRequest.model_fields)


@pytest.mark.parametrize(("model", "name", "words", "value"), FIELDS)
def test_a_flag_toml_and_json_say_the_same(asked, tmp_path, model, name, words, value):
    others = [part for key, told in needed(model, name).items() for part in flags(key, [told])]
    by_flag = asked(model, *flags(name, words), *others)
    values = {**needed(model, name), name: value}
    by_file = []
    for suffix, text in ((".toml", toml_of(values)), (".json", json.dumps(values))):
        file = tmp_path / f"request{suffix}"
        file.write_text(text, encoding="utf-8")
        by_file.append(asked(model, "--request", file))
    assert by_flag == by_file[0] == by_file[1]
    assert getattr(by_flag, name) != model.model_fields[name].get_default(call_default_factory=True)


def test_flags_win_over_the_file_field_by_field(asked, tmp_path):
    file = tmp_path / "way.toml"
    file.write_text('start = "row:1"\nlength = 9\nmatch_popularity = true\n', encoding="utf-8")
    told = asked(JourneyRequest, "--request", file, "--to", "row:2", "--length", 8, "--no-match-popularity")
    assert told == JourneyRequest(start="row:1", end="row:2", length=8)
    file.write_text('like = "row:1"\nlength = 9\n', encoding="utf-8")
    assert asked(PlaylistRequest, "--request", file, "--minutes", 30).minutes == 30
    file.write_text('like = "row:1"\nminutes = 30\n', encoding="utf-8")
    assert asked(PlaylistRequest, "--request", file, "--length", 7).n_tracks == 7


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "r.toml",
            'lenght = 3\nlike = "a"\n',
            "In the request '{}': Unknown parameter 'lenght'. Did you mean 'length'?",
        ),
        ("r.json", '{"wheer": "year > 1"}', "In the request '{}': Unknown parameter 'wheer'. Did you mean 'where'?"),
        ("r.toml", 'length = "many"\n', "In the request '{}': The 'length' parameter must be an int"),
        (
            "r.json",
            '{"variety": "wide"}',
            "In the request '{}': The 'variety' parameter must be a float in [0.0, 1.0]",
        ),
        ("r.json", '{"variety": NaN}', "In the request '{}': The 'variety' parameter must be a float in [0.0, 1.0]"),
        ("r.toml", "[like]\na = 1\nb = -1\n", "'like: b' parameter must be a float in [0, 1000]"),
        ("r.toml", "[target]\nenergi = 1\n", "Unknown feature 'energi'. Did you mean 'energy'?"),
        ("r.toml", 'like = "a"\nlength = \n', "is not TOML: Invalid value (at line 2, column 10)"),
        ("r.toml", 'like = "a"\nlike = "b"\n', "is not TOML: Cannot overwrite a value (at line 2"),
        ("r.json", '{"like": "a",\n "length": }', "is not JSON: Expecting value: line 2 column 12"),
        ("r.json", '["a"]', "is not JSON: an object {…} is needed"),
        ("r.toml", None, "There is no request"),
    ],
)
def test_what_a_file_cannot_say_is_one_clear_message(tmp_path, capsys, monkeypatch, name, text, message):
    file = tmp_path / name
    if text is not None:
        file.write_text(text, encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["songscape", "playlist", str(tmp_path), "--request", str(file)])
    with pytest.raises(SystemExit) as end:
        run()
    told = " ".join(capsys.readouterr().err.split())
    assert end.value.code == 2
    assert message.replace("{}", str(file), 1) in told if "{}" in message else message in told
    assert "Traceback" not in told


def test_the_message_names_the_file_in_python_too(tmp_path):
    file = tmp_path / "r.toml"
    file.write_text("smoothness = 3\n", encoding="utf-8")
    with pytest.raises(ParameterError, match=r"In the request '.*r\.toml': The 'smoothness' parameter"):
        PlaylistRequest.from_file(file)
