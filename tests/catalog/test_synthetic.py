"""Synthetic catalogs: the published marginals and correlations, styles that hang together, flaws, bytes."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from songscape.catalog import read_catalog
from songscape.catalog.synthetic import FILLER, synthesize_tracks, write_synthetic
from songscape.catalog.synthetic_names import SUFFIXES, TONGUES
from songscape.catalog.synthetic_styles import LATENT, load_styles
from songscape.errors import InputError, ParameterError

HEADER = (
    "artist,song,emotion,variance,Genre,Release Date,Key,Tempo,Loudness,Explicit,Popularity,Energy,Danceability,"
    "Positiveness,Speechiness,Liveness,Acousticness,Instrumentalness"
)
PUBLISHED = {  # mean, standard deviation of the light emotions set
    "variance": (0.66, 0.32),
    "Release Date": (2008.5, 14.8),
    "Tempo": (120.6, 29.0),
    "Loudness": (-8.04, 3.84),
    "Popularity": (40.0, 18.8),
    "Energy": (62.4, 22.1),
    "Danceability": (59.1, 17.1),
    "Positiveness": (47.7, 23.8),
    "Speechiness": (11.8, 12.4),
    "Liveness": (19.9, 16.6),
    "Acousticness": (26.2, 29.1),
    "Instrumentalness": (5.4, 17.7),
}
CORRELATIONS = {
    ("Energy", "Loudness"): 0.75,
    ("Energy", "Acousticness"): -0.67,
    ("Loudness", "Acousticness"): -0.54,
    ("Danceability", "Positiveness"): 0.39,
    ("Energy", "Positiveness"): 0.29,
    ("Danceability", "Speechiness"): 0.27,
    ("Loudness", "Instrumentalness"): -0.21,
}
EMOTIONS = {"joy": 90859, "sadness": 70707, "anger": 46947, "love": 12693, "fear": 11859, "surprise": 2309}
N = 60_000


@pytest.fixture(scope="module", params=[0, 7])
def tracks(request: pytest.FixtureRequest) -> pl.DataFrame:
    return synthesize_tracks(N, random_state=request.param)


@pytest.fixture(scope="module")
def several() -> list[pl.DataFrame]:
    """Catalogs of their own scenes each: one alone leans to what its few large scenes are."""
    return [synthesize_tracks(N, random_state=seed) for seed in range(8)]


@pytest.mark.parametrize("name", PUBLISHED)
def test_means_and_deviations_are_the_published_ones(several: list[pl.DataFrame], name: str) -> None:
    mean, deviation = PUBLISHED[name]
    values = [tracks[name].to_numpy() for tracks in several]
    assert abs(np.mean(values) - mean) < 0.04 * deviation
    assert np.mean([one.std() for one in values]) == pytest.approx(deviation, rel=0.06)
    assert all(abs(one.mean() - mean) < 0.12 * deviation for one in values)


@pytest.mark.parametrize("pair", CORRELATIONS)
def test_correlations_are_the_published_ones(several: list[pl.DataFrame], pair: tuple[str, str]) -> None:
    found = [np.corrcoef(tracks[pair[0]].to_numpy(), tracks[pair[1]].to_numpy())[0, 1] for tracks in several]
    assert np.mean(found) == pytest.approx(CORRELATIONS[pair], abs=0.035)
    assert found == pytest.approx([CORRELATIONS[pair]] * len(found), abs=0.1)


def test_form_of_the_light_emotions_set(tracks: pl.DataFrame, tmp_path: Path) -> None:
    assert ",".join(tracks.columns) == HEADER
    for name in HEADER.split(",")[10:]:
        assert tracks[name].dtype == pl.Int64
        assert tracks[name].is_between(0, 100).all()
    assert tracks["Tempo"].is_between(30, 220).all()
    assert tracks["Release Date"].is_between(1900, 2024).all()
    assert tracks["Loudness"].is_between(-47, 4).all()
    assert tracks["Key"].str.contains(r"^[A-G]#? (Maj|min)$").all()
    assert tracks["Key"].n_unique() == 24
    assert set(tracks["Explicit"].unique()) == {"Yes", "No"}
    write_synthetic(50, tmp_path / "tracks.csv")
    assert (tmp_path / "tracks.csv").read_text("utf-8").splitlines()[0] == HEADER


def test_flaws_of_the_real_set(tracks: pl.DataFrame) -> None:
    assert (tracks["variance"] == FILLER).mean() == pytest.approx(0.75, abs=0.01)
    spoken = tracks.filter(pl.col("variance") != FILLER)["variance"]
    assert spoken.mean() == pytest.approx(0.1, abs=0.01)
    assert spoken.std() == pytest.approx(0.17, abs=0.01)
    assert (tracks["Genre"] == "Unknown,Unknown,Unknown").mean() == pytest.approx(0.21, abs=0.03)
    assert tracks["Genre"].mode().to_list() == ["Unknown,Unknown,Unknown"]
    assert (tracks["Popularity"] == 0).mean() == pytest.approx(0.0165, abs=0.004)
    assert (tracks["Instrumentalness"] <= 2).mean() == pytest.approx(0.867, abs=0.02)
    assert tracks["song"].null_count() == N // 30_000
    junk = tracks.filter(~pl.col("emotion").is_in(list(EMOTIONS)))
    assert junk.height == N // 20_000


def test_emotions_have_the_published_frequencies(tracks: pl.DataFrame) -> None:
    counts = dict(tracks["emotion"].value_counts().rows())
    for name, count in EMOTIONS.items():
        assert counts[name] / N == pytest.approx(count / sum(EMOTIONS.values()), rel=0.12)


def test_exact_duplicates_are_as_rare_as_in_the_real_set() -> None:
    tracks = synthesize_tracks(200_000, random_state=3)
    assert tracks.height - tracks.unique().height == 2
    assert 130_000 < tracks["song"].n_unique() < 170_000
    assert 2000 < tracks["Genre"].n_unique() < 3000


def within_share(tracks: pl.DataFrame, name: str) -> float:
    """Share of a column's variance within artists of 2 to 200 tracks."""
    some = tracks.filter(pl.len().over("artist").is_between(2, 200))
    gap = some[name] - some.select(pl.col(name).mean().over("artist")).to_series()
    return float((gap**2).sum() / (some.height - some["artist"].n_unique()) / some[name].var())


