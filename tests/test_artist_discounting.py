"""Artist discounting: planted artists, scikit-learn's discriminant as a twin, order of rows, degenerate catalogs."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import adjusted_mutual_info_score

import songscape
from songscape.catalog import read_catalog
from songscape.config import FeatureParams
from songscape.features import apply_features, scale_features
from songscape.features.artists import FLOOR, MIN_ARTISTS, RIDGE, discount_matrix, discounted, learn_discount
from songscape.types import FeatureMatrix

UNIT = ("energy", "acousticness", "instrumentalness", "speechiness", "liveness", "positiveness", "danceability")
AUDIO = (*UNIT, "loudness", "tempo")
OFF = FeatureParams(discount_artists=False)


def planted(
    n_artists: int = 150, size: int = 6, seed: int = 0, within: dict[str, float] | None = None
) -> pl.DataFrame:
    """Independent features; `within` says which share of a feature's variance lies within artists (else a half)."""
    rng = np.random.default_rng(seed)
    artist = np.repeat(np.arange(n_artists), size)
    columns = {}
    for name in AUDIO:
        share = (within or {}).get(name, 0.5)
        value = np.sqrt(1 - share) * rng.normal(size=n_artists)[artist] + np.sqrt(share) * rng.normal(
            size=len(artist)
        )
        shape = {"loudness": -10 + 3 * value, "tempo": 120 * 2 ** (value / 4)}
        columns[name] = shape.get(name, 1 / (1 + np.exp(-value)))
    rows = rng.permutation(len(artist))
    names = [[f"artist {number}", "a guest"] for number in artist]
    return pl.DataFrame({**columns, "artists": names})[rows]


def with_shuffled_artists(tracks: pl.DataFrame, seed: int = 1) -> pl.DataFrame:
    return tracks.with_columns(tracks["artists"].shuffle(seed=seed))


def spread(features: FeatureMatrix) -> dict[str, float]:
    return dict(zip(features.names, features.X.astype(float).std(axis=0), strict=True))


def unweighted(tracks: pl.DataFrame) -> np.ndarray:
    """z as it is, without the weights by hand."""
    features = scale_features(tracks, OFF)
    return features.X / np.array(features.weights, dtype=np.float32)


def distances(X: np.ndarray) -> np.ndarray:
    X = X[:60].astype(float)
    return np.sqrt(((X[:, None] - X[None]) ** 2).sum(axis=2))


def numbers_of(names: list[str]) -> np.ndarray:
    return np.unique(names, return_inverse=True)[1]


