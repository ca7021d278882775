"""The words of names: what a feature that differs is called, by how the group's median lies.

Several words stand for one side of a feature; the first whose bound the median passes is taken (``>``: the median
is at least the bound, ``<``: at most). So a group far more acoustic than the rest, whose median is 0.3, is not
"acoustic".
"""

from typing import NamedTuple

from songscape.interpretation.records import Side


class Word(NamedTuple):
    """A word for one side of a feature.

    Attributes
    ----------
    text : str
        The word.
    place : int
        Where it stands in a phrase: words of lower place come first.
    family : str
        Of words of one family a name takes one: "quiet" and "soft" say the same.
    weight : float
        How much the word tells a listener: what nearly all music is ("sung", "electric") tells little.
    """

    text: str
    place: int
    family: str
    weight: float


# feature, side → place, family, and (bound, word, weight) in the order in which they are tried
_SOUND: dict[tuple[str, Side], tuple[int, str, tuple[tuple[float, str, float], ...]]] = {
    ("tempo", ">"): (0, "pace", ((115.0, "fast", 0.8),)),
    ("tempo", "<"): (0, "pace", ((105.0, "slow", 0.8),)),
    ("duration", ">"): (0, "length", ((300.0, "long", 0.9),)),
    ("duration", "<"): (0, "length", ((150.0, "short", 0.9),)),
    ("energy", "<"): (1, "force", ((0.2, "hushed", 1.0), (0.4, "quiet", 1.0), (0.6, "gentle", 1.0))),
    ("energy", ">"): (1, "force", ((0.88, "fierce", 1.0), (0.7, "energetic", 1.0), (0.5, "lively", 0.8))),
    ("loudness", "<"): (1, "force", ((-9.0, "soft", 0.9),)),
    ("loudness", ">"): (1, "force", ((-8.0, "loud", 0.9),)),
    ("positiveness", ">"): (2, "mood", ((0.8, "exuberant", 1.0), (0.55, "sunny", 1.0), (0.45, "warm", 0.8))),
    ("positiveness", "<"): (2, "mood", ((0.15, "bleak", 1.0), (0.35, "dark", 1.0), (0.45, "brooding", 0.8))),
    ("danceability", ">"): (3, "dance", ((0.68, "danceable", 1.0), (0.55, "swaying", 0.7))),
    ("danceability", "<"): (3, "dance", ((0.35, "free-flowing", 0.8), (0.5, "loose", 0.4))),
    ("liveness", ">"): (4, "stage", ((0.5, "live", 1.0), (0.25, "live-sounding", 0.8))),
    ("liveness", "<"): (4, "stage", ((0.12, "studio", 0.3),)),
    ("acousticness", ">"): (5, "timbre", ((0.5, "acoustic", 1.0), (0.2, "half-acoustic", 0.8))),
    ("acousticness", "<"): (5, "timbre", ((0.05, "electric", 0.5),)),
    ("instrumentalness", ">"): (6, "voice", ((0.5, "instrumental", 1.1), (0.05, "sparsely sung", 0.9))),
    ("instrumentalness", "<"): (6, "voice", ((0.001, "sung", 0.2),)),
    ("speechiness", ">"): (6, "voice", ((0.6, "spoken", 1.1), (0.15, "rapped", 1.0), (0.08, "wordy", 0.7))),
    ("speechiness", "<"): (6, "voice", ((0.04, "melodic", 0.3),)),
}

COMPARATIVES: dict[tuple[str, Side], str] = {
    ("tempo", ">"): "faster", ("tempo", "<"): "slower",
    ("energy", ">"): "livelier", ("energy", "<"): "calmer",
    ("positiveness", ">"): "sunnier", ("positiveness", "<"): "darker",
    ("danceability", ">"): "more danceable", ("danceability", "<"): "less danceable",
    ("acousticness", ">"): "more acoustic", ("acousticness", "<"): "more electric",
    ("instrumentalness", ">"): "fewer vocals", ("instrumentalness", "<"): "more vocals",
    ("speechiness", ">"): "wordier", ("speechiness", "<"): "more melodic",
    ("loudness", ">"): "louder", ("loudness", "<"): "softer",
    ("liveness", ">"): "more live", ("liveness", "<"): "more studio",
    ("duration", ">"): "longer", ("duration", "<"): "shorter",
    ("mode", ">"): "more major", ("mode", "<"): "more minor",
    ("year", ">"): "newer", ("year", "<"): "older",
    ("popularity", ">"): "better known", ("popularity", "<"): "lesser known",
}  # fmt: skip
"""What tells two groups of one name apart; only what can be heard comes before year and popularity."""

EMOTIONS = {
    "joy": "joyful", "sadness": "sad", "anger": "angry", "love": "tender", "fear": "fearful",
    "surprise": "surprising",
}  # fmt: skip

NOTHING = "Middle of the road"
ALL = "All songs"
"""The name of a group that nothing sets apart."""


class Meaning(NamedTuple):
    """What makes a word: the feature, the side of the rest, and the bounds that the group's median lies between."""

    word: str
    feature: str
    side: Side
    bound: float
    beyond: float | None
    """Where a stronger word begins; None if there is none."""

    weight: float


def meanings() -> list[Meaning]:
    """Return what makes each word of sound, feature by feature, the strongest words first.

    Examples
    --------
    >>> [meaning.word for meaning in meanings() if (meaning.feature, meaning.side) == ("energy", "<")]
    ['hushed', 'quiet', 'gentle']
    """
    found = []
    for (feature, side), (_, _, bounds) in _SOUND.items():
        stronger = [None, *(bound for bound, _, _ in bounds)]
        found += [
            Meaning(word, feature, side, bound, beyond, weight)
            for (bound, word, weight), beyond in zip(bounds, stronger, strict=False)
        ]
    return found


def sound_word(feature: str, side: Side, median: float) -> Word | None:
    """Return the word for a feature on one side of the rest, None where the median is too ordinary for any.

    Examples
    --------
    >>> sound_word("acousticness", ">", 0.9).text, sound_word("acousticness", ">", 0.1)
    ('acoustic', None)
    """
    if (feature, side) not in _SOUND:
        return None
    place, family, bounds = _SOUND[feature, side]
    for bound, text, weight in bounds:
        if median >= bound if side == ">" else median <= bound:
            return Word(text, place, family, weight)
    return None
