"""Titles and artists by hand, in several scripts: what is one song and what is not."""

import unicodedata

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songscape.titles import artist_keys, plain_text, title_keys


def key(title):
    return title_keys(pl.Series([title])).item()


SAME = [
    ("Heroes", ["Heroes - 2017 Remaster", "HEROES (Live)", "“Heroes”", "Heroes [Mono]", "Heroes - Single Version"]),
    ("Blinding Lights", ["Blinding Lights (with ROSALÍA)", "Blinding Lights - Radio Edit"]),
    ("Umbrella", ["Umbrella (feat. JAY-Z)", "Umbrella feat. Jay-Z", "Umbrella [ft. Jay Z] - Live"]),
    ("Hotel California", ["Hotel California - Live at The Forum; 2013 Remaster", "Hotel California (2013 Remaster)"]),
    ("Evidências", ["Evidencias - Ao Vivo", "EVIDÊNCIAS (Ao Vivo Em Goiânia)", "Evidências - Acústico"]),
    ("Corazón Espinado", ["Corazon Espinado (En Vivo)", "Corazón Espinado - En Directo"]),
    ("Layla", ["Layla - Acoustic", "Layla (Unplugged)", "Layla - Demo", "Layla - Take 3", "Layla / Live"]),
    ("Come Together", ["Come Together - Remastered 2009", "Come Together - 2019 Mix"]),
    ("Over and Over", ["Over and Over - 2019 - Remaster", "Over & Over"]),
    ("Don't Stop", ["Dont Stop", "Don’t Stop!", "DON´T STOP"]),
    ("Straße", ["STRASSE", "Strasse (Live)"]),
    ("Кукушка", ["КУКУШКА", "Кукушка (Live)", "Кукушка - Remastered 2018"]),
    ("Ёлка", ["ЕЛКА"]),
    ("Ζωή", ["ΖΩΗ", "ζωη (Live)"]),
    ("夜に駆ける", ["夜に駆ける (Live)", "夜に駆ける - Acoustic", "夜に駆ける（ライブ）", "夜に駆ける【ライブ】"]),
    ("가시나", ["가시나 (라이브)", "가시나 - Live"]),
    ("月亮代表我的心", ["月亮代表我的心 (Live版)", "月亮代表我的心（現場版）"]),
    ("أنت عمري", ["أنت عمري (Live)", "أنت عمري - Remastered"]),
    ("Ｆｕｌｌ　Ｗｉｄｔｈ", ["Full Width"]),
    ("You Belong With Me", ["You Belong With Me (Taylor’s Version)", "You Belong With Me (Taylor's Version)"]),
    ("Let It Go", ["Let It Go - From \"Frozen\"", "Let It Go (From Frozen / Soundtrack Version)"]),
]  # fmt: skip


@pytest.mark.parametrize(("title", "versions"), SAME, ids=[title for title, _ in SAME])
def test_versions_of_one_song_share_the_key(title, versions):
    assert {version: key(version) for version in versions} == dict.fromkeys(versions, key(title))


