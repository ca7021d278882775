"""Which rows need an emotion, and that nothing but these changes."""

import json

import polars as pl
import pytest

from songscape.config import EmotionParams
from songscape.errors import InputError, ParameterError
from songscape.lyrics.answer import Answer
from songscape.lyrics.table import read_lyrics

KNOWN = ["joy"] * 20 + ["sadness"] * 20


def table(**columns):
    return pl.DataFrame(columns)


def missing(frame, **params):
    return read_lyrics(frame, EmotionParams(**params)).is_missing.to_list()


def answers(read, label="fear", score=0.123456):
    return {text: Answer(label, score, False) for text in read.asked.drop_nulls().to_list()}


def filled(read, label="fear", score=0.123456):
    return read.filled(read.found(answers(read, label, score)))


@pytest.mark.parametrize("gap", [None, "", "  ", "nan", "N/A", "unknown", "?", "True", "pink"])
def test_what_counts_as_missing(gap):
    frame = table(text=["la"] * 41, emotion=[*KNOWN, gap])
    assert missing(frame) == [False] * 40 + [True]


def test_labels_of_a_vocabulary_of_its_own_are_kept():
    frame = table(text=["la"] * 20, emotion=["calm"] * 10 + ["wild"] * 9 + [None])
    assert missing(frame) == [False] * 19 + [True]


def test_a_label_on_many_rows_is_no_junk():
    frame = table(text=["la"] * 50, emotion=[*KNOWN, *["calm"] * 10])
    assert not any(missing(frame))


def test_a_kept_label_stays_as_it_is_written():
    read = read_lyrics(table(text=["la", "lo"], emotion=[" Joy", None]), EmotionParams())
    assert filled(read)["emotion"].to_list() == [" Joy", "fear"]


def test_only_the_emotion_and_its_score_change():
    frame = table(
        id=["007", "8"], text=["la", "lo"], when=["2020-01-01", ""], emotion=["joy", None], year=[1999, None],
        tags=[["a", "b"], []], deep=[{"x": 1.5}, {"x": None}],
    )  # fmt: skip
    before = frame.clone()
    done = filled(read_lyrics(frame, EmotionParams()))
    assert frame.equals(before)
    assert done.columns == [*frame.columns, "emotion_score"]
    assert done.drop("emotion", "emotion_score").equals(frame.drop("emotion"), null_equal=True)
    assert done["emotion"].to_list() == ["joy", "fear"]
    assert done["emotion_score"].to_list() == [None, 0.1235]


def test_a_new_column_where_there_is_none():
    done = filled(read_lyrics(table(text=["la", None], title=["One", "Two"]), EmotionParams()))
    assert done.columns == ["text", "title", "emotion", "emotion_score"]
    assert done["emotion"].to_list() == ["fear", None]


def test_the_column_is_recognized_by_its_name():
    done = filled(read_lyrics(table(text=["la"], track_emotion=[None]), EmotionParams()))
    assert done.columns == ["text", "track_emotion", "emotion_score"]
    assert done.row(0) == ("la", "fear", 0.1235)


def test_the_column_is_the_one_that_was_chosen():
    done = filled(read_lyrics(table(text=["la"], emotion=["joy"], mood=[None]), EmotionParams(emotion_column="mood")))
    assert done.row(0) == ("la", "joy", "fear", 0.1235)
    done = filled(read_lyrics(table(text=["la"], emotion=["joy"]), EmotionParams(emotion_column="mood")))
    assert done.columns == ["text", "emotion", "mood", "emotion_score"]


@pytest.mark.parametrize("nothing", [None, "", " \t", "NaN", "\\N"])
def test_rows_without_lyrics_stay_as_they_are(nothing):
    read = read_lyrics(table(text=["la", nothing, nothing], emotion=[None, None, "pink"]), EmotionParams())
    assert read.asked.to_list() == ["la", None, None]
    assert filled(read)["emotion"].to_list() == ["fear", None, "pink"]


def test_overwrite_finds_all_anew_that_have_lyrics():
    frame = table(text=["la", None, None], emotion=["joy", "love", None])
    read = read_lyrics(frame, EmotionParams(overwrite=True))
    assert read.is_missing.to_list() == [True, False, True]
    assert filled(read)["emotion"].to_list() == ["fear", "love", None]


def test_scores_of_an_earlier_run_stay():
    frame = table(text=["la", "lo", "li"], emotion=["joy", None, "love"], emotion_score=["0.50", None, None])
    assert filled(read_lyrics(frame, EmotionParams()))["emotion_score"].to_list() == ["0.50", "0.1235", None]
    numbers = frame.with_columns(pl.col("emotion_score").cast(pl.Float64))
    assert filled(read_lyrics(numbers, EmotionParams()))["emotion_score"].to_list() == [0.5, 0.1235, None]


def test_a_categorical_column():
    frame = table(text=["la", "lo"], emotion=["joy", None]).with_columns(pl.col("emotion").cast(pl.Categorical))
    assert filled(read_lyrics(frame, EmotionParams()))["emotion"].to_list() == ["joy", "fear"]