def test_artists_have_their_own_sound(tracks: pl.DataFrame) -> None:
    assert within_share(tracks, "Loudness") < 0.45
    assert within_share(tracks, "Energy") < 0.55
    assert within_share(tracks, "Tempo") > 0.8
    assert within_share(tracks, "Liveness") > 0.75
    control = tracks.with_columns(pl.col("artist").shuffle(seed=1))
    assert within_share(control, "Loudness") > 0.97


def test_genres_and_eras_hang_together(tracks: pl.DataFrame) -> None:
    means = tracks.group_by("Genre").agg(pl.col("Energy", "Acousticness", "Tempo", "Release Date").mean(), pl.len())
    genre = {row["Genre"]: row for row in means.rows(named=True)}
    assert genre["classical"]["Energy"] + 10 < genre["folk"]["Energy"] < genre["metal"]["Energy"] - 20
    assert genre["classical"]["Acousticness"] > 60 > 15 > genre["metal"]["Acousticness"]
    assert genre["drum and bass"]["Tempo"] > genre["hip hop"]["Tempo"] + 20
    assert genre["disco"]["Release Date"] + 15 < genre["trap"]["Release Date"]


def test_artists_are_few_large_and_many_small(tracks: pl.DataFrame) -> None:
    sizes = tracks["artist"].value_counts(sort=True)["count"]
    assert 0.2 * N < len(sizes) < 0.32 * N
    assert 0.001 * N < sizes[0] < 0.01 * N
    assert sizes.median() <= 3
    assert "Lyric Commons Translations" in tracks["artist"].value_counts(sort=True)["artist"].head(5).to_list()


def test_versions_stand_beside_their_first_recording(tracks: pl.DataFrame) -> None:
    remasters = tracks.filter(pl.col("song").str.contains(r" - Remastered \d{4}$"))
    assert remasters.height > 0.005 * N
    base = remasters.with_columns(pl.col("song").str.replace(r" - Remastered \d{4}$", ""))
    pairs = base.join(tracks, on=["artist", "song"], suffix="_first")
    assert pairs.height > 0.4 * remasters.height
    assert (pairs["Energy"] - pairs["Energy_first"]).abs().median() <= 1
    sounds = HEADER.split(",")[11:]
    twins = tracks.filter(pl.struct(*sounds, "Loudness", "Tempo").is_duplicated())
    assert twins.height > 0.03 * N
    for mark in ("(Live)", "(feat. ", "- Radio Edit", "(Acoustic)", "Remix"):
        assert tracks["song"].str.contains(mark, literal=True).sum() > 0.0005 * N


