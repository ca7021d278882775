"""Links, densities, hubs and examples: by hand."""

import numpy as np
import polars as pl

from songscape.interpretation.examples import described, exemplars, popular
from songscape.interpretation.links import count_links, hub_shares, nearest_groups
from songscape.types import NeighborGraph

GRAPH = NeighborGraph(
    indices=np.array([[1, 2], [0, 2], [1, 3], [4, 2], [3, 0]], dtype=np.int32),
    distances=np.array([[1.0, 2.0], [1.0, 4.0], [4.0, 5.0], [1.5, 5.0], [1.5, 9.0]], dtype=np.float32),
)


def test_shares_of_links_by_hand():
    links = count_links(np.array([0, 0, 0, 1, 1], dtype=np.int32), 2, GRAPH)
    assert links.shares.tolist() == [[5 / 6, 1 / 6], [0.5, 0.5]]
    assert links.popularity.tolist() == [2, 2, 3, 2, 1]
    assert links.sparsity.tolist() == [1.5, 2.5, np.inf, np.inf, np.inf]  # two members are wanted, k is 2


def test_songs_in_no_group_count_on_neither_side():
    links = count_links(np.array([0, 0, -1, 1, 1], dtype=np.int32), 2, GRAPH)
    assert links.shares.tolist() == [[1.0, 0.0], [1 / 3, 2 / 3]]
    assert links.sparsity.tolist() == [np.inf] * 5
    alone = count_links(np.array([0, -1, -1, -1, -1], dtype=np.int32), 1, GRAPH)
    assert alone.shares.tolist() == [[0.0]]


def test_hubs_by_hand():
    labels = np.array([0] * 150 + [1, -1], dtype=np.int32)
    popularity = np.concatenate([[30, 20, 10], np.full(147, 1), [7, 99]])
    shares, tops = hub_shares(labels, 2, popularity)
    assert shares.tolist() == [50 / 207, 1.0]  # 2 of 150 songs are its hundredth, rounded up
    assert [rows.tolist() for rows in tops] == [[0, 1, 2], [150]]
    assert hub_shares(labels, 2, np.zeros_like(popularity))[0].tolist() == [0.0, 0.0]


def test_nearest_groups_by_links_then_by_center():
    shares = np.array([[0.5, 0.1, 0.4, 0.0], [0.2, 0.8, 0.0, 0.0], [0.1, 0.0, 0.9, 0.0], [0.0, 0.0, 0.0, 1.0]])
    centers = np.array([[0.0], [1.0], [5.0], [2.0]])
    assert nearest_groups(shares, centers, 2, 1) == [[2, 1], [0], [0, 3], [1]]
    assert nearest_groups(np.ones((1, 1)), centers[:1], 2, 1) == [[]]


def table(**changes):
    columns = {
        "title": list("abcdefgh"),
        "artists": [["A"], ["A"], ["B"], ["C"], None, None, ["D"], ["E"]],
        "year": [2000] * 8,
        "popularity": [10.0, 90.0, 80.0, None, 5.0, 6.0, 100.0, 1.0],
    }
    return pl.DataFrame({**columns, **changes})


def test_exemplars_are_the_densest_deep_songs_of_distinct_artists():
    labels = np.zeros(8, dtype=np.int32)
    depth = np.array([0.5, 0.6, 0.5, 0.5, 0.5, 0.5, -0.2, 0.5], dtype=np.float32)  # song 6 lies at the border
    sparsity = np.array([1.0, 2.0, 4.0, 3.0, 5.0, 6.0, 0.1, np.inf])
    (found,) = exemplars(table(), labels, 1, depth, sparsity)
    assert [song.row for song in found] == [0, 3, 2, 4, 5]  # 1 is by the artist of 0; unknown artists all count


def test_popular_songs_leave_out_the_border_and_what_is_unknown():
    labels = np.zeros(8, dtype=np.int32)
    depth = np.array([0.5, 0.6, 0.5, 0.5, 0.5, 0.5, -0.2, 0.5], dtype=np.float32)
    (found,) = popular(table(), labels, 1, depth)
    assert [song.row for song in found] == [1, 2, 5, 4, 7]
    assert popular(table().drop("popularity"), labels, 1, depth) == [[]]


def test_the_same_title_by_two_artists_is_shown_once():
    songs = table(title=["x"] * 7 + [None], artists=[[f"A{i}"] for i in range(8)])
    unknown = np.full(8, np.nan, dtype=np.float32)
    (found,) = exemplars(songs, np.zeros(8, dtype=np.int32), 1, unknown, np.arange(8.0))
    assert [song.row for song in found] == [0, 7]


def test_catalogs_without_columns_give_none():
    (song,) = described(pl.DataFrame({"energy": [0.5]}), np.array([0]))
    assert (song.row, song.title, song.artist, song.year, song.popularity) == (0, None, None, None, None)


def test_inputs_stay_as_they_were():
    labels = np.array([0, 0, 0, 1, 1], dtype=np.int32)
    before = labels.copy(), GRAPH.indices.copy(), GRAPH.distances.copy()
    count_links(labels, 2, GRAPH)
    for array, kept in zip((labels, GRAPH.indices, GRAPH.distances), before, strict=True):
        assert array.tobytes() == kept.tobytes()
