"""`songscape emotions`: what it prints, its exit codes, and that a run that is killed goes on where it was."""

import builtins
import json
import os
import signal
import sqlite3
import sys

import pytest
from commands import PATIENCE, kill, message, run, start, wait_until
from tiny_t5 import CUES

from songscape.cli import app
from songscape.config import EmotionParams
from songscape.lyrics import fill_emotions

ROWS = ["title,text,emotion", "One,tears cry alone,", "Two,dance smile,", "Three,rage,love", "Four,,"]


@pytest.fixture
def tracks(tmp_path):
    path = tmp_path / "tracks.csv"
    path.write_text("\n".join(ROWS) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def command(monkeypatch, capsys):
    """Run the command in this process, where the libraries are loaded already."""

    def ran(*words):
        monkeypatch.setattr(sys, "argv", ["songscape", "emotions", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            app.run()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return ran


def test_the_account_for_people(tracks, model, tmp_path, command):
    out = tmp_path / "out.csv"
    code, printed, err = command(tracks, "-o", out, "--model", model, "--device", "cpu", "--threads", 1)
    assert (code, err) == (0, "")
    lines = printed.splitlines()
    assert lines[:-1] == [
        "Read    4 rows; 1 keep their emotion",
        "Filled  2 rows: 1 joy, 1 sadness",
        "Missing 1 row without lyrics: no emotion",
        f"Asked   {model} for 2 texts on cpu; 0 known already",
    ]
    assert lines[-1].startswith(f"Wrote   {out} in ")
    assert out.read_text(encoding="utf-8").splitlines()[0] == "title,text,emotion,emotion_score"


def test_the_account_as_json(tracks, model, tmp_path, command):
    out = tmp_path / "out.parquet"
    words = [tracks, "-o", out, "--model", model, "--device", "cpu", "--max-tokens", 16, "--json"]
    code, printed, err = command(*words)
    assert (code, err) == (0, "")
    account = json.loads(printed)
    assert account.pop("seconds") > 0
    assert account == {
        "rows": 4, "filled": {"joy": 1, "sadness": 1}, "kept": 1, "without_lyrics": 1, "cut": 0, "asked": 2,
        "remembered": 0, "rejected": 0, "model": str(model), "device": "cpu", "out": str(out),
    }  # fmt: skip
    again = json.loads(command(*words)[1])
    assert (again["asked"], again["remembered"]) == (0, 2)


def test_every_flag(tmp_path, model, command):
    path, out, kept = tmp_path / "a.csv", tmp_path / "out.tsv", tmp_path / "kept.sqlite"
    path.write_text("Lyrics,Mood\ntears tears tears tears tears tears,joy\n,joy\nbroken,row,here\n")
    code, printed, err = command(
        path, "-o", out, "--lyrics-column", "Lyrics", "--emotion-column", "Mood", "--overwrite", "--model", model,
        "--label", "sadness", "--label", "joy", "--prefix", "cry ", "--max-tokens", 8, "--batch-size", 2,
        "--device", "cpu", "--cache", kept, "--threads", 1,
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "Left    1 row out that cannot be read, first line 4 of a.csv" in printed
    assert "Cut     the lyrics of 1 row to 8 tokens" in printed
    assert [line.split("\t")[:2] for line in out.read_text().splitlines()[1:]] == [
        ["tears tears tears tears tears tears", "sadness"], ["", "joy"],
    ]  # fmt: skip
    assert kept.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["none.csv", "-o", "out.csv"], "There is no file 'none.csv'"),
        (["tracks.csv", "-o", "out.doc"], "must be a file name that ends in .csv, .tsv, .parquet, .jsonl"),
        (["tracks.csv", "-o", "tracks.csv"], "is read here, and would be overwritten"),
        (["tracks.csv", "-o", "out.csv", "--lyrics-column", "tekst"], "no column 'tekst' with lyrics. Did you mean"),
        (["tracks.csv", "-o", "out.csv", "--max-tokens", "2"], "'max_tokens' parameter must be an int in [8, 10"),
        (["tracks.csv", "-o", "out.csv", "--device", "tpu"], "'device' parameter must be one of 'auto', 'cpu'"),
        (["tracks.csv", "-o", "out.csv", "--label", "joy"], "'labels' parameter must be at least two"),
        (["tracks.csv", "-o", "out.csv", "--model", "no/model"], "There is no folder 'no/model', and no model"),
        (["tracks.csv", "-o", "out.csv", "--model", "."], "'.' holds no model that can be used"),
        (["tracks.csv", "-o", "out.csv", "--threads", "0"], "'threads' parameter must be an int of at least 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_message(words, told, tracks, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert err.startswith("Error: ")
    assert err.count("\n") == 1
    assert told in err
    assert [path.name for path in tmp_path.iterdir()] == ["tracks.csv"]


def test_without_the_extra(tracks, tmp_path, monkeypatch, command):
    importing = builtins.__import__

    def refuse(name, *rest):
        if name == "torch":
            raise ImportError("No module named 'torch'")
        return importing(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    code, out, err = command(tracks, "-o", tmp_path / "out.csv")
    assert (code, out) == (2, "")
    assert "pip install 'songscape[lyrics]'" in err


def test_a_damaged_cache(tracks, model, tmp_path, command):
    (tmp_path / "out.csv.emotions-cache.sqlite").write_bytes(b"not a database at all " * 100)
    code, out, err = command(tracks, "-o", tmp_path / "out.csv", "--model", model)
    assert (code, out) == (2, "")
    assert "is damaged, or no cache of emotions" in err
    assert not (tmp_path / "out.csv").exists()


def many(tmp_path, count):
    """Different texts, each with cues of one emotion."""
    words = [" ".join([cue, *("la" for _ in range(n % 50)), str(n)]) for n in range(count) for cue in ["cry"]]
    path = tmp_path / "many.csv"
    path.write_text("text\n" + "\n".join(words) + "\n")
    return path


def kept(cache, *, locks=True):
    """How many answers a cache holds.

    While another process writes, one commit after the other, a reader that heeds its locks may wait until the end:
    without them the count is that of some moment, which will do to see that it grows.
    """
    if not cache.exists():
        return 0
    connection = sqlite3.connect(f"file:{cache}?mode=ro{'' if locks else '&immutable=1'}", uri=True, timeout=10)
    try:
        return connection.execute("SELECT count(*) FROM answers").fetchone()[0]
    except sqlite3.DatabaseError:  # not made yet, or half written
        return 0
    finally:
        connection.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_stopped_goes_on_where_it_was(how, model, tmp_path, command):
    source, out = many(tmp_path, 600), tmp_path / "out.csv"
    cache = tmp_path / "out.csv.emotions-cache.sqlite"
    words = [source, "-o", out, "--model", model, "--device", "cpu", "--threads", 1, "--json", "--batch-size"]
    process = start("emotions", *words, 1)
    wait_until(lambda: kept(cache, locks=False) >= 5, process)
    if how == signal.SIGKILL:
        assert kill(process) == -signal.SIGKILL
    else:
        process.send_signal(how)
        _, err = process.communicate()
        assert (process.returncode, "Traceback" in err) == (130, False)
    assert not out.exists()
    before = kept(cache)
    assert 5 <= before < 600
    code, printed, err = command(*words, 200)
    assert (code, err) == (0, "")
    account = json.loads(printed)
    assert (account["remembered"], account["asked"]) == (before, 600 - before)
    assert sum(account["filled"].values()) == 600


def test_two_runs_at_once_on_one_cache(model, tmp_path):
    source, cache = many(tmp_path, 80), tmp_path / "kept.sqlite"
    out, other = tmp_path / "one.csv", tmp_path / "two.csv"
    params = EmotionParams(model=str(model), device="cpu", batch_size=1)
    words = [source, "-o", out, "--model", model, "--device", "cpu", "--threads", 1, "--batch-size", 1]
    process = start("emotions", *words, "--cache", cache)
    wait_until(lambda: kept(cache, locks=False) >= 5, process)
    done = fill_emotions(source, other, params, cache=cache)
    printed, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    assert printed.startswith("Read    80 rows; 0 keep their emotion\nFilled  80 rows: ")
    assert done.remembered >= 5
    assert kept(cache) == 80
    one, two = (path.read_text().splitlines() for path in (out, other))
    assert [row.split(",")[:2] for row in one] == [row.split(",")[:2] for row in two]


def test_help_tells_the_flags_of_the_declaration(command):
    code, out, _ = command("--help")
    shown = " ".join(out.replace("│", " ").split())
    assert code == 0
    for flag in ("--lyrics-column", "--label", "--max-tokens", "--device", "--overwrite", "--cache"):
        assert flag in shown
    assert "default: 512" in shown


def test_a_message_of_a_process(tracks, tmp_path):
    """Nothing heavy is needed to say that the libraries or the model are not there."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(tmp_path / "hub")}
    told = message(run("emotions", tracks, "-o", tmp_path / "out.csv", env=environment))
    assert "no model of that name could be fetched" in told
    assert "hf download mrm8488/t5-base-finetuned-emotion" in told


def test_the_labels_of_the_tests_are_those_of_catalogs():
    from songscape.catalog.schema import EMOTIONS

    assert set(CUES) == set(EMOTIONS)