def covariances(Z: np.ndarray, artist: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Within and between artists, artist by artist: the plain twin."""
    mean = Z.mean(axis=0)
    within, between = np.zeros((2, Z.shape[1], Z.shape[1]))
    for number in np.unique(artist):
        own = Z[artist == number]
        offset = own.mean(axis=0) - mean
        within += (own - own.mean(axis=0)).T @ (own - own.mean(axis=0))
        between += len(own) * np.outer(offset, offset)
    return within / len(Z), between / len(Z)


def estimated(Z: np.ndarray, artist: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same without bias, by the analysis of variance; for artists with equally many songs."""
    within, between = covariances(Z, artist)
    n, k = len(Z), artist.max() + 1
    within *= n / (n - k)
    return within, (between * n / (k - 1) - within) / (n / k)


def psd(rng: np.random.Generator, d: int, rank: int) -> np.ndarray:
    A = rng.normal(size=(rank, d))
    return A.T @ A / d


def test_what_artists_vary_is_discounted_and_what_marks_them_is_kept() -> None:
    tracks = planted(within={"liveness": 0.95, "energy": 0.05})
    features = scale_features(tracks)
    scale, share = spread(features), dict(zip(features.discount.columns, features.discount.within, strict=True))
    assert scale["liveness"] < 0.6 * scale["danceability"]
    assert scale["energy"] > 1.5 * scale["danceability"]
    assert share["energy"] == pytest.approx(0.05, abs=0.03)
    assert share["liveness"] == pytest.approx(0.95, abs=0.06)
    assert share["tempo"] == pytest.approx(0.5, abs=0.1)
    assert (features.discount.n_artists, features.discount.n_songs, features.discount.reason) == (150, 900, "")
    assert set(features.weights) == {1.0}  # the weights by hand fall away


def test_shuffled_artists_teach_nothing() -> None:
    tracks = with_shuffled_artists(planted(within={"liveness": 0.95, "energy": 0.05}))
    features = scale_features(tracks)
    assert features.X.tobytes() == scale_features(tracks, OFF).X.tobytes()
    assert "of the variance lies within artists; it takes at most 90%" in features.discount.reason


@pytest.mark.parametrize("shuffle", [False, True])
def test_only_shuffled_artists_leave_the_scales_nearly_uniform(shuffle: bool) -> None:
    tracks = planted(1000, 6, within={"liveness": 0.95, "energy": 0.05})
    tracks = with_shuffled_artists(tracks) if shuffle else tracks
    matrix = discount_matrix(*estimated(unweighted(tracks), numbers_of(tracks["artists"].list.first().to_list())))
    assert np.abs(matrix - np.diag(np.diag(matrix))).max() < 0.1
    assert (np.diag(matrix).max() < 1.25 * np.diag(matrix).min()) == shuffle


def test_songs_of_one_artist_come_closer() -> None:
    tracks = planted(within={"liveness": 0.98, "tempo": 0.98, "energy": 0.1, "loudness": 0.1})
    artist = numbers_of(tracks["artists"].list.first().to_list())

    def agreement(X: np.ndarray) -> float:
        gap = ((X[:, None] - X[None]) ** 2).sum(axis=2)
        np.fill_diagonal(gap, np.inf)
        return float(np.mean(artist[gap.argmin(axis=1)] == artist))

    before = agreement(unweighted(tracks))
    assert agreement(scale_features(tracks).X) > 1.3 * before


@pytest.mark.parametrize("seed", [0, 1])
def test_distances_are_those_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    artist = rng.integers(0, 60, 900)
    mix = rng.normal(size=(5, 5))
    Z = (rng.normal(size=(60, 5))[artist] + rng.normal(size=(900, 5)) * [0.3, 0.6, 1, 2, 3]) @ mix
    twin = LinearDiscriminantAnalysis(solver="eigen").fit(Z, artist)
    axes = Z @ twin.scalings_[:, :5]  # variance 1 within artists
    ratio = axes.var(axis=0) - 1.0
    expected = axes * np.sqrt(ratio / (ratio + 1))
    matrix = discount_matrix(*covariances(Z, artist), ridge=0.0, floor=0.0)
    ours = distances(Z @ matrix)
    scale = np.median(ours[ours > 0] / distances(expected)[ours > 0])
    np.testing.assert_allclose(ours, scale * distances(expected), rtol=1e-8, atol=1e-8)


def test_matches_a_plain_twin() -> None:
    tracks = planted(80, 7, within={"tempo": 0.9})
    off, on = scale_features(tracks, OFF), scale_features(tracks)
    Z = off.X.astype(float) / off.weights
    within, between = estimated(Z, numbers_of(tracks["artists"].list.first().to_list()))
    inner = within + RIDGE * np.eye(9)
    values, vectors = np.linalg.eig(np.linalg.inv(inner) - np.linalg.inv((1 + FLOOR) * inner + between))
    root = ((vectors * np.sqrt(values)) @ np.linalg.inv(vectors)).real
    root *= np.sqrt(np.trace(within + between) / np.trace(root @ (within + between) @ root))
    np.testing.assert_allclose(on.X, Z @ root, atol=2e-4)
    np.testing.assert_allclose(on.discount.matrix, root, atol=1e-4)


def test_shares_are_the_classic_analysis_of_variance() -> None:
    artist = np.repeat(np.arange(60), 4)
    rng = np.random.default_rng(0)
    z = np.clip(0.8 * rng.normal(size=60)[artist] + 0.6 * rng.normal(size=240), -4, 4)
    tracks = pl.DataFrame({"artists": [[str(number)] for number in artist]})
    groups = z.reshape(60, 4)
    inner = groups.var(axis=1, ddof=1).mean()
    outer = groups.mean(axis=1).var(ddof=1) - inner / 4
    share = learn_discount(z[None], ("energy",), tracks).within[0]
    assert share == pytest.approx(inner / (inner + outer), abs=1e-4)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10_000), d=st.integers(1, 9), rank=st.integers(1, 9))
