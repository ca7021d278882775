"""What a model said is kept, and found again under exactly the same question."""

import sqlite3
import threading

import pytest

from songscape.errors import InputError
from songscape.lyrics.answer import Answer
from songscape.lyrics.cache import open_cache, question_of

LABELS = ("joy", "fear")
QUESTION = question_of("model", LABELS, 512, "")
JOY, FEAR = Answer("joy", 0.75, False), Answer("fear", 1.0, True)


def found(path, *texts, question=QUESTION, labels=LABELS):
    with open_cache(path, question, labels) as cache:
        return [cache.find(text) for text in texts]


def keep(path, answers, question=QUESTION):
    with open_cache(path, question, LABELS) as cache:
        cache.keep(answers)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "kept.sqlite"
    keep(path, {"la": JOY, "ло́": FEAR})
    return path


def test_answers_are_found_again(path):
    assert found(path, "la", "ло́", "La", "la ", "") == [JOY, FEAR, None, None, None]
    assert [one.name for one in path.parent.iterdir()] == ["kept.sqlite"]


@pytest.mark.parametrize(
    "other",
    [
        question_of("model2", LABELS, 512, ""), question_of("model", LABELS[::-1], 512, ""),
        question_of("model", (*LABELS, "love"), 512, ""), question_of("model", LABELS, 511, ""),
        question_of("model", LABELS, 512, "emotion: "),
    ],
)  # fmt: skip
def test_every_part_of_the_question_counts(path, other):
    assert found(path, "la", question=other) == [None]


def test_the_texts_themselves_are_not_kept(tmp_path):
    keep(tmp_path / "kept.sqlite", {"a very private verse": JOY})
    assert b"private" not in (tmp_path / "kept.sqlite").read_bytes()


def test_nothing_is_kept_without_a_file(tmp_path):
    keep(None, {"la": JOY})
    assert found(None, "la") == [None]
    assert list(tmp_path.iterdir()) == []


def test_a_batch_that_fails_is_not_kept(path):
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON answers WHEN new.label = 'fear'"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    connection.close()
    with pytest.raises(InputError, match=r"\(no\)"):
        keep(path, {"lo": JOY, "li": FEAR})
    assert found(path, "la", "lo", "li") == [JOY, None, None]


def test_an_answer_that_cannot_be_is_asked_anew(path):
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE answers SET label = 'jox' WHERE label = 'joy'")
        connection.execute("UPDATE answers SET score = 7 WHERE label = 'fear'")
    connection.close()
    assert found(path, "la", "ло́") == [None, None]
    keep(path, {"la": JOY})
    assert found(path, "la") == [JOY]


def test_two_runs_at_once(path):
    """Each keeps its answers, whoever is in the middle of a batch."""
    errors = []

    def run(number):
        try:
            for batch in range(20):
                keep(path, {f"{number} {batch} {text}": JOY for text in range(5)})
        except InputError as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    texts = [f"{number} {batch} {text}" for number in range(2) for batch in range(20) for text in range(5)]
    assert found(path, *texts) == [JOY] * 200


def write_pages(path):
    with open_cache(path, QUESTION, LABELS) as cache:
        cache.keep({f"text {number}": JOY for number in range(2000)})


@pytest.mark.parametrize("damage", ["cut short", "no database", "pages of nothing"])
def test_a_damaged_file_is_told(tmp_path, damage):
    path = tmp_path / "kept.sqlite"
    write_pages(path)
    whole = path.read_bytes()
    broken = {
        "cut short": whole[: len(whole) // 2],
        "no database": b"precious text\n" * 100,
        "pages of nothing": whole[:8192] + bytes(len(whole) - 8192),
    }[damage]
    path.write_bytes(broken)
    with pytest.raises(
        InputError, match=r"cache '.*kept.sqlite' is damaged, or no cache of emotions \(.*Move it away"
    ):
        found(path, "text 7")
    assert path.read_bytes() == broken


def test_a_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "photos.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match="is a database of another program"):
        found(path, "la")
    assert path.read_bytes() == before


def test_a_cache_of_another_version(path):
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(InputError, match="is of another version of Songscape"):
        found(path, "la")


def test_a_place_where_no_file_can_be(tmp_path):
    with pytest.raises(
        InputError, match=r"cannot be used: unable to open database file. Name another place: --cache"
    ):
        found(tmp_path / "none" / "kept.sqlite", "la")
