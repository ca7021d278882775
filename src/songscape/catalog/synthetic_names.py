"""Invented artist names and titles in a dozen tongues and scripts, composed from syllables and plain words."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Index = npt.NDArray[Any]

_WORDS_PER_TONGUE = 1500

_SYLLABLES = {
    "english": "bar bel cor dan el fen gar hol ink jun kel lor mar nor ol pen quil ren sol tam ul ver wil yar zen",
    "iberian": "ma ra ló ta vi no sa lu ri co mén del ña bra que ca zul pé ni to ria dó",
    "french": "é lou mai ron vel que cha lan dri mé sou bri ère jo lau tin ban cou gné pla",
    "nordic": "ö sten grü wal hei då lund mar tür ber sol vik ås fri ke ßel nor hal jä mun",
    "cyrillic": "ма ро вел ник сто ла зи ре бор та ню ша гу ли дре ко вес пи ён жа",
    "greek": "μα ρο κα λι θε σο νι τα ρή πα γι δω ξε φα μέ λυ",
    "arabic": "نو را سا لي مد هن كا فر با ري شم دا زي ما حل قم",
    "devanagari": "मा रा नी ला सु को दि या प्रे हा तू बि गा री चाँ से",
    "kana": "か さ き ラ ミ ノ ユ は な る ソ ト リ ん こ あ マ シ も く",
    "han": "夜 空 光 海 花 雨 月 風 星 夢 遠 心 城 山 白 長 春 河 影 歌",
    "hangul": "하 나 별 소 리 빛 우 담 새 온 달 비 로 미 주 은 길 서 아 현",
}

TONGUES = tuple(_SYLLABLES)
"""Names of the tongues; elsewhere a tongue is its place here."""

_PLAIN = (
    "Home Rain Fire River Night Light Summer Winter Shadow Glass Paper Mirror Ocean Velvet Silver Golden Neon "
    "Concrete Hollow Wild Quiet Broken Burning Falling Running Waiting Sleeping Dancing Heart Bones Blood "
    "Smoke Honey Sugar Salt Stone Iron Feather Wire Radio Motel Highway Garden Kitchen Window Ceiling Basement "
    "Harbor Station Satellite Comet Moon Sun Morning Evening Midnight Sunday Monday October April Yesterday "
    "Tomorrow Forever Never Always Again Slow Fast Loud Lonely Holy Bitter Sweet Electric Distant Crooked "
    "Empty Open Little Big Blue Red Black White Green Grey Yellow Purple Ghost Devil Angel Stranger Brother "
    "Sister Mother Father Lover Friend Enemy Soldier Sailor Thief King Queen Dog Wolf Crow Horse Lion Fox "
    "Whale Road Bridge Tower Castle City Town Valley Mountain Desert Island Forest Letter Song Story Number "
    "Name Word Promise Secret Lie Truth Dream Memory Reason Season Money Trouble Magic Gravity Thunder "
    "Lightning Storm Wind Snow Dust Ashes Echo Silence Static Signal Engine Machine Camera Picture Postcard "
    "Breathe Stay Runaway Closer Heaven Intro Outro Interlude Hold Leave Fly Drown Wake Carry Follow Remember "
    "Forget"
)

_LEADS = (*[""] * 12, "The ", "My ", "No ", "Oh, ", "All the ", "Another ", "One ", "Don't ", "Like ", "Every ")
_JOINTS = (*[" "] * 20, " of ", " and ", " in the ", " & ", " for the ", ", ", " on ", " to ", ": ")
_BANDS = (*[""] * 12, "The ", "The ", "DJ ")


class Words:
    """A pool of words by tongue, from which names are put together for many rows at once."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        pool: list[str] = []
        for syllables in _SYLLABLES.values():
            pool += _invent(rng, syllables.split())
        self._pool = pl.Series(pool + _PLAIN.split())

    def artists(self, tongue: Index) -> pl.Series:
        """Return a name for each artist of the given tongue."""
        n = len(tongue)
        lead = np.where(tongue == TONGUES.index("english"), self._rng.integers(0, len(_BANDS), n), 0)
        twice = self._rng.random(n) < 0.92
        return _joined(
            _picked(_BANDS, lead),
            self._pool.gather(self._invented(tongue)),
            _picked(("", " "), twice),
            _where(twice, self._pool.gather(self._invented(tongue))),
        )

    def titles(self, tongue: Index) -> pl.Series:
        """Return a title for each track; some are common words that many tracks share."""
        n, rng = len(tongue), self._rng
        plain = (tongue == TONGUES.index("english")) & (rng.random(n) < 0.9)
        twice = rng.random(n) < np.where(plain, 0.88, 0.75)
        lead = np.where(plain & twice, rng.integers(0, len(_LEADS), n), 0)
        joint = np.where(plain, rng.integers(0, len(_JOINTS), n), 0)
        first, second = self._invented(tongue), self._invented(tongue)
        return _joined(
            _picked(_LEADS, lead),
            self._pool.gather(np.where(plain, self._plain(n), first)),
            _where(twice, _picked(_JOINTS, joint)),
            _where(twice, self._pool.gather(np.where(plain, self._plain(n), second))),
        )

    def _invented(self, tongue: Index) -> Index:
        return tongue * _WORDS_PER_TONGUE + self._rng.integers(0, _WORDS_PER_TONGUE, len(tongue))

    def _plain(self, n: int) -> Index:
        size = len(self._pool) - len(TONGUES) * _WORDS_PER_TONGUE
        drawn = (size * self._rng.random(n, dtype=np.float32) ** 1.35).astype(np.int64)
        return len(TONGUES) * _WORDS_PER_TONGUE + np.minimum(drawn, size - 1)


