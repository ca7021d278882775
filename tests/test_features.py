"""Features: tiny catalogs by hand, a plain NumPy twin, permutations, missing values, weights, messages."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.catalog import read_catalog
from songscape.config import BLOCKS, FeatureParams
from songscape.errors import InputError, ParameterError
from songscape.features import AUDIO_BLOCKS, FEATURES, apply_features, scale_features
from songscape.types import FeatureMatrix

UNIT = (
    "energy",
    "acousticness",
    "instrumentalness",
    "speechiness",
    "liveness",
    "positiveness",
    "danceability",
)
WITHOUT_ARTISTS = FeatureParams(discount_artists=False)
DOCS = Path(__file__).parents[1] / "docs" / "features.md"


def random_tracks(n: int, seed: int = 0) -> pl.DataFrame:
    """A catalog with correlated audio features and every other column that a block can ask for."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=n)
    unit = {name: 1 / (1 + np.exp(-(common * (i - 3) / 2 + rng.normal(size=n)))) for i, name in enumerate(UNIT)}
    emotions, genres = np.array(["joy", "sadness", "anger"]), ["rock", "pop", "jazz", "folk"]
    return pl.DataFrame(
        {
            **unit,
            "loudness": -10 + 4 * common,
            "variance": rng.normal(size=n),
            "tempo": rng.uniform(60, 180, n),
            "key": rng.integers(0, 12, n),
            "mode": rng.integers(0, 2, n),
            "emotion": emotions[rng.integers(0, 3, n)],
            "genres": [list(rng.choice(genres, size=rng.integers(1, 3), replace=False)) for _ in range(n)],
            "year": rng.integers(1950, 2024, n),
            "popularity": rng.integers(0, 101, n),
            "explicit": rng.random(n) < 0.3,
        }
    )


