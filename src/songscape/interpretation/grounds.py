"""Why a verdict is what it is: codes with values, and the English sentences that they stand for.

Cards carry the codes, so that a page can say the same in another language.
"""

from collections.abc import Sequence
from typing import Any

from songscape.interpretation.records import Ground

_BESIDE = " (of groups of permuted columns {chance})"
_COMES_BACK = "only {share} of it come back in subsamples"

SENTENCES = {
    "twins": "duplicates: {share} of its songs have a twin that sounds the same",
    "one_title": "duplicates: {share} of its songs share the title “{value}”",
    "one_artist": "one artist: {share} of its songs are by “{value}”",
    "one_value": "one value: {share} of its songs have {feature} {value}",
    "filled_in": "one filled-in value: {share} of its songs have no known {feature}",
    "too_small": "only {size} songs, too few to tell",
    "dissolves": f"it dissolves: {_COMES_BACK}",
    "piece": "a piece of “{name}”: no gap towards it, and most links that leave lead there",
    "alone": "there is no other group to tell it from",
    "no_gap": "no gap towards {n} of {all} neighbors, such as {names}",
    "unknown_silhouette": "its silhouette is not known",
    "low_silhouette": "its songs are hardly nearer to each other than to the next group (silhouette {silhouette})",
    "unstable": _COMES_BACK,
    "by_chance": "it comes back no better than groups of permuted columns do",
    "gaps": "a gap to every neighbor, the narrowest {gap} empty",
    "silhouette": "silhouette {silhouette}",
    "stability": "stability {stability}",
    "unmeasured": "stability not measured",
    "as_told": "{text}",
}
"""What each code says; the values stand in braces."""

_SHARES = ("share", "chance", "gap")


def told(grounds: Sequence[Ground]) -> str:
    """Return grounds as a sentence.

    Examples
    --------
    >>> told([Ground("no_gap", {"n": 1, "all": 3, "names": ["Loud"]}), Ground("by_chance", {})])
    'no gap towards 1 of 3 neighbors, such as “Loud”; it comes back no better than groups of permuted columns do'
    """
    return "; ".join(_told(ground) for ground in grounds)


def _told(ground: Ground) -> str:
    sentence = SENTENCES[ground.code] + (_BESIDE if "chance" in ground.values else "")
    return sentence.format(**{name: _written(name, value) for name, value in ground.values.items()})


def _written(name: str, value: Any) -> str:
    if isinstance(value, list):
        return " and ".join(f"“{one}”" for one in value)
    if name in _SHARES:
        return f"{100 * value:.0f} %"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