def test_several_scripts(tracks: pl.DataFrame) -> None:
    for letters in (r"\p{Cyrillic}", r"\p{Hangul}", r"\p{Han}", r"\p{Greek}", r"\p{Arabic}", r"\p{Devanagari}", "ñ"):
        assert tracks["artist"].str.contains(letters).sum() > 20
        assert tracks["song"].str.contains(letters).sum() > 20
    plain = tracks["artist"].str.contains(r"^[\x00-\x7f]+$").mean()
    assert 0.75 < plain < 0.95


def test_the_reader_reads_it_without_surprise(tmp_path: Path) -> None:
    write_synthetic(N, tmp_path / "tracks.csv", random_state=4)
    catalog = read_catalog(tmp_path / "tracks.csv")
    assert catalog.summary() | {"version_families": 0} == {
        "rows_read": N, "rows_rejected": 0, "tracks": N, "version_families": 0,
    }  # fmt: skip
    assert 0.88 * N < catalog.summary()["version_families"] < 0.96 * N
    columns = catalog.notes["files"][0]["columns"]
    cleared = {name: sum(item["count"] for item in note["cleared"]) for name, note in columns.items()}
    dirty = {name: count for name, count in cleared.items() if count}
    assert set(dirty) == {"genres", "variance", "emotion"}
    assert dirty["variance"] == pytest.approx(0.75 * N, rel=0.02)
    assert dirty["emotion"] <= N // 20_000
    tracks = catalog.tracks
    assert tracks["energy"].mean() == pytest.approx(0.624, abs=0.015)
    assert tracks["loudness"].mean() == pytest.approx(-8.04, abs=0.3)
    assert tracks["key"].is_between(0, 11).all()
    assert tracks["genres"].list.len().max() == 3


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    one, two, other = (tmp_path / f"{name}.csv" for name in ("one", "two", "other"))
    write_synthetic(3000, one, random_state=5)
    write_synthetic(3000, two, random_state=5)
    write_synthetic(3000, other, random_state=6)
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes() != other.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.csv", "other.csv", "two.csv"]


@pytest.mark.parametrize("n", [0, 1, 2, 3, 17])
def test_tiny_catalogs(n: int) -> None:
    tracks = synthesize_tracks(n)
    assert tracks.height == n
    assert ",".join(tracks.columns) == HEADER
    assert tracks.drop("song").null_count().sum_horizontal().item() == 0
    assert tracks.schema == synthesize_tracks(100).schema


@pytest.mark.parametrize("n", [-1, 2.5, True, "10"])
def test_wrong_number_of_tracks(n: object) -> None:
    with pytest.raises(ParameterError, match="'n_tracks' parameter must be an int"):
        synthesize_tracks(n)  # type: ignore[arg-type]


def test_wrong_seed() -> None:
    with pytest.raises(ParameterError, match="'random_state' parameter must be an int"):
        synthesize_tracks(3, random_state=-1)


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    write_synthetic(3, tmp_path / "new" / "tracks.csv")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["tracks.csv"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    with pytest.raises(InputError, match=r"cannot be written to .*file"):
        write_synthetic(3, tmp_path / "file" / "tracks.csv")


def test_an_existing_file_stays_when_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "tracks.csv").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write_synthetic(3, tmp_path / "tracks.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["tracks.csv"]


def test_styles_table() -> None:
    styles = load_styles()
    assert styles.shares.sum() == pytest.approx(1.0)
    assert styles.centers.shape == (len(styles.names), len(LATENT))
    np.testing.assert_allclose(styles.shares @ styles.centers, 0.0, atol=1e-12)
    assert len(set(styles.names)) == len(styles.names)
    assert set(styles.tongues) == set(TONGUES)
    assert ((styles.minor >= 0) & (styles.minor <= 1)).all()
    assert len(set(SUFFIXES)) == len(SUFFIXES)
