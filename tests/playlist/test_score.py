"""Scores: the parts by hand, the kernel beside a plain twin, and properties."""

import numpy as np
import pytest
from small_songs import bytes_of, make_songs, ragged

from songscape.errors import InputError
from songscape.playlist.content import prepare_content
from songscape.playlist.score import PARTS, score_songs, seed_tables
from songscape.playlist.songs import AUDIO
from songscape.playlist.weights import ScoreWeights
from songscape.threads import use_threads


def numbers(*values):
    return np.array(values, np.int32)


def part(parts, name):
    return parts.values[parts.names.index(name)]


def plain_scores(content, seeds, weights):
    """The twin of the kernel: song by song, part by part."""
    tables = seed_tables(content, seeds, np.ones(len(seeds)))
    songs = content.songs
    values = np.zeros((len(PARTS), songs.n_songs))
    for i in range(songs.n_songs):
        for f in range(len(AUDIO)):
            z = float(content.tables.levels[f, i])
            if not np.isnan(z):
                values[tables.row_of_level[f], i] += np.polyval(tables.curves[f, ::-1].astype(float), z)
        for row, held, worth in ((3, songs.tags, tables.tags), (4, songs.words, tables.words)):
            if held is not None:
                at = slice(held.indptr[i], held.indptr[i + 1])
                values[row, i] = held.weights[at] @ worth[held.ids[at]]
        artists = songs.artists.of(i)
        if len(artists):
            values[5, i] = max(0.0, tables.artists[artists, 0].max())
            values[6:8, i] = tables.artists[artists[0], 1:]
        for k, code in enumerate(content.tables.codes[:, i]):
            values[8 + k, i] = tables.scales[k, code] if code >= 0 else 0.0
    return values, weights.of(PARTS) @ values


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_the_kernel_equals_its_twin(missing):
    songs = make_songs(300, 1, missing=missing)
    content = prepare_content(songs)
    seeds = numbers(3, 14, 15, 92)
    parts = score_songs(content, seeds)
    values, total = plain_scores(content, seeds, ScoreWeights().for_seeds(4))
    np.testing.assert_allclose(parts.values, values, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(parts.total, total, rtol=1e-4, atol=1e-3)


def test_songs_with_equal_tags_share_a_row(monkeypatch):
    songs = make_songs(60, 3, tags=[[0], [0, 1], [1, 2], []] * 15)
    tables = prepare_content(songs).tables
    assert len(tables.styles.indptr) == 4 + 1
    monkeypatch.setattr("songscape.playlist.content._MIX", 0)  # all sums are equal: rows are told apart nevertheless
    for found in (tables, prepare_content(songs).tables):
        for song in range(60):
            at = slice(*found.styles.indptr[found.style[song] :][:2])
            assert found.styles.ids[at].tolist() == songs.tags.of(song).tolist()
        for tag in range(3):
            having = found.by_tag.ids[slice(*found.by_tag.indptr[tag:][:2])].tolist()
            rows = range(len(found.styles.indptr) - 1)
            assert having == [i for i in rows if tag in found.styles.ids[slice(*found.styles.indptr[i:][:2])]]


def test_the_score_is_the_sum_of_its_parts():
    content = prepare_content(make_songs(200, 2))
    parts = score_songs(content, numbers(0, 1), unlike=numbers(5))
    assert parts.names == (*PARTS, "unlike")
    for song, of_song in zip((0, 7, 199), parts.of(numbers(0, 7, 199)), strict=True):
        assert sum(of_song.values()) == pytest.approx(parts.total[song], abs=1e-3)
    np.testing.assert_allclose(parts.weights @ parts.values, parts.total, atol=1e-3)


def test_artists_count_by_the_share_of_their_songs_that_are_seeds():
    songs = make_songs(8, 3, artists=[[0], [0], [0, 1], [1], [2], [2], [2], []], n_artists=3)
    parts = score_songs(prepare_content(songs), numbers(0, 3))
    one, two = np.log1p(30 / (5 + 3)), np.log1p(30 / (5 + 2))
    np.testing.assert_allclose(part(parts, "artist"), [one, one, two, two, 0, 0, 0, 0], rtol=1e-5)


def test_genre_is_a_cosine():
    songs = make_songs(4, 4, tags=[[0], [0, 1], [2], []])
    parts = score_songs(prepare_content(songs), numbers(0))
    np.testing.assert_allclose(part(parts, "genre"), [1, 1 / np.sqrt(2), 0, 0], rtol=1e-5)


def test_scenes_know_related_genres():
    # tags 0 and 1 go together at artists 0 and 1; tag 2 stands alone
    tags = [[0, 1], [0, 1], [0], [1], [2], [2]]
    songs = make_songs(6, 5, artists=[[i] for i in range(6)], tags=tags)
    scene = part(score_songs(prepare_content(songs), numbers(2)), "scene")
    assert scene[3] > scene[4] - 1e-6
    assert scene[0] > scene[4]


def test_words_of_titles():
    words = ragged([[0, 1], [1], [2], []], norm=True)
    songs = make_songs(4, 6)
    songs = type(songs)(**{name: getattr(songs, name) for name in songs.__slots__ if name != "words"}, words=words)
    parts = score_songs(prepare_content(songs), numbers(0, 1))
    root = 1 / np.sqrt(2)
    np.testing.assert_allclose(part(parts, "words"), 1.8 * np.array([1 + root, root + 1, 0, 0]) / (8 + 2), rtol=1e-5)


def test_the_nearer_in_years_popularity_and_length_the_better():
    n = 50
    songs = make_songs(n, 7, year=np.linspace(1960, 2020, n), popularity=np.linspace(0, 100, n))
    parts = score_songs(prepare_content(songs), numbers(25))
    for name in ("era", "popularity"):
        row = part(parts, name)
        assert row[25] == row.max()
        assert row[0] < row[15] < row[24]


def test_what_is_unknown_counts_nothing():
    songs = make_songs(40, 8, missing=1.0, artists=[[] for _ in range(40)], tags=[[] for _ in range(40)])
    parts = score_songs(prepare_content(songs), numbers(0, 1))
    quiet = [name for name in PARTS if name != "explicit"]
    for name in quiet:
        np.testing.assert_array_equal(part(parts, name), 0.0, err_msg=name)


def test_sounding_alike_scores_higher():
    songs = make_songs(400, 9, energy=np.linspace(0, 1, 400))
    parts = score_songs(prepare_content(songs), numbers(390, 392, 394, 396, 398))
    sound = part(parts, "sound")
    assert sound[380:].mean() > sound[:20].mean() + 1


def test_a_weight_of_two_is_two_seeds():
    content = prepare_content(make_songs(100, 10))
    twice = score_songs(content, numbers(4, 4, 9))
    weighted = score_songs(content, numbers(4, 9), np.array([2, 1], np.float32))
    np.testing.assert_allclose(twice.values, weighted.values, rtol=1e-4, atol=1e-4)


def test_no_seeds_no_score():
    parts = score_songs(prepare_content(make_songs(20, 11)), numbers())
    assert not parts.values.any()
    assert not parts.total.any()


def test_a_weight_of_zero_leaves_a_part_out():
    content = prepare_content(make_songs(100, 12))
    none = score_songs(content, numbers(1), None, ScoreWeights(**dict.fromkeys(PARTS, 0.0)))
    assert none.values.any()
    assert not none.total.any()


def test_few_seeds_trust_genre_and_sound_more_and_years_less():
    weights = ScoreWeights()
    less, one, three, five, ten = (weights.for_seeds(count) for count in (0.5, 1, 3, 5, 10))
    assert less == one
    assert ten is weights
    assert one.genre == 2 * weights.genre > three.genre > five.genre > weights.genre
    assert one.sound > three.sound > five.sound > weights.sound
    assert one.era < three.era < five.era < weights.era
    assert one.hubs == 0.5 * weights.hubs
    assert one.popularity == weights.popularity
    content = prepare_content(make_songs(100, 17))
    of_one = score_songs(content, numbers(1))
    np.testing.assert_array_equal(of_one.weights, one.of(PARTS))
    assert score_songs(content, numbers(1), np.array([10.0], np.float32)).weights[0] == np.float32(weights.sound)


def test_unlike_takes_off():
    content = prepare_content(make_songs(200, 13))
    with_it = score_songs(content, numbers(1), unlike=numbers(2))
    without = score_songs(content, numbers(1))
    assert with_it.total[2] < without.total[2]
    assert (with_it.total <= without.total + 1e-4).all()


def test_what_it_shall_be_unlike_has_weights():
    content = prepare_content(make_songs(200, 13))

    def against(*weights):
        return part(
            score_songs(content, numbers(1), unlike=numbers(2, 3), unlike_weights=np.float32(weights)), "unlike"
        )

    even, first, second = against(1, 1), against(9, 1), against(1, 9)
    assert first[2] < even[2] < second[2]  # the nearer to what counts most, the more is taken off
    assert second[3] < even[3] < first[3]
    foe, seed = (score_songs(content, numbers(song)).total for song in (2, 1))  # weights for one seed, taken once
    taken = np.maximum(foe - 0.5 * np.maximum(seed, 0.0), 0.0)
    np.testing.assert_allclose(-score_songs(content, numbers(1), unlike=numbers(2)).values[-1], taken, atol=1e-4)
    with pytest.raises(InputError, match="2 numbers above 0"):
        against(1, 0)


def test_the_same_bytes_for_any_number_of_threads_and_inputs_stay():
    songs = make_songs(20_000, 14, missing=0.1)
    content = prepare_content(songs)
    before = bytes_of(songs)
    with use_threads(1):
        one = score_songs(content, numbers(1, 2, 3))
    with use_threads(2):
        two = score_songs(content, numbers(1, 2, 3))
    assert one.total.tobytes() == two.total.tobytes()
    assert bytes_of(songs) == before


def test_what_cannot_be():
    content = prepare_content(make_songs(10, 15))
    with pytest.raises(InputError, match=r"song numbers in \[0, 9\]\. Got 10\."):
        score_songs(content, numbers(10))
    with pytest.raises(InputError, match="numbers above 0"):
        score_songs(content, numbers(1), np.array([0.0], np.float32))


def test_a_single_song_is_a_catalog_too():
    parts = score_songs(prepare_content(make_songs(1, 16)), numbers(0))
    assert np.isfinite(parts.total).all()