DIFFERENT = [
    ("Live Forever", "Forever"),
    ("Live and Let Die", "Let Die"),
    ("Born to Live", "Born to"),
    ("The Way I Live", "The Way I"),
    ("Learn (Live to Learn)", "Learn"),
    ("Animals - Botnek Remix", "Animals"),
    ("Animals (Instrumental)", "Animals"),
    ("Animals - Karaoke Version", "Animals"),
    ("Animals (Sped Up)", "Animals"),
    ("Animals - Slowed Version", "Animals"),
    ("Another Brick in the Wall, Pt. 1", "Another Brick in the Wall, Pt. 2"),
    ("Symphony No. 5: I. Allegro", "Symphony No. 5: II. Andante"),
    ("Song 2", "Song"),
    ("Umbrella feat. Jay-Z (Moto Blanco Remix)", "Umbrella feat. Jay-Z"),
    ("Umbrella ft. Jay-Z - Moto Blanco Remix", "Umbrella"),
    ("Alone (With You)", "Alone"),
    ("I Wanna Dance with Somebody (Who Loves Me)", "I Wanna Dance with Somebody"),
    ("Hello (Turn Your Radio On)", "Hello"),
    ("÷", "+"),
    ("???", "!!!"),
    ("か", "が"),
    ("กา", "กี"),
    ("की", "का"),
    ("Live", ""),
    ("Remastered", ""),
    ("(Live)", ""),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_recordings_keep_different_keys(one, other):
    assert key(one) != key(other)
    assert key(one)


def test_keys_are_never_empty_for_a_title_that_is_there():
    titles = ["...", "(Live)", "♥", " - Live", "[]", "feat. X", "-", "İ", "🎵"]
    assert all(title_keys(pl.Series(titles)))
    assert title_keys(pl.Series([None, None], dtype=pl.String)).to_list() == [None, None]


def test_keys_follow_the_order_of_rows_and_leave_the_input_alone():
    titles = pl.Series(["b (Live)", "a", None, "b (Live)", "É"])
    before = titles.clone()
    assert title_keys(titles).to_list() == ["b", "a", None, "b", "e"]
    assert titles.equals(before)


@pytest.mark.parametrize(
    ("artist", "same"),
    [
        ("The Beatles", "beatles"),
        ("Drake", "Drake feat. Rihanna"),
        ("Drake", "Drake Featuring Rihanna"),
        ("Drake", "DRAKE, Future"),
        ("Ludwig van Beethoven", "ludwig van beethoven,  stewart goodyear"),
        ("Beyoncé", "Beyonce"),
        ("Simon & Garfunkel", "Simon and Garfunkel"),
        ("Молчат Дома", "МОЛЧАТ ДОМА"),
    ],
)
def test_one_artist_in_several_spellings(artist, same):
    keys = artist_keys(pl.Series([artist, same]))
    assert keys[0] == keys[1]


def test_different_artists_keep_different_keys():
    names = ["Beatles", "Tyler", "10,000 Maniacs", "10,001 Maniacs", "ヨルシカ", "YOASOBI", "!!!"]
    assert artist_keys(pl.Series(names)).n_unique() == len(names)


def test_plain_text_of_marks_that_make_other_letters():
    assert plain_text(pl.Series(["が"])).item() != plain_text(pl.Series(["か"])).item()
    assert plain_text(pl.Series(["é"])).item() == "e"


def one_by_one(make, texts):
    """What becomes of texts a few at a time: other code changes them than a column of many."""
    return pl.concat([make(texts[first : first + 50]) for first in range(0, len(texts), 50)])


LETTERS = st.characters(exclude_categories=("Cs", "Cn"), max_codepoint=0x2FFFF)
"""Assigned ones: what is newer than this Python's Unicode counts as a sign in a few texts."""


@pytest.mark.parametrize("around", ["{}", "a{}b", "a {}", "{}a"])
def test_any_sign_becomes_in_few_texts_what_it_does_in_many(around):
    signs = [sign for sign in map(chr, range(0x30000)) if unicodedata.category(sign) not in ("Cs", "Cn")]
    texts = pl.Series([around.format(sign) for sign in signs])
    assert one_by_one(plain_text, texts).equals(plain_text(texts))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(LETTERS, max_size=12), min_size=65, max_size=90))
@pytest.mark.parametrize("make", [plain_text, artist_keys])
def test_few_texts_become_what_many_do(make, texts):
    texts = pl.Series([*texts, None, "The X feat. Y", "A , B", "'", "&", "the"], dtype=pl.String)
    assert one_by_one(make, texts).equals(make(texts), null_equal=True)


@pytest.mark.realdata
@pytest.mark.parametrize("make", [plain_text, artist_keys])
@pytest.mark.parametrize("name", ["song", "artist"])
def test_few_real_names_become_what_all_do(data_folder, make, name):
    column = pl.read_csv(data_folder / "light_spotify_dataset.csv", columns=[name], infer_schema=False)[name]
    texts = column.unique(maintain_order=True)
    assert one_by_one(make, texts).equals(make(texts), null_equal=True)
