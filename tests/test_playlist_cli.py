"""Commands that make playlists, as a person types them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import songscape
from songscape.cli.app import app, run
from songscape.playlist.formats import read_playlist

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    catalog = songscape.read_catalog(songscape.synthesize_tracks(1500, random_state=2))
    return str(songscape.build_atlas(catalog).save(tmp_path_factory.mktemp("cli") / "atlas"))


def said(*words):
    done = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(capsys, monkeypatch, *words):
    """The message of a command that ends with exit code 2."""
    monkeypatch.setattr("sys.argv", ["songscape", *(str(word) for word in words)])
    with pytest.raises(SystemExit) as end:
        run()
    assert end.value.code == 2
    message = capsys.readouterr().err
    assert "Traceback" not in message
    return message


def test_a_playlist_is_shown_with_reasons_and_its_card(folder):
    text = said("playlist", folder, "--like", "row:3", "--like", "row:70", "--arc", "energy=rising", "--length", 12)
    assert "12 tracks" in text
    assert text.count("near ") >= 12
    assert "worst step" in text
    assert "coherence" in text
    assert "arc fit" in text


@pytest.mark.parametrize("suffix", ["m3u8", "xspf", "jspf", "csv", "json", "txt"])
def test_a_playlist_is_written_in_the_format_of_its_name(folder, tmp_path, suffix):
    target = tmp_path / f"list.{suffix}"
    assert f"Written: {target}" in said("playlist", folder, "--like", "row:3", "--length", 5, "-o", target)
    assert len(read_playlist(target).items) == 5


def test_json_holds_request_tracks_and_card(folder):
    told = json.loads(said("playlist", folder, "--target", "energy=0.8,positiveness=0.7", "--length", 6, "--json"))
    assert told["request"]["target"] == {"energy": 0.8, "positiveness": 0.7}
    assert len(told["tracks"]) == 6
    assert set(told["card"]) == {"playlist", "random", "genre", "sorted", "genre_name", "worst_step"}


def test_a_format_goes_to_standard_output(folder):
    text = said("similar", folder, "row:3", "-n", 4, "--format", "m3u8")
    assert text.startswith("#EXTM3U")


def test_a_request_file_and_flags_over_it(folder, tmp_path):
    file = tmp_path / "night.toml"
    file.write_text('like = ["row:3"]\nlength = 9\n[arc]\nenergy = "falling"\n', encoding="utf-8")
    told = json.loads(said("playlist", folder, "--request", file, "--length", 4, "--json"))
    assert len(told["tracks"]) == 4
    assert told["request"]["arc"] == {"energy": "falling"}


def test_a_journey(folder):
    told = json.loads(said("journey", folder, "--from", "row:3", "--to", "row:900", "--length", 7, "--json"))
    assert (told["tracks"][0]["row"], told["tracks"][-1]["row"], len(told["tracks"])) == (3, 900, 7)
    why = [(track["near"], track["why"]) for track in told["tracks"]]
    assert (why[0], why[-1]) == (("", ["start"]), ("", ["end"]))
    assert all(near for near, _ in why[1:-1])
    matched = said("journey", folder, "--from", "row:3", "--to", "row:900", "--length", 7, "--match-popularity")
    assert "7 tracks" in matched


def test_reorder_says_what_it_gained_and_what_would_mend(folder, tmp_path):
    target = tmp_path / "mine.m3u8"
    said("playlist", folder, "--where", "year > 1900", "--length", 15, "-o", target, "--smoothness", 0)
    text = said("reorder", folder, target)
    assert "15 tracks" in text
    assert "before" in text


def test_reorder_keeps_the_gap_between_tracks_of_one_artist_or_says_so(folder, tmp_path):
    tracks = songscape.load_atlas(folder).catalog.tracks.unique("version_family", maintain_order=True)
    artists = tracks["artists"].list.first()
    several = artists.value_counts(sort=True).drop_nulls()["artists"][:4].to_list()
    rows = [row for name in several for row in (artists == name).arg_true().to_list()[:3]]
    target = tmp_path / "mine.txt"
    target.write_text("".join(f"{artists[row]} - {tracks['title'][row]}\n" for row in rows), encoding="utf-8")
    found = json.loads(said("reorder", folder, target, "--json"))
    names = [set(track["artists"]) for track in found["tracks"]]
    assert len(names) == 12
    assert found["request"]["artist_gap"] == 2
    kept = not any(one & other for at, one in enumerate(names) for other in names[at + 1 : at + 3])
    assert kept != any("apart" in note for note in found["notes"])
    target.write_text("".join(f"{artists[row]} - {tracks['title'][row]}\n" for row in rows[:3]), encoding="utf-8")
    assert "apart, not 2" in said("reorder", folder, target)  # three of one artist
    freed = json.loads(said("reorder", folder, target, "--artist-gap", 0, "--json"))
    assert freed["request"]["artist_gap"] == 0


def test_prose_is_no_playlist(folder, capsys, monkeypatch, tmp_path):
    file = tmp_path / "README.md"
    file.write_text("# Read me\n\nThis says how to install it.\nNothing here is music.\n", encoding="utf-8")
    message = refused(capsys, monkeypatch, "reorder", folder, file)
    assert "does not look like a playlist" in message
    assert ".m3u8" in message


def test_push_only_plans_without_send(folder, tmp_path):
    target = tmp_path / "mine.json"
    target.write_text(
        json.dumps({"name": "Berlin", "items": [{"title": "Heroes", "id": "7Jh1bpe76CNTCgdgAdBw4Z"}]}),
        encoding="utf-8",
    )
    text = said("push", target)
    assert "Nothing was sent" in text


def lists_of(folder, tmp_path):
    """A file of 40 playlists, each of one genre as far as there are enough of it."""
    atlas = songscape.load_atlas(folder)
    genres = atlas.catalog.tracks["genres"].list.first().fill_null("none").to_list()
    ids = atlas.catalog.tracks["id"].to_list()
    titles, artists = atlas.catalog.tracks["title"].to_list(), atlas.catalog.tracks["artists"].list.first().to_list()
    lists = Path(tmp_path / "lists.csv")
    lines = ["playlist_id,position,track_id,title,artist"]
    for number in range(40):
        rows = [row for row, genre in enumerate(genres) if genre == genres[number * 7]][number % 5 :: 2][:40]
        rows = rows if len(rows) >= 25 else list(range(number * 30, number * 30 + 30))
        lines += [f'{number},{i},{ids[row] or ""},"{titles[row]}","{artists[row]}"' for i, row in enumerate(rows)]
    lists.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return lists


def test_real_playlists_judge(folder, tmp_path):
    lists = lists_of(folder, tmp_path)
    text = said("evaluate", folder, "--playlists", lists)
    assert "without co-occurrence, songs of any playlist:" in text
    assert "random" in text
    assert "Reach: " in text
    ahead, _ = (line for line in text.splitlines() if line.startswith("By NDCG songscape is surely ahead of "))
    proof = json.loads(said("evaluate", folder, "--playlists", lists, "--json"))
    table = proof["content"]["pool"]
    assert table["songscape"]["auc"] > table["random"]["auc"]
    level = [name for name, row in table.items() if name != "songscape" and row["behind"]["low"]["ndcg"] <= 0.0]
    assert ahead.endswith(f"the others, but of: {', '.join(level)}." if level else "all others.")


def test_learn_writes_a_file_that_a_request_names(folder, tmp_path):
    lists, learned = lists_of(folder, tmp_path), tmp_path / "learned.npz"
    text = said("learn", folder, "--playlists", lists, "-o", learned)
    assert "Learned from" in text
    assert (
        len(json.loads(said("playlist", folder, "--like", "row:3", "--learned", learned, "--json"))["tracks"]) == 30
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("playlist",), "Nothing was asked for"),
        (("playlist", "--like", "zzzz qqqq - wwww vvvv"), "has no track"),
        (("playlist", "--where", "yaer > 1990"), "year"),
        (("playlist", "--where", "year > 2090"), "No track is left by"),
        (("playlist", "--like", "row:3", "--length", "0"), "length"),
        (("playlist", "--like", "row:3", "--length", "10001"), "length"),
        (("playlist", "--like", "row:3", "--length", "10000"), "Ask for a length"),
        (("playlist", "--like", "row:3", "--length", "5", "--minutes", "20"), "Give one of them"),
        (("playlist", "--like", "row:3", "--weight", "gnere=2"), "genre"),
        (("playlist", "--like", "row:3", "--target", "energy"), "KEY=VALUE"),
        (("playlist", "--group", "no such group"), "group"),
        (("playlist", "--emotion", "joyy"), "joy"),
        (("playlist", "--like-file", "nowhere.m3u8"), "nowhere.m3u8"),
        (("playlist", "--like", "row:3", "--learned", "nowhere.npz"), "songscape learn"),
        (("journey", "--from", "row:3"), "--to"),
        (("journey", "--from", "row:3", "--to", "row:3"), "are the same song"),
        (("journey", "--from", "row:3", "--to", "row:9999999"), "row"),
        (("similar", "row:3", "-n", "0"), "'length' parameter"),
    ],
)
def test_what_cannot_be_is_one_clear_message(folder, capsys, monkeypatch, words, message):
    command, *rest = words
    assert message in refused(capsys, monkeypatch, command, folder, *rest)


def test_a_playlist_of_unknown_tracks_is_told(folder, capsys, monkeypatch, tmp_path):
    file = tmp_path / "strange.txt"
    file.write_text("Nobody - Nothing\nNo One - Never\n", encoding="utf-8")
    assert "None of the 2 tracks" in refused(capsys, monkeypatch, "reorder", folder, file)


def test_a_playlist_of_one_track_is_in_order(folder, tmp_path):
    target = tmp_path / "one.json"
    said("playlist", folder, "--like", "row:3", "--length", 1, "-o", target)
    assert "1 track" in said("reorder", folder, target)


def test_names_that_no_file_can_have_are_one_message(folder, capsys, monkeypatch, tmp_path):
    long = tmp_path / f"{'a' * 300}.csv"
    for words in (
        ["playlist", folder, "--like", "row:3", "-o", long],
        ["playlist", folder, "--like-file", long],
        ["reorder", folder, long],
        ["evaluate", folder, "--playlists", long],
    ):
        assert "name too long" in refused(capsys, monkeypatch, *words)


@pytest.mark.parametrize("name", ["a\nb.m3u8", "-x.m3u8", "\x01.m3u8"])
def test_odd_names_hold_what_was_asked_for(folder, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    said("playlist", folder, "--like", "row:3", "--length", 4, "-o", name)
    assert len(read_playlist(tmp_path / name).items) == 4


@pytest.mark.parametrize("command", [["evaluate"], ["learn", "-o", "l.npz"]])
def test_playlists_without_a_known_track_tell_nothing(folder, capsys, monkeypatch, tmp_path, command):
    file = tmp_path / "lists.csv"
    file.write_text("playlist_id,position,track_id\n1,0,nope\n")
    words = [command[0], folder, "--playlists", file, *command[1:]]
    assert "None of the 1 track" in refused(capsys, monkeypatch, *words)


def test_ten_thousand_tracks_of_a_small_catalog_say_how_many_are_possible(folder, capsys, monkeypatch):
    message = refused(capsys, monkeypatch, "playlist", folder, "--like", "row:3", "--length", 10_000)
    assert "of the 10000 wished are possible" in message
    assert "in [1, 10000]" in refused(capsys, monkeypatch, "playlist", folder, "--like", "row:3", "--length", 0)
