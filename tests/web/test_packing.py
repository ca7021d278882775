"""What travels to the page is what the atlas holds, and no larger than it must be."""

import numpy as np
import polars as pl
import pytest

import songscape
from songscape.web.packing import atlas_facts, group_cards, pack_details, pack_points, pack_text
from songscape.web.packing.buffer import MAGIC, pack, smallest, unpack
from songscape.web.packing.columns import all_columns, category_column, number_column
from songscape.web.packing.details import song_order
from songscape.web.packing.points import map_places


@pytest.fixture(scope="module")
def atlas():
    return songscape.build_atlas(songscape.read_catalog(songscape.synthesize_tracks(700, random_state=4)))


@pytest.fixture(scope="module")
def points(atlas):
    return unpack(pack_points(atlas))


def decoded(about, codes):
    """The values of a packed column, as the page reads them; None where unknown."""
    unknown = np.iinfo(codes.dtype).max
    if about["kind"] == "number":
        return [None if code == unknown else about["low"] + int(code) * about["step"] for code in codes]
    return [None if code == unknown else about["values"][code] for code in codes]


class TestBuffer:
    def test_arrays_come_back_aligned(self):
        arrays = {"a": np.arange(3, dtype=np.uint8), "b": np.arange(5, dtype=np.uint32), "c": np.zeros(0, np.uint16)}
        data = pack({"title": "Ω"}, arrays)
        header, found = unpack(data)
        assert data.startswith(MAGIC)
        assert header["title"] == "Ω"
        for name, array in arrays.items():
            assert found[name].dtype == array.dtype
            assert found[name].tolist() == array.tolist()
            assert header["arrays"][name]["offset"] % 8 == 0
        assert (16 + int.from_bytes(data[8:12], "little")) % 8 == 0

    @pytest.mark.parametrize(
        ("most", "dtype"), [(254, np.uint8), (255, np.uint16), (65534, np.uint16), (65535, np.uint32)]
    )
    def test_the_highest_value_is_kept_for_unknown(self, most, dtype):
        codes = smallest(np.array([most, -1]), most)
        assert codes.dtype == dtype
        assert codes.tolist() == [most, np.iinfo(dtype).max]


class TestColumns:
    @pytest.mark.parametrize("name", ["energy", "loudness", "tempo", "year", "popularity", "silhouette", "map_trust"])
    def test_numbers_are_right_to_half_a_step(self, atlas, points, name):
        header, arrays = points
        about = next(column for column in header["columns"] if column["name"] == name)
        for found, true in zip(decoded(about, arrays[name]), atlas.table()[name].to_list(), strict=True):
            assert (found is None) == (true is None)
            assert found is None or abs(found - true) <= about["step"] / 2 + 1e-6

    def test_categories_are_exact(self, atlas, points):
        header, arrays = points
        table = atlas.table()
        for name, true in (("emotion", table["emotion"]), ("genre", table["genres"].list.first())):
            about = next(column for column in header["columns"] if column["name"] == name)
            assert decoded(about, arrays[name]) == true.to_list()

    def test_the_most_frequent_value_comes_first(self):
        about, _ = category_column("mood", pl.Series(["b", "a", "b", None]))
        assert about["values"] == ["b", "a"]

    def test_what_is_unknown_everywhere_is_left_out(self):
        assert number_column("x", pl.Series([None, float("nan")])) is None
        assert category_column("x", pl.Series([None, None], dtype=pl.String)) is None

    def test_a_single_value_and_a_wide_range(self):
        about, codes = number_column("x", pl.Series([3.0, 3.0]), 0.5)
        assert decoded(about, codes) == [3.0, 3.0]
        about, codes = number_column("x", pl.Series([0.0, 1e9]), 0.5)
        assert codes.dtype == np.uint16
        assert decoded(about, codes)[1] == pytest.approx(1e9, rel=1e-4)

    def test_columns_of_the_users_own_are_shown_and_paths_are_not(self):
        table = pl.DataFrame(
            {"rating": [1.0, 2.0], "mine": ["yes", "no"], "source_file": ["/home/a", "/home/b"], "live": [True, None]}
        )
        assert [about["name"] for about, _ in all_columns(table)] == ["rating", "mine", "live"]

    def test_keys_are_named_in_order(self, points):
        header, _ = points
        values = next(column for column in header["columns"] if column["name"] == "key")["values"]
        assert values[:4] == ["C", "D♭", "D", "E♭"]