def test_an_empty_table():
    read = read_lyrics(pl.DataFrame(schema={"text": pl.String, "emotion": pl.String}), EmotionParams())
    done = filled(read)
    assert (done.height, done.columns) == (0, ["text", "emotion", "emotion_score"])


def test_files_stand_below_each_other_under_the_first_name(tmp_path):
    one, two, three = (tmp_path / name for name in ("one.csv", "two.tsv", "three.json"))
    one.write_text("title,text\nA,la\n")
    two.write_text("text\tTrack Emotion\tyear\nlo\tjoy\t1999\nli\t\t2000\n")
    three.write_text('[{"text": "lu", "emotion": "love", "year": 2001}]')
    read = read_lyrics([one, two, three], EmotionParams())
    assert read.emotion == "Track Emotion"
    assert filled(read).rows() == [
        ("A", "la", "fear", None, 0.1235),
        (None, "lo", "joy", "1999", None),
        (None, "li", "fear", "2000", 0.1235),
        (None, "lu", "love", "2001", None),
    ]


def test_rows_that_cannot_be_read_are_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("title,text,emotion\nA,la,joy\nB,lo,joy,too,much,here\nC,li,\n")
    read = read_lyrics(path, EmotionParams())
    assert read.frame.height == 2
    assert [(file, line) for file, line, _, _ in read.rejects] == [("a.csv", 3)]


def test_headers_that_repeat_are_told_apart(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,note,note,\nla,1,2,3\n")
    assert filled(read_lyrics(path, EmotionParams())).columns == [
        "text", "note", "note_2", "column_4", "emotion", "emotion_score",
    ]  # fmt: skip


class TestJsonLines:
    LINES = (
        '{"text": "la", "n": 1.50, "deep": {"x": [1, null]}, "emotion": null}',
        '{"emotion": "joy", "text": "lo \\ud83d\\ude00 é", "n": 2}',
        '{"text": "half \\ud83d"}',
    )

    def lines(self, tmp_path, *texts):
        paths = [tmp_path / f"{number}.jsonl" for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        read = read_lyrics(paths, EmotionParams())
        return read, read.json_lines(read.found(answers(read)))

    def test_objects_stay_as_they_are(self, tmp_path):
        _, lines = self.lines(tmp_path, "\n".join(self.LINES), "\n".join(self.LINES[::-1]))
        found = [json.loads(line) for line in lines]
        assert found[:3] == [
            {"text": "la", "n": 1.5, "deep": {"x": [1, None]}, "emotion": "fear", "emotion_score": 0.1235},
            {"emotion": "joy", "text": "lo 😀 é", "n": 2, "emotion_score": None},
            {"text": "half \ud83d", "emotion": "fear", "emotion_score": 0.1235},
        ]
        assert list(found[1]) == ["emotion", "text", "n", "emotion_score"]
        assert found[3:] == found[:3][::-1]

    def test_other_files_have_none(self, tmp_path):
        read, _ = self.lines(tmp_path, '{"text": "la"}\n{"text": "lo"}')
        assert read.records is not None
        assert read_lyrics(read.frame, EmotionParams()).json_lines(read.frame) is None

    def test_two_names_for_the_emotion_make_a_table(self, tmp_path):
        read, lines = self.lines(
            tmp_path, '{"text": "la", "emotion": "joy"}\n' * 2, '{"text": "la", "track_emotion": "joy"}\n' * 2
        )
        assert lines is None
        assert read.frame["emotion"].to_list() == ["joy"] * 4


class TestWhatIsWrong:
    def test_an_unknown_column(self):
        with pytest.raises(InputError, match=r"'<table>' has no column 'txt' with lyrics. Did you mean 'text'\?"):
            read_lyrics(table(text=["la"], title=["A"]), EmotionParams(lyrics_column="txt"))
        with pytest.raises(InputError, match=r"Columns: title, year. Name it with --lyrics-column."):
            read_lyrics(table(title=["A"], year=[1]), EmotionParams())

    def test_two_columns_for_the_emotion(self):
        frame = table(text=["la"], emotion=["joy"], Emotion=["joy"])
        with pytest.raises(
            InputError, match=r"two columns for the emotion: 'emotion' and 'Emotion'. Choose one with"
        ):
            read_lyrics(frame, EmotionParams())
        assert not any(missing(frame, emotion_column="Emotion"))

    @pytest.mark.parametrize(
        "columns",
        [
            {"emotion_column": "text"}, {"emotion_column": "emotion_score"}, {"lyrics_column": "emotion"},
            {"lyrics_column": "emotion_score"},
        ],
    )  # fmt: skip
    def test_one_column_for_two_things(self, columns):
        with pytest.raises(ParameterError, match="must be three"):
            read_lyrics(table(text=["la"], emotion=["joy"], emotion_score=[0.5]), EmotionParams(**columns))

    def test_all_files_in_one_message(self, tmp_path):
        (tmp_path / "a.csv").write_text("title\nA\n")
        with pytest.raises(InputError, match=r"(?s)There is no file .*none\.csv.*'a\.csv' has no column 'text'"):
            read_lyrics([tmp_path / "none.csv", tmp_path / "a.csv"], EmotionParams())