def test_the_matrix_is_the_symmetric_root_nearest_to_the_columns(seed: int, d: int, rank: int) -> None:
    rng = np.random.default_rng(seed)
    within, between = psd(rng, d, rank), psd(rng, d, d)
    matrix = discount_matrix(within, between)
    total = within + between
    np.testing.assert_array_equal(matrix, matrix.T)
    assert np.linalg.eigvalsh(matrix).min() > -1e-9
    assert np.trace(matrix @ total @ matrix) == pytest.approx(np.trace(total), rel=1e-9)
    turn = np.linalg.qr(rng.normal(size=(d, d)))[0]
    turned = discount_matrix(turn @ within @ turn.T, turn @ between @ turn.T)
    np.testing.assert_allclose(turned, turn @ matrix @ turn.T, atol=1e-5 * np.abs(matrix).max())
    assert np.linalg.norm(turn @ matrix - np.eye(d)) >= np.linalg.norm(matrix - np.eye(d)) - 1e-9


@settings(max_examples=25, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10_000), holes=st.sampled_from([0.0, 0.1]))
def test_permuted_rows_give_the_same_rows_bit_by_bit(seed: int, holes: float) -> None:
    rng = np.random.default_rng(seed)
    tracks = planted(60, 6, seed)
    tracks = tracks.with_columns(
        pl.when(pl.Series(rng.random(tracks.height) >= share)).then(pl.col(name)).alias(name)
        for name, share in (("energy", holes), ("tempo", holes), ("artists", 0.05))
    )
    order = rng.permutation(tracks.height)
    straight, shuffled = scale_features(tracks), scale_features(tracks[order])
    assert straight.discount.matrix.shape == (9, 9)
    assert straight.discount.matrix.tobytes() == shuffled.discount.matrix.tobytes()
    assert straight.discount.within == shuffled.discount.within
    assert straight.X[order].tobytes() == shuffled.X.tobytes()


def test_apply_repeats_the_treatment_row_by_row() -> None:
    tracks = planted(60, 6).with_columns(pl.when(pl.int_range(pl.len()) % 7 > 0).then("energy").alias("energy"))
    features = scale_features(tracks)
    assert apply_features(tracks, features).X.tobytes() == features.X.tobytes()
    assert apply_features(tracks.drop("artists"), features).X.tobytes() == features.X.tobytes()
    for row in (0, 7, 91, 359):
        assert apply_features(tracks[row : row + 1], features).X.tobytes() == features.X[row : row + 1].tobytes()


def test_discounted_is_a_product_of_matrices() -> None:
    rng = np.random.default_rng(0)
    Z, matrix = rng.normal(size=(4, 30)), rng.normal(size=(4, 4))
    kept = Z.copy()
    np.testing.assert_allclose(discounted(Z, matrix), matrix @ Z, atol=1e-12)
    np.testing.assert_array_equal(Z, kept)