def _invent(rng: np.random.Generator, syllables: list[str]) -> list[str]:
    sizes = rng.integers(2, 4, _WORDS_PER_TONGUE)
    drawn = rng.integers(0, len(syllables), (_WORDS_PER_TONGUE, 3))
    return ["".join(syllables[i] for i in row[:size]).capitalize() for row, size in zip(drawn, sizes, strict=True)]


def _picked(choices: Sequence[str], index: Index) -> pl.Series:
    return pl.Series(choices).gather(np.asarray(index, dtype=np.int64))


def _where(wanted: Index, words: pl.Series) -> pl.Series:
    """Return the words where wanted, elsewhere nothing."""
    return words.zip_with(pl.Series(wanted), pl.Series([""]))


def _joined(*parts: pl.Series) -> pl.Series:
    columns = [part.alias(str(i)) for i, part in enumerate(parts)]
    return pl.select(pl.concat_str(columns)).to_series()


def with_suffixes(rng: np.random.Generator, titles: pl.Series, suffix: Index, guests: pl.Series) -> pl.Series:
    """Return titles with the suffix of each row, by its place in `SUFFIXES`; {guest} becomes another artist."""
    plain = titles + _picked([text.split("{guest}")[0] for text in SUFFIXES], suffix)
    invited = np.array(["{guest}" in text for text in SUFFIXES])[suffix]
    guest = guests.gather(rng.integers(0, len(guests), len(titles)))
    tail = _picked([text.split("{guest}")[-1] if "{guest}" in text else "" for text in SUFFIXES], suffix)
    return _joined(plain, _where(invited, guest), tail)


SUFFIXES = (
    "",
    " (feat. {guest})", " feat. {guest}", " (with {guest})",
    " (Live)", " - Live", " - Live at {guest} Hall", " (Live in Session)",
    *(f" - Remastered {year}" for year in range(1999, 2024, 3)), " - 2011 Remaster", " (Remastered)",
    " - Radio Edit", " (Radio Edit)",
    " (Acoustic)", " - Acoustic Version",
    " - {guest} Remix", " ({guest} Remix)",
    " (Deluxe Edition)", " - Deluxe",
    " (Instrumental)",
)  # fmt: skip
"""What is put behind titles; the first is nothing."""
