"""What a walk over parts rests on: nothing that may be meant is passed over, chance depends on rows alone."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.atlas.playlists.library import library_of
from songscape.parts.asking import _chance
from songscape.parts.looks import SeedLook
from songscape.parts.shortlist import find_nearest
from songscape.parts.table import ROW, compact
from songscape.playlist.content import prepare_content
from songscape.playlist.score import score_songs
from songscape.playlist.weights import ScoreWeights
from songscape.titles import may_hold, plain_text

LETTERS = st.text("aAbB éÉßЁё'’`&-!()0", max_size=12)


@given(
    st.lists(LETTERS, min_size=1, max_size=8),
    st.lists(st.text("abeё 0", min_size=1, max_size=4), min_size=1, max_size=3),
)
@settings(derandomize=True, deadline=None, max_examples=150)
def test_no_text_that_holds_a_word_is_passed_over(texts, words):
    """Also where case, accents, apostrophes and ampersands stand between a text and its plain form."""
    words = [word for word in plain_text(pl.Series(words)).to_list() if word.strip()]
    if not words:
        return
    series = pl.Series([*texts, None], dtype=pl.String)
    plain = plain_text(series)
    any_of = [text is not None and any(word in text for word in words) for text in plain]
    every = [text is not None and all(word in text for word in words) for text in plain]
    assert not (pl.Series(any_of) & ~may_hold(series, words)).any()
    assert not (pl.Series(every) & ~may_hold(series, words, every=True)).any()


def test_most_other_texts_are_passed_over():
    texts = pl.Series(["Blue", "Kind of Green", "Yellow Submarine", "Green Day"] * 50)
    assert may_hold(texts, ["green"]).sum() == 100
    assert may_hold(texts, ["green", "day"], every=True).sum() == 50


def test_chance_depends_on_the_row_and_the_seed_alone():
    rows = np.arange(50_000)
    whole = _chance(rows, 3)
    np.testing.assert_array_equal(_chance(rows[777:900], 3), whole[777:900])
    assert not np.array_equal(_chance(rows, 2**32 - 1), whole)
    counts = np.histogram(whole, bins=20, range=(0.0, 1.0))[0]
    assert abs(counts - 2500).max() < 5 * np.sqrt(2500)


def test_a_look_ranks_as_the_score_does(whole):
    """Of the tracks of an ordinary atlas, by columns alone; the scores of shuffled tracks are the control."""
    songs = library_of(whole).songs
    tracks = whole.catalog.tracks[songs.rows]
    seeds, counts = np.array([5, 90, 300], np.int32), np.ones(3, np.float32)
    look = SeedLook(songs, seeds, counts, ScoreWeights())(tracks)
    score = score_songs(prepare_content(songs), seeds, counts).total
    assert np.corrcoef(look, score)[0, 1] > 0.9
    shuffled = np.random.default_rng(0).permutation(look)
    assert abs(np.corrcoef(shuffled, score)[0, 1]) < 0.2


def test_what_is_kept_of_a_batch_is_the_same_table(parts):
    batch = parts.table.gather(np.arange(40))
    few = batch.filter(pl.col(ROW) % 7 == 0)
    kept = compact(few)
    assert kept.equals(few)
    assert kept.schema == few.schema
    assert compact(few.clear()).schema == few.schema


def test_nothing_is_found_where_nothing_meets(parts):
    found = find_nearest(parts.table, lambda batch: np.zeros(batch.height), 5, None, frozenset(["nobody"]))
    assert found.tracks[ROW].to_list() == [0, 1, 2, 3, 4]
    assert (found.met, found.counts) == (len(parts), ())