def with_holes(tracks: pl.DataFrame, share: float, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return tracks.with_columns(
        pl.when(pl.Series(rng.random(tracks.height) >= share)).then(pl.col(name)).alias(name)
        for name in tracks.columns
    )


def column(features: FeatureMatrix, name: str) -> np.ndarray:
    return features.X[:, features.names.index(name)]


def test_z_of_logit_by_hand() -> None:
    energy = np.array([0.0, 0.5, 1.0])
    features = scale_features(pl.DataFrame({"energy": energy}))
    p = (energy + 0.01) / 1.02
    logit = np.log(p / (1 - p))
    np.testing.assert_allclose(features.X[:, 0], (logit - logit.mean()) / logit.std(), rtol=1e-6)
    assert features.names == ("energy",)
    assert features.X.dtype == np.float32


def test_matches_a_plain_twin() -> None:
    tracks = random_tracks(500)
    features = scale_features(tracks)
    weights = {"liveness": 0.25, "variance": 0.25, "tempo": 0.5}
    assert set(features.names) == {*UNIT, "loudness", "variance", "tempo"}
    for name in features.names:
        raw = tracks[name].to_numpy()
        if name in UNIT:
            p = (raw + 0.01) / 1.02
            raw = np.log(p) - np.log(1 - p)
        raw = np.clip(raw, -40, 2) if name == "loudness" else np.log2(raw) if name == "tempo" else raw
        z = np.clip((raw - raw.mean()) / raw.std(), -4, 4) * weights.get(name, 1.0)
        np.testing.assert_allclose(column(features, name), z, atol=1e-5)
        assert features.weights[features.names.index(name)] == weights.get(name, 1.0)


def test_loudness_is_clipped_and_tails_end_at_four_deviations() -> None:
    loudness = [-60.0, -40.0, *np.linspace(-12, -4, 400), 2.0, 3.5]
    X = scale_features(pl.DataFrame({"loudness": loudness})).X[:, 0]
    assert X[0] == X[1] == -4.0
    assert X[-1] == X[-2] < 4.0


def test_default_metric_holds_out_what_is_not_sound() -> None:
    features = scale_features(random_tracks(60))
    used = {part.block for part in features.columns}
    assert used == {"sound", "mood", "rhythm"}
    assert features.left_out == {}
    assert not features.imputed.any()


@pytest.mark.parametrize("block", [name for name in BLOCKS if name not in ("sound", "mood", "rhythm")])
def test_every_feature_of_an_optional_block_has_total_variance_one(block: str) -> None:
    features = scale_features(random_tracks(3000), FeatureParams(blocks={block: 0.5}))
    for name in {part.feature for part in features.columns if part.block == block}:
        columns = [j for j, part in enumerate(features.columns) if part.feature == name]
        assert features.X[:, columns].astype(float).var(axis=0).sum() == pytest.approx(0.25, rel=1e-4)
    assert any(part.block == block for part in features.columns)


def test_categories_are_equally_far_from_each_other_however_rare() -> None:
    tracks = random_tracks(100).with_columns(pl.Series("emotion", ["joy"] * 60 + ["fear"] * 35 + ["love"] * 5))
    features = scale_features(tracks, FeatureParams(blocks={"emotion": 1, "sound": 0, "mood": 0, "rhythm": 0}))
    joy, fear, love = features.X[0], features.X[60], features.X[99]
    distances = [np.linalg.norm(a - b) for a, b in ((joy, fear), (joy, love), (fear, love))]
    np.testing.assert_allclose(distances, distances[0], rtol=1e-6)
    assert features.names == ("emotion=joy", "emotion=fear", "emotion=love")


def test_genres_of_a_track_share_its_weight() -> None:
    tracks = pl.DataFrame({"energy": [0.1, 0.2, 0.3, 0.4], "genres": [["a"], ["a", "b"], [], ["b", "c"]]})
    features = scale_features(tracks, FeatureParams(blocks={"genre": 1}))
    a = column(features, "genre=a").astype(float)
    center = (1 + np.sqrt(0.5)) / 3  # over the three tracks that have a genre
    assert a[2] == 0.0
    np.testing.assert_allclose(a[1] / a[0], (np.sqrt(0.5) - center) / (1 - center), rtol=1e-6)
    assert features.imputed.tolist() == [False, False, True, False]


def test_only_the_most_frequent_categories_get_a_column() -> None:
    words = [f"g{i:02}" for i in range(30) for _ in range(i + 1)]
    tracks = pl.DataFrame({"energy": np.linspace(0, 1, len(words)), "genres": [[word] for word in words]})
    features = scale_features(tracks, FeatureParams(blocks={"genre": 1}))
    assert features.names[1:] == tuple(f"genre=g{i:02}" for i in range(29, 19, -1))


def test_block_weight_multiplies_the_columns_of_the_block() -> None:
    tracks = random_tracks(80)
    plain, heavy = scale_features(tracks), scale_features(tracks, FeatureParams(blocks={"rhythm": 3}))
    assert plain.names == heavy.names
    for j, part in enumerate(plain.columns):
        factor = 3 if part.block == "rhythm" else 1
        np.testing.assert_allclose(heavy.X[:, j], factor * plain.X[:, j], rtol=1e-6)


def test_folded_tempo_is_equal_at_the_octave_and_far_at_half_an_octave() -> None:
    tracks = pl.DataFrame({"tempo": [87.0, 174.0, 87.0 * np.sqrt(2), 88.0, 119.0, 121.0, 140.0]})
    folded = scale_features(tracks, FeatureParams(fold_tempo=True))
    plain = scale_features(tracks)
    assert folded.names == ("tempo_cos", "tempo_sin")
    gap = np.linalg.norm(folded.X[0] - folded.X, axis=1)
    assert gap[1] < 1e-6 < gap[3] < gap[4] < gap[2]
    assert np.abs(plain.X[0] - plain.X[1]) > np.abs(plain.X[0] - plain.X[2])
    assert folded.X.var(axis=0).sum() == pytest.approx(0.25, rel=1e-4)


def test_circle_of_fifths() -> None:
    keys = [0, 7, 5, 1, 6, 9]  # C, G, F, C#, F# major; A minor
    tracks = pl.DataFrame({"key": keys, "mode": [1, 1, 1, 1, 1, 0]})
    features = scale_features(tracks, FeatureParams(blocks={"tonality": 1, "sound": 0, "mood": 0, "rhythm": 0}))
    circle = features.X[:, :2].astype(float)
    gap = np.linalg.norm(circle[0] - circle, axis=1)
    assert features.names == ("key_cos", "key_sin", "mode")
    assert gap[1] == pytest.approx(gap[2], rel=1e-5)
    assert gap[1] < gap[3] < gap[4]
    assert gap[5] == pytest.approx(0.0, abs=1e-6)
    assert features.X[5, 2] < features.X[0, 2]


@settings(max_examples=40, derandomize=True, deadline=None)
@given(n=st.integers(2, 130), seed=st.integers(0, 10_000), share=st.sampled_from([0.0, 0.2]))
def test_permuted_rows_give_the_same_rows_bit_by_bit(n: int, seed: int, share: float) -> None:
    tracks = with_holes(random_tracks(n, seed), share)
    params = FeatureParams(fold_tempo=bool(seed % 2), blocks={"tonality": 1, "year": 1})
    order = np.random.default_rng(seed).permutation(n)
    straight, shuffled = scale_features(tracks, params), scale_features(tracks[order], params)
    assert straight.columns == shuffled.columns
    assert straight.covariance.tobytes() == shuffled.covariance.tobytes()
    assert straight.X[order].tobytes() == shuffled.X.tobytes()
    np.testing.assert_array_equal(straight.imputed[order], shuffled.imputed)


@settings(max_examples=30, derandomize=True, deadline=None)
@given(n=st.integers(3, 60), seed=st.integers(0, 10_000), share=st.sampled_from([0.0, 0.3]))
def test_apply_repeats_the_treatment_row_by_row(n: int, seed: int, share: float) -> None:
    tracks = with_holes(random_tracks(n, seed), share)
    features = scale_features(tracks, FeatureParams(blocks={"emotion": 0.5, "genre": 1, "explicit": 1}))
    again = apply_features(tracks, features)
    assert again.X.tobytes() == features.X.tobytes()
    np.testing.assert_array_equal(again.imputed, features.imputed)
    for row in range(0, n, 7):
        one = tracks[row : row + 1]
        if any(one[part.feature][0] is not None for part in features.columns if part.block in AUDIO_BLOCKS):
            assert apply_features(one, features).X.tobytes() == features.X[row : row + 1].tobytes()


def test_apply_takes_tracks_without_some_columns_and_values_never_seen() -> None:
    features = scale_features(random_tracks(200), FeatureParams(blocks={"emotion": 1}))
    new = pl.DataFrame({"energy": [0.9, None], "tempo": [500.0, 90.0], "emotion": ["schadenfreude", None]})
    placed = apply_features(new, features)
    assert placed.imputed.all()
    assert np.isfinite(placed.X).all()
    assert placed.X[0, features.names.index("tempo")] == 0.5 * 4.0
    joy = features.names.index("emotion=joy")
    assert placed.X[0, joy] < placed.X[1, joy] == 0.0


def test_apply_to_no_tracks() -> None:
    tracks = random_tracks(20)
    features = scale_features(tracks)
    assert apply_features(tracks.head(0), features).X.shape == (0, len(features.names))


def test_input_is_left_alone() -> None:
    tracks = with_holes(random_tracks(50), 0.2)
    before = tracks.clone()
    features = scale_features(tracks)
    kept = features.X.copy()
    apply_features(tracks, features)
    assert tracks.equals(before)
    np.testing.assert_array_equal(features.X, kept)


def test_filled_values_beat_the_mean_and_touch_no_known_value() -> None:
    tracks = random_tracks(4000)
    holes = tracks.with_columns(
        pl.when(pl.Series(np.arange(4000) % 5 > 0)).then(pl.col("energy")).alias("energy"),
    )
    truth, filled = column(scale_features(tracks), "energy"), scale_features(holes)
    gone = np.arange(4000) % 5 == 0
    error = np.sqrt(np.mean((column(filled, "energy")[gone] - truth[gone]) ** 2))
    shuffled = np.random.default_rng(0).permutation(column(filled, "energy")[gone])  # negative control
    assert error < 0.7 * truth[gone].std()
    assert np.sqrt(np.mean((shuffled - truth[gone]) ** 2)) > truth[gone].std()
    np.testing.assert_array_equal(filled.imputed, gone)
    others = [j for j, name in enumerate(filled.names) if name != "energy"]
    np.testing.assert_array_equal(filled.X[:, others], scale_features(tracks).X[:, others])


def test_filled_value_is_the_regression_line() -> None:
    rng = np.random.default_rng(3)
    loudness = rng.normal(-10, 3, 20_000)
    variance = 0.1 * loudness + rng.normal(0, 0.1, 20_000)
    tracks = pl.DataFrame({"loudness": loudness, "variance": variance}).with_columns(
        pl.when(pl.int_range(pl.len()) >= 100).then("variance").alias("variance")
    )
    features = scale_features(tracks)
    slope, intercept = np.polyfit(loudness[100:], variance[100:], 1)
    part = features.columns[1]
    expected = (slope * loudness[:100] + intercept - part.center) / part.scale * part.weight
    np.testing.assert_allclose(features.X[:100, 1], expected, atol=0.01)


def test_missing_year_is_the_mean_and_says_nothing_about_sound() -> None:
    tracks = random_tracks(300)
    holes = tracks.with_columns(pl.when(pl.int_range(pl.len()) >= 10).then("year").alias("year"))
    features = scale_features(holes, FeatureParams(blocks={"year": 1}))
    assert (column(features, "year")[:10] == 0.0).all()
    assert features.covariance.shape == (10, 10)  # the audio columns alone


def test_nan_counts_as_unknown() -> None:
    tracks = random_tracks(30).with_columns(pl.when(pl.int_range(pl.len()) > 2).then("energy").alias("energy"))
    as_nan = tracks.with_columns(pl.col("energy").fill_null(float("nan")))
    assert scale_features(as_nan).X.tobytes() == scale_features(tracks).X.tobytes()


def test_a_feature_known_for_less_than_half_is_left_out() -> None:
    tracks = random_tracks(100)
    quarter = tracks.with_columns(pl.when(pl.int_range(pl.len()) < 25).then("variance").alias("variance"))
    half = tracks.with_columns(pl.when(pl.int_range(pl.len()) < 50).then("variance").alias("variance"))
    assert scale_features(quarter).left_out["variance"].startswith("known for 25.0% of the tracks")
    assert not scale_features(quarter).imputed.any()
    assert "variance" in scale_features(half).names


def test_constant_feature_is_left_out() -> None:
    features = scale_features(random_tracks(40).with_columns(pl.lit(0.3).alias("energy")))
    assert features.left_out == {"energy": "the same for all tracks"}
    assert "energy" not in features.names


@pytest.mark.parametrize("n", [1, 2, 5])
def test_equal_tracks_are_zeros(n: int) -> None:
    tracks = pl.concat([random_tracks(1)] * n)
    features = scale_features(tracks)
    assert features.X.shape == (n, 10)
    assert not features.X.any()
    assert features.left_out == {}


@pytest.fixture(scope="module")
def real_tracks(data_folder: Path) -> pl.DataFrame:
    return read_catalog(data_folder / "light_spotify_dataset.csv").tracks


@pytest.mark.realdata
def test_real_tracks(real_tracks: pl.DataFrame) -> None:
    tracks = real_tracks
    features = scale_features(tracks, WITHOUT_ARTISTS)
    assert features.names == (
        *("energy", "loudness", "acousticness", "instrumentalness", "speechiness", "liveness", "positiveness"),
        *("danceability", "tempo"),
    )
    assert set(features.left_out) == {"variance"}
    assert np.isfinite(features.X).all()
    assert features.imputed.sum() == tracks["tempo"].null_count()
    z = features.X.astype(float) / features.weights
    np.testing.assert_allclose(z.std(axis=0), 1.0, atol=0.05)
    # A tie of a third of all rows at zero instrumentalness must not stand further off than the others' spread.
    zero = tracks["instrumentalness"].to_numpy() == 0
    gap = z[~zero, 3].min() - z[zero, 3].max()
    assert zero.mean() > 0.3
    assert gap < 0.5
    order = np.random.default_rng(0).permutation(tracks.height)
    assert scale_features(tracks[order]).X.tobytes() == scale_features(tracks).X[order].tobytes()


@pytest.mark.realdata
def test_regression_fills_real_features_better_than_the_mean(real_tracks: pl.DataFrame) -> None:
    tracks = real_tracks
    truth = scale_features(tracks, WITHOUT_ARTISTS)
    hidden = pl.int_range(pl.len()) % 5 == 0
    for name, most in (("energy", 0.55), ("acousticness", 0.75), ("positiveness", 0.9)):
        holes = tracks.with_columns(pl.when(~hidden).then(name).alias(name))
        gone = np.arange(tracks.height) % 5 == 0
        error = column(scale_features(holes, WITHOUT_ARTISTS), name)[gone] - column(truth, name)[gone]
        assert np.sqrt(np.mean(error**2)) < most


@pytest.mark.parametrize(
    ("tracks", "match"),
    [
        (pl.DataFrame({"energy": []}), "no tracks"),
        (pl.DataFrame({"title": ["a", "b"]}), "no usable feature in 2 tracks"),
        (pl.DataFrame({"energy": [None, None]}), "energy: unknown for all tracks"),
        (pl.DataFrame({"energy": [0.5, None, None]}), r"energy: known for 33\.3% of the tracks"),
        (pl.DataFrame({"energy": [62.0, 0.1]}), r"'energy' must be within \[0, 1\].* 62 in row 0.*read_catalog"),
        (pl.DataFrame({"tempo": [0.0, 120.0]}), r"'tempo' must be within \[1e-09, 1000\].* 0 in row 0"),
        (pl.DataFrame({"loudness": [float("inf"), -3.0]}), "'loudness' must be finite"),
        (pl.DataFrame({"energy": ["0.5", "high"]}), "'energy' must be numeric. Got String"),
    ],
)
def test_unusable_tables_are_told(tracks: pl.DataFrame, match: str) -> None:
    with pytest.raises(InputError, match=match):
        scale_features(tracks)


def test_new_tracks_without_any_feature_are_told() -> None:
    features = scale_features(random_tracks(20))
    with pytest.raises(InputError, match="must have some of the features energy"):
        apply_features(pl.DataFrame({"title": ["a"]}), features)


def test_a_block_asked_for_that_the_catalog_lacks_is_told() -> None:
    with pytest.raises(InputError, match="blocks emotion were asked for"):
        scale_features(random_tracks(20).drop("emotion"), FeatureParams(blocks={"emotion": 0.5}))


@pytest.mark.parametrize(
    ("blocks", "match"),
    [
        ({"emotoin": 1.0}, "Unknown block 'emotoin'. Did you mean 'emotion'?"),
        ({"sound": -1.0}, "'sound' parameter must be a float in"),
        ({"sound": float("nan")}, "'sound' parameter must be a float in"),
        ({"sound": 0, "mood": 0, "rhythm": 0}, "no feature is left"),
    ],
)
def test_block_weights_are_checked_where_they_are_given(blocks: dict[str, float], match: str) -> None:
    with pytest.raises(ParameterError, match=match):
        FeatureParams(blocks=blocks)


def test_every_feature_belongs_to_a_block_and_is_documented() -> None:
    rows = {line.split("|")[1].strip(): line for line in DOCS.read_text("utf-8").splitlines() if line.startswith("|")}
    for feature in FEATURES:
        cells = [cell.strip() for cell in rows[feature.name].split("|")]
        assert cells[2] == feature.block
        assert float(cells[4]) == feature.weight
    assert {feature.block for feature in FEATURES} == set(BLOCKS)