class TestPoints:
    def test_places_keep_the_shape_of_the_map(self, atlas, points):
        _, arrays = points
        true = atlas.embedding - atlas.embedding.mean(axis=0)
        found = np.stack([arrays["x"], arrays["y"]], axis=1) / 65535.0
        found -= found.mean(axis=0)
        scale = (true * found).sum() / (found * found).sum()  # one for both axes
        assert np.abs(true - scale * found).max() < 1e-3 * np.ptp(true)
        assert max(np.ptp(arrays["x"].astype(int)), np.ptp(arrays["y"].astype(int))) == 65535

    def test_a_map_of_one_axis_and_of_one_place(self):
        x, y = map_places(np.array([[0.0], [2.0]], np.float32))
        assert x.tolist() == [0, 65535]
        assert len(set(y.tolist())) == 1
        assert [part.tolist() for part in map_places(np.zeros((2, 2), np.float32))] == [
            [32768, 32768],
            [32768, 32768],
        ]

    def test_groups_are_those_of_the_atlas(self, atlas, points):
        header, arrays = points
        table = atlas.table()
        for scale in header["scales"]:
            codes = arrays[f"group_{scale['name']}"]
            names = [None if code == np.iinfo(codes.dtype).max else scale["names"][code] for code in codes]
            assert names == table[f"group_{scale['name']}"].to_list()
            assert scale["sizes"] == [names.count(name) for name in scale["names"]]

    def test_a_label_stands_among_its_group(self, points):
        header, arrays = points
        for scale in header["scales"]:
            for number, (x, y) in enumerate(zip(scale["x"], scale["y"], strict=True)):
                own = arrays[f"group_{scale['name']}"] == number
                apart = np.hypot(arrays["x"][own] - float(x), arrays["y"][own] - float(y))
                assert apart.min() < 2000

    def test_all_genres_of_a_track_travel(self, atlas, points):
        header, arrays = points
        ends = np.cumsum(arrays["genre_counts"])
        rows = [
            [header["genres"][place] for place in arrays["genre_ids"][end - size : end]]
            for end, size in zip(ends, arrays["genre_counts"], strict=True)
        ]
        assert rows == [genres or [] for genres in atlas.catalog.tracks["genres"].to_list()]

    def test_the_same_atlas_gives_the_same_bytes(self, atlas):
        for make in (pack_points, pack_text, pack_details):
            assert make(atlas) == make(atlas)


def texts_of(arrays, name):
    """Texts as JavaScript cuts them: by UTF-16 units."""
    units = arrays[name].tobytes().decode().encode("utf-16-le")
    ends = np.cumsum(arrays[f"{name}_lengths"], dtype=np.int64)
    return [
        units[2 * (end - size) : 2 * end].decode("utf-16-le")
        for end, size in zip(ends, arrays[f"{name}_lengths"], strict=True)
    ]


NAUGHTY = [
    "<script>alert(1)</script>",
    "a\x00b\nc",
    "\ufeffmark",
    "\u202eright to left",
    "🐻🎧",
    "é" * 12_000,
    "",
    "グリズリー",
]


class TestText:
    def test_texts_come_back(self, atlas):
        _, arrays = unpack(pack_text(atlas))
        tracks = atlas.catalog.tracks
        assert texts_of(arrays, "title") == [title or "" for title in tracks["title"].to_list()]
        names = texts_of(arrays, "artist")
        ends = np.cumsum(arrays["artist_counts"])
        found = [
            [names[place] for place in arrays["artist_ids"][end - size : end]]
            for end, size in zip(ends, arrays["artist_counts"], strict=True)
        ]
        assert found == [artists or [] for artists in tracks["artists"].to_list()]

    def test_texts_may_hold_anything(self, atlas):
        from songscape.web.packing.text import _texts

        found = texts_of(_texts("t", pl.Series(NAUGHTY)), "t")
        assert found == [text[:10_000] for text in NAUGHTY]

    def test_ids_travel_only_where_there_are_some(self, atlas):
        _, arrays = unpack(pack_text(atlas))
        has_ids = "id" in atlas.catalog.tracks and not atlas.catalog.tracks["id"].is_null().all()
        assert ("id" in arrays) == has_ids


class TestDetails:
    def test_neighbors_are_those_of_the_atlas(self, atlas):
        header, arrays = unpack(pack_details(atlas))
        order = song_order(*map_places(atlas.embedding), atlas.songs)
        folded = sum(arrays[f"neighbors_{place}"].astype(np.int64) << 8 * place for place in range(3))
        apart = np.where(folded % 2, -(folded + 1) // 2, folded // 2).reshape(-1, header["k"])
        found = atlas.songs[order[apart + np.arange(len(order))[:, None]]]
        assert found.tolist() == atlas.neighbors.first(header["k"]).indices[atlas.songs[order]].tolist()

    def test_tracks_of_one_song_know_each_other(self, atlas):
        _, arrays = unpack(pack_details(atlas))
        own = atlas.songs[atlas.song_of]
        twins = np.flatnonzero(own != np.arange(len(own)))
        assert len(twins) > 0
        assert arrays["twin_rows"].tolist() == twins.tolist()
        assert arrays["twin_of"].tolist() == own[twins].tolist()

    def test_memberships_are_the_strongest(self, atlas):
        _, arrays = unpack(pack_details(atlas))
        order = song_order(*map_places(atlas.embedding), atlas.songs)
        for scale in atlas.groups.scales:
            counts = arrays[f"members_{scale.name}_counts"]
            starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
            for place, song in enumerate(order[:100]):
                own = slice(starts[place], starts[place + 1])
                entries = slice(scale.indptr[song], scale.indptr[song] + counts[place])
                assert arrays[f"members_{scale.name}"][own].tolist() == scale.members[entries].tolist()
                strength = arrays[f"members_{scale.name}_strength"][own] / 15
                assert np.abs(strength - scale.weights[entries]).max(initial=0.0) <= 0.5 / 15 + 1e-6


def test_cards_name_every_group_and_leave_texts_of_tracks_out(atlas):
    cards = group_cards(atlas)
    for scale, all_cards in atlas.cards.items():
        assert [card["name"] for card in cards[scale]] == [card["name"] for card in all_cards]
        assert all(isinstance(row, int) for card in cards[scale] for row in card["exemplars"])


def test_facts_count_the_whole(atlas):
    facts = atlas_facts(atlas)
    assert (facts["n_tracks"], facts["n_songs"]) == (700, len(atlas.songs))