@pytest.mark.parametrize(
    ("artists", "reason"),
    [
        (None, "0 artists have 2 to 200 songs"),
        (pl.Series("artists", [None] * 900), "0 artists"),
        (pl.Series("artists", [None] * 900, dtype=pl.List(pl.String)), "0 artists"),
        (pl.Series("artists", [[]] * 900, dtype=pl.List(pl.String)), "0 artists"),
        (pl.Series("artists", [["Various Artists"]] * 450 + [[" unknown "]] * 450), "0 artists"),
        (pl.Series("artists", [[f"{row}"] for row in range(900)]), "0 artists"),
        (pl.Series("artists", [[f"{row % 4}"] for row in range(900)]), "0 artists"),
        (pl.Series("artists", [[f"{row % (MIN_ARTISTS - 1)}"] for row in range(900)]), "49 artists .* 900 songs"),
        (pl.Series("artists", [[f"{row % 811}"] for row in range(900)]), "89 artists .* 178 songs"),
    ],
)
def test_without_enough_artists_the_weights_by_hand_stay(artists: pl.Series | None, reason: str) -> None:
    tracks = planted().drop("artists")
    off = scale_features(tracks, OFF)
    features = scale_features(tracks if artists is None else tracks.with_columns(artists))
    assert features.X.tobytes() == off.X.tobytes()
    assert features.weights == off.weights
    assert features.discount.matrix.shape == (0, 0)
    assert off.discount.reason == "not asked for"
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(features.discount.reason)


def test_artists_that_are_not_artists_are_left_out() -> None:
    tracks = planted(within={"energy": 0.1})
    rng = np.random.default_rng(0)
    noise = planted(40, 10, seed=5).with_columns(
        pl.Series("artists", [["Various Artists"], ["VA"], None, ["Many Songs"]] * 100),
        energy=pl.Series(rng.random(400)),
    )
    many = pl.concat([noise.filter(pl.col("artists").list.first() == "Many Songs")] * 3)  # 300 songs
    alone, mixed = scale_features(tracks), scale_features(pl.concat([tracks, noise, many]))
    assert mixed.discount.n_artists == alone.discount.n_artists == 150
    assert mixed.discount.n_songs == 900


def test_artists_may_be_plain_texts() -> None:
    tracks = planted()
    texts = tracks.with_columns(pl.col("artists").list.first())
    assert scale_features(texts).X.tobytes() == scale_features(tracks).X.tobytes()


def test_other_blocks_stand_beside_untouched() -> None:
    tracks = planted().with_columns(
        year=pl.int_range(pl.len()) % 60 + 1960, key=pl.int_range(pl.len()) % 12, mode=pl.int_range(pl.len()) % 2
    )
    params = FeatureParams(blocks={"year": 0.5, "tonality": 0.7})
    on, off = scale_features(tracks, params), scale_features(tracks, params.with_changes(discount_artists=False))
    assert on.discount.columns == on.names[:9]
    assert on.X[:, 9:].tobytes() == off.X[:, 9:].tobytes()
    assert on.X[:, :9].tobytes() == scale_features(tracks).X.tobytes()
    assert on.weights == (1.0,) * 9 + (0.7, 0.7, 0.7, 0.5)


def test_block_weights_come_after_the_discount() -> None:
    tracks = planted()
    plain, heavy = scale_features(tracks), scale_features(tracks, FeatureParams(blocks={"rhythm": 3, "mood": 0}))
    assert "positiveness" not in heavy.names
    same = scale_features(tracks, FeatureParams(blocks={"mood": 0}))
    for j, part in enumerate(heavy.columns):
        factor = 3 if part.block == "rhythm" else 1
        np.testing.assert_allclose(heavy.X[:, j], factor * same.X[:, j], rtol=1e-6)
    assert plain.X.shape == (900, 9)


def test_folded_tempo_and_variance_take_part() -> None:
    rng = np.random.default_rng(0)
    tracks = planted().with_columns(variance=pl.Series(rng.normal(size=900)))
    features = scale_features(tracks, FeatureParams(fold_tempo=True))
    assert features.discount.matrix.shape == (11, 11)
    assert spread(features)["variance"] < 0.8 * spread(features)["energy"]  # noise does not mark artists


