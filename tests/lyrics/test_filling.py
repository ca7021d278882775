"""From a file with lyrics to the same file with emotions: what is kept, found, asked, remembered, written."""

import csv
import json
import random

import polars as pl
import pytest
from tiny_t5 import CUES, lyrics_of

import songscape
from songscape.config import EmotionParams
from songscape.errors import InputError, ParameterError, ResourceError
from songscape.lyrics import fill_emotions
from songscape.lyrics.classifier import Classifier

SAD, GLAD = "tears cry alone", 'dance smile\n  all night, "party"; 夜に 🎵'


@pytest.fixture
def params(model):
    return EmotionParams(model=str(model), device="cpu")


@pytest.fixture
def tracks(tmp_path):
    path = tmp_path / "tracks.csv"
    rows = [
        ["title", "text", "emotion", "note"],
        ["One", SAD, "", "120"],
        ["Two, too", GLAD, "", "07"],
        ["Three", SAD, "love", ""],
        ["Four", "", "", "1.50"],
        ["Five", SAD, "nan", "9"],
        ['"Six"', "kiss darling", "Joy", "10"],
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def test_a_catalog_is_filled(tracks, params, tmp_path, asked):
    before = tracks.read_bytes()
    done = fill_emotions(tracks, tmp_path / "new" / "out.csv", params)
    assert tracks.read_bytes() == before
    assert done.table["emotion"].to_list() == ["sadness", "joy", "love", None, "sadness", "Joy"]
    assert done.table["emotion_score"].is_null().to_list() == [False, False, True, True, False, True]
    assert (done.filled, done.kept, done.without_lyrics) == ({"sadness": 2, "joy": 1}, 2, 1)
    assert (done.asked, done.remembered, done.cut, done.device) == (2, 0, 0, "cpu")
    assert [sorted(batch) for batch in asked] == [sorted([SAD, GLAD])]  # the same text once
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["out.csv", "out.csv.emotions-cache.sqlite"]
    with (tmp_path / "new" / "out.csv").open(newline="", encoding="utf-8") as file:
        written = list(csv.reader(file))
    with tracks.open(newline="", encoding="utf-8") as file:
        read = list(csv.reader(file))
    assert [[row[at] for at in (0, 1, 3)] for row in written] == [[row[at] for at in (0, 1, 3)] for row in read]
    assert written[0] == ["title", "text", "emotion", "note", "emotion_score"]
    assert [row[2] for row in written[1:]] == ["sadness", "joy", "love", "", "sadness", "Joy"]
    assert float(written[1][4]) == done.table["emotion_score"][0] > 0.5


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet", ".jsonl"])
def test_every_format_holds_the_same(tracks, params, tmp_path, ending):
    out = tmp_path / f"out{ending}"
    done = fill_emotions(tracks, out, params)
    again = fill_emotions(out, None, params)
    assert again.table.cast(pl.String).equals(done.table.cast(pl.String), null_equal=True)
    assert (again.filled, again.kept, again.without_lyrics) == ({}, 5, 1)
    assert songscape.read_catalog(out, lenient=True).tracks.height == 6


def test_json_lines_keep_what_they_hold(params, tmp_path):
    path, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    rows = [
        {"text": SAD, "emotion": None, "deep": {"list": [1, {"x": 2.5}]}, "big": 12345678901234567890},
        {"text": GLAD, "n": True, "emotion": "anger"},
        {"emotion": "", "no": []},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    fill_emotions(path, out, params)
    found = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert found[0].pop("emotion_score") > 0.5
    assert found == [
        rows[0] | {"emotion": "sadness"}, rows[1] | {"emotion_score": None}, rows[2] | {"emotion_score": None},
    ]  # fmt: skip


def test_types_of_parquet_stay_and_lists_become_json_in_csv(params, tmp_path):
    frame = pl.DataFrame({"text": [SAD], "n": [1.5], "tags": [["a", "é"]], "one": [{"x": 1}], "emotion": [None]})
    frame.write_parquet(tmp_path / "a.parquet")
    fill_emotions(tmp_path / "a.parquet", tmp_path / "b.parquet", params)
    written = pl.read_parquet(tmp_path / "b.parquet")
    assert written.drop("emotion", "emotion_score").equals(frame.drop("emotion"))
    fill_emotions(tmp_path / "a.parquet", tmp_path / "b.csv", params)
    row = pl.read_csv(tmp_path / "b.csv").row(0, named=True)
    assert (row["tags"], row["one"], row["n"]) == ('["a", "é"]', '{"x": 1}', 1.5)


def test_what_a_format_cannot_hold_is_told(params, tmp_path):
    frame = pl.DataFrame({"text": [SAD], "raw": [b"\xff\x00"]})
    with pytest.raises(InputError, match=r"out\.csv' cannot hold this table .* Choose another format: .csv, .tsv"):
        fill_emotions(frame, tmp_path / "out.csv", params)
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv.emotions-cache.sqlite"]


class TestCache:
    def test_a_second_run_asks_nothing_and_loads_no_model(self, tracks, params, tmp_path, asked, monkeypatch):
        first = fill_emotions(tracks, tmp_path / "out.csv", params)
        monkeypatch.setattr(Classifier, "__init__", None)
        second = fill_emotions(tracks, tmp_path / "out.csv", params)
        assert second.table.equals(first.table, null_equal=True)
        assert (second.asked, second.remembered, second.device) == (0, 2, None)
        assert len(asked) == 1

    def test_a_grown_catalog_asks_for_its_new_texts(self, tracks, params, tmp_path, asked):
        fill_emotions(tracks, tmp_path / "out.csv", params)
        with tracks.open("a") as file:
            file.write("Seven,rage hate,,3\nEight,tears cry alone,,3\n")
        done = fill_emotions(tracks, tmp_path / "out.csv", params)
        assert asked[1:] == [["rage hate"]]
        assert done.filled == {"sadness": 3, "anger": 1, "joy": 1}

    def test_a_cache_of_its_own_name(self, tracks, params, tmp_path, asked):
        kept = tmp_path / "kept.sqlite"
        fill_emotions(tracks, tmp_path / "one.csv", params, cache=kept)
        fill_emotions(tracks, tmp_path / "two.csv", params, cache=kept)
        assert len(asked) == 1
        assert not list(tmp_path.glob("*emotions-cache*"))

    @pytest.mark.parametrize("change", [{"max_tokens": 9}, {"prefix": "so "}, {"labels": ("joy", "sadness")}])
    def test_another_question_is_asked_anew(self, tracks, params, tmp_path, asked, change):
        fill_emotions(tracks, tmp_path / "out.csv", params)
        fill_emotions(tracks, tmp_path / "out.csv", params.with_changes(**change))
        assert len(asked) == 2

    def test_how_it_is_asked_is_no_other_question(self, tracks, params, tmp_path, asked):
        fill_emotions(tracks, tmp_path / "out.csv", params)
        fill_emotions(tracks, tmp_path / "out.csv", params.with_changes(batch_size=1, device="auto"))
        assert len(asked) == 1

    def test_what_was_found_before_an_error_is_kept(self, params, tmp_path, monkeypatch):
        texts = [f"tears {word}" for word in "abcdef"]
        frame = pl.DataFrame({"text": texts})
        ask, calls = Classifier.__call__, []

        def fail_late(self, batch):
            calls.append(batch)
            if len(calls) == 3:
                raise ResourceError("no memory")
            return ask(self, batch)

        monkeypatch.setattr(Classifier, "__call__", fail_late)
        with pytest.raises(ResourceError, match="no memory"):
            fill_emotions(frame, tmp_path / "out.csv", params.with_changes(batch_size=2))
        assert not (tmp_path / "out.csv").exists()
        done = fill_emotions(frame, tmp_path / "out.csv", params)
        assert (done.asked, done.remembered) == (2, 4)


def test_batches_order_and_threads_do_not_matter(params):
    rng = random.Random(3)
    texts = [lyrics_of(label, rng, rng.randrange(1, 50)) for _ in range(4) for label in CUES]
    one = fill_emotions(pl.DataFrame({"text": texts}), None, params.with_changes(batch_size=1))
    with songscape.threads.use_threads(1):
        other = fill_emotions(pl.DataFrame({"text": texts[::-1]}), None, params.with_changes(batch_size=7))
    back = other.table.reverse()
    assert one.table["emotion"].equals(back["emotion"])
    assert (one.table["emotion_score"] - back["emotion_score"]).abs().max() < 1.1e-4  # a digit that is rounded


def test_the_longest_are_asked_first_in_batches(params, asked):
    texts = ["cry " * n for n in (3, 9, 1, 7, 5)]
    fill_emotions(pl.DataFrame({"text": texts}), None, params.with_changes(batch_size=2))
    assert [[len(text.split()) for text in batch] for batch in asked] == [[9, 7], [5, 3], [1]]


def test_progress_tells_stages_that_never_fall(tracks, params, tmp_path):
    told = []
    done = params.with_changes(batch_size=1)
    fill_emotions(tracks, tmp_path / "out.csv", done, progress=lambda *one: told.append(one))
    assert list(dict.fromkeys(stage for stage, _ in told)) == ["read", "model", "emotions"]
    for stage in ("read", "model", "emotions"):
        fractions = [fraction for name, fraction in told if name == stage]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0


def test_labels_and_overwrite(tracks, params):
    done = fill_emotions(tracks, None, params.with_changes(labels=("Love ", "FEAR"), overwrite=True))
    assert set(done.filled) <= {"love", "fear"}
    assert (sum(done.filled.values()), done.kept, done.without_lyrics) == (5, 0, 1)


def test_long_lyrics_are_cut_and_counted(params):
    frame = pl.DataFrame({"text": [SAD, "dance " + "tears " * 50, "dance " + "tears " * 50]})
    done = fill_emotions(frame, None, params.with_changes(max_tokens=16))
    assert (done.cut, done.asked) == (2, 2)


def test_an_empty_table_needs_no_model(tmp_path):
    frame = pl.DataFrame(schema={"text": pl.String, "year": pl.Int64})
    done = fill_emotions(frame, tmp_path / "out.parquet", EmotionParams(model="none"))
    assert done.as_dict() | {"seconds": 0} == {
        "rows": 0, "filled": {}, "kept": 0, "without_lyrics": 0, "cut": 0, "asked": 0, "remembered": 0, "rejected": 0,
        "model": "none", "device": None, "out": str(tmp_path / "out.parquet"), "seconds": 0,
    }  # fmt: skip
    written = pl.read_parquet(tmp_path / "out.parquet")
    assert dict(written.schema) == {
        "text": pl.String, "year": pl.Int64, "emotion": pl.String, "emotion_score": pl.Float64,
    }  # fmt: skip


class TestTheFileToWrite:
    @pytest.mark.parametrize("name", ["out.xlsx", "out", "out.csv.gz", ".csv"])
    def test_another_ending(self, tracks, tmp_path, name):
        with pytest.raises(
            ParameterError, match=r"'out' parameter must be a file name that ends in .csv, .tsv, .parq"
        ):
            fill_emotions(tracks, tmp_path / name)

    def test_a_folder_and_the_catalog_itself(self, tracks, tmp_path):
        (tmp_path / "a.csv").mkdir()
        with pytest.raises(InputError, match="is a folder"):
            fill_emotions(tracks, tmp_path / "a.csv")
        with pytest.raises(InputError, match="is read here, and would be overwritten"):
            fill_emotions([tracks], tmp_path / "." / "tracks.csv")

    def test_a_place_where_no_file_can_be(self, tracks):
        with pytest.raises(InputError, match=r"cannot be written to .* Choose another place with -o"):
            fill_emotions(tracks, tracks / "out.csv")
        with pytest.raises(InputError, match=r"cannot be written to .* Choose another place with -o"):
            fill_emotions(tracks, "/proc/out.csv")

    def test_an_old_file_stays_until_the_new_one_is_whole(self, tracks, params, tmp_path, monkeypatch):
        out = tmp_path / "out.csv"
        out.write_text("old")

        def full(self, path):
            path.write_text("half")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(pl.DataFrame, "write_csv", full)
        with pytest.raises(ResourceError, match="The disk is full"):
            fill_emotions(tracks, out, params)
        assert out.read_text() == "old"
        assert not list(tmp_path.glob(".*"))

    def test_a_link_keeps_pointing_where_it_does(self, tracks, params, tmp_path):
        (tmp_path / "real.csv").touch()
        (tmp_path / "out.csv").symlink_to(tmp_path / "real.csv")
        fill_emotions(tracks, tmp_path / "out.csv", params)
        assert (tmp_path / "out.csv").is_symlink() is True
        assert "sadness" in (tmp_path / "real.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("labels", [("joy",), ("joy", "Joy"), ("joy", " "), ()])
def test_labels_that_are_no_choice(labels):
    with pytest.raises(ParameterError, match="'labels' parameter must be at least two different words"):
        EmotionParams(labels=labels)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"max_tokens": 7}, r"'max_tokens' parameter must be an int in \[8, 100000\]. Got 7"),
        ({"batch_size": 0}, r"'batch_size' parameter must be an int in \[1, 10000\]. Got 0"),
        ({"device": "tpu"}, "'device' parameter must be one of 'auto', 'cpu', 'cuda', 'mps'. Got 'tpu'"),
        ({"lyrics": "text"}, "Unknown parameter 'lyrics'"),
        ({"labels": "joy"}, "'labels' parameter must be a list of strings or None. Got 'joy'"),
    ],
)
def test_parameters_outside_their_range(wrong, message):
    with pytest.raises(ParameterError, match=message):
        EmotionParams(**wrong)


@pytest.mark.realdata
def test_real_lyrics(data_folder, params, tmp_path):
    """Every third emotion is taken away: these are filled, all else stays byte for byte."""
    lines = (data_folder / "raw" / "emotions_900k_sample.json").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    for row in rows[::3]:
        row["emotion"] = None
    (tmp_path / "a.json").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    done = fill_emotions(tmp_path / "a.json", tmp_path / "out.jsonl", params.with_changes(max_tokens=64))
    written = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    without = {"emotion": None, "emotion_score": None}
    assert [row | without for row in written] == [row | without for row in rows]
    for at, (new, old) in enumerate(zip(written, rows, strict=True)):
        if at % 3 == 0:
            assert new["emotion"] in CUES
            assert 0.0 <= new["emotion_score"] <= 1.0
        else:
            assert (new["emotion"], new["emotion_score"]) == (old["emotion"], None)
    assert sum(done.filled.values()) == len(rows[::3])
    assert done.cut > 5