@pytest.mark.parametrize("case", ["one value per artist", "collinear", "equal artists", "all in one", "rare", "tiny"])
def test_degenerate_catalogs_stay_finite(case: str) -> None:
    tracks = planted(60, 4)
    artist = pl.col("artists").list.first()
    if case == "one value per artist":
        tracks = tracks.with_columns(pl.col(name).first().over(artist) for name in AUDIO)
    elif case == "collinear":
        tracks = tracks.with_columns(pl.col("energy").alias(name) for name in UNIT)
    elif case == "equal artists":
        pattern = pl.int_range(pl.len()).over(artist) / 4
        tracks = tracks.with_columns(pattern.alias(name) for name in UNIT).with_columns(
            loudness=-10 * pattern, tempo=80 + 9 * pattern
        )
    elif case == "all in one":
        tracks = tracks.with_columns(artists=pl.lit("one").str.split(" "))
    elif case == "rare":  # constant among the songs of known artists, not elsewhere
        unknown = planted(60, 4, seed=2).with_columns(artists=pl.lit(None, dtype=pl.List(pl.String)))
        tracks = pl.concat([tracks.with_columns(energy=pl.lit(0.5)), unknown])
    else:
        tracks = tracks.head(3)
    features = scale_features(tracks)
    assert np.isfinite(features.X).all()
    assert np.abs(features.X).max() < 4 * 9
    assert features.X.astype(float).var(axis=0).sum() > 1.0
    if case in ("equal artists", "all in one", "tiny"):
        assert features.X.tobytes() == scale_features(tracks, OFF).X.tobytes()
        assert features.discount.reason
    else:
        assert features.discount.matrix.any()
        assert np.abs(features.discount.matrix).max() < 5


def test_without_the_blocks_there_is_nothing_to_discount() -> None:
    tracks = planted().with_columns(key=pl.int_range(pl.len()) % 12)
    params = FeatureParams(blocks={"sound": 0, "mood": 0, "rhythm": 0, "tonality": 1})
    assert scale_features(tracks, params).discount.reason == "no feature of the blocks sound, mood, rhythm is used"


def test_input_is_left_alone() -> None:
    tracks = planted(60, 6)
    before = tracks.clone()
    scale_features(tracks)
    assert tracks.equals(before)


def test_an_atlas_keeps_the_discount(tmp_path: Path) -> None:
    catalog = read_catalog(songscape.synthesize_tracks(900, random_state=0))
    atlas = songscape.build_atlas(catalog, songscape.Config(embedding={"n_epochs": 5}))
    kept, loaded = atlas.features.discount, songscape.load_atlas(atlas.save(tmp_path / "atlas")).features.discount
    assert kept.matrix.shape == (9, 9)
    assert loaded.matrix.tobytes() == kept.matrix.tobytes()
    assert [getattr(loaded, name) for name in ("columns", "within", "n_artists", "n_songs", "reason")] == [
        getattr(kept, name) for name in ("columns", "within", "n_artists", "n_songs", "reason")
    ]


@pytest.mark.realdata
def test_real_artists_bring_the_groups_nearer_to_genre(data_folder: Path) -> None:
    tracks = read_catalog(data_folder / "tracks.parquet").tracks.filter("is_representative")
    genre = tracks["genres"].list.first()
    frequent = genre.drop_nulls().value_counts(sort=True).head(40).to_series().to_list()
    rows = np.flatnonzero(genre.is_in(frequent).fill_null(False).to_numpy())
    rows = np.random.default_rng(0).choice(rows, 8000, replace=False)
    labels = genre.gather(rows).to_list()

    def agreement(X: np.ndarray) -> float:
        groups = KMeans(12, n_init=3, random_state=0).fit_predict(X[rows])
        return float(adjusted_mutual_info_score(labels, groups))

    learned = scale_features(tracks)
    share = dict(zip(learned.discount.columns, learned.discount.within, strict=True))
    assert share["loudness"] < 0.4 < 0.8 < share["liveness"] < share["tempo"]
    off, plain = scale_features(tracks, OFF), agreement(unweighted(tracks))
    assert agreement(off.X) < agreement(learned.X)
    assert agreement(learned.X) > plain + 0.015
    shuffled = with_shuffled_artists(tracks)
    assert scale_features(shuffled).X.tobytes() == off.X.tobytes()
