"""What is said about a group, as plain frozen records that JSON can hold."""

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

VerdictWord = Literal["solid", "blurred", "fragment", "artifact"]
Side = Literal[">", "<"]


@dataclass(frozen=True, slots=True)
class Difference:
    """How one feature of a group differs from that of other songs.

    Attributes
    ----------
    feature, unit : str
        Column of the catalog, and its unit; empty for shares in [0, 1].
    delta : float
        Cliff's delta in [−1, 1]: how much more often a song of the group has the higher value than the lower one.
    low, high : float
        Its 95 % interval.
    median, other_median : float
        In the catalog's own unit; of the group, and of the songs that it is compared with.
    held_out : bool
        Whether the feature took no part in the metric, so that the difference is evidence.
    """

    feature: str
    unit: str
    delta: float
    low: float
    high: float
    median: float
    other_median: float
    held_out: bool


@dataclass(frozen=True, slots=True)
class Lift:
    """How much more, or less, frequent a genre, emotion, decade or explicit text is than in the rest.

    Attributes
    ----------
    kind, value : str
        As in ``genre`` and ``folk``.
    count : int
        Songs of the group that have it.
    share, rest_share : float
        Of the songs that have a known value of this kind: in the group, and in the rest.
    lift, low, high : float
        Ratio of the two shares (with Haldane's half song added), and its 95 % interval after Katz.
    p, q : float
        Two-sided p by the hypergeometric distribution; q is p corrected by Benjamini and Hochberg over all groups
        and values of the scale.
    held_out : bool
        Whether it took no part in the metric.
    """

    kind: str
    value: str
    count: int
    share: float
    rest_share: float
    lift: float
    low: float
    high: float
    p: float
    q: float
    held_out: bool


@dataclass(frozen=True, slots=True)
class Song:
    """A song shown as an example: its row, and what the catalog says of it."""

    row: int
    title: str | None
    artist: str | None
    year: int | None
    popularity: float | None


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a rule, as in ``acousticness > 0.70``."""

    feature: str
    side: Side
    threshold: float
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """At most three conditions that together single out the group.

    Attributes
    ----------
    conditions : tuple of Condition
        All must hold.
    text : str
        The rule in words.
    precision, recall, f1 : float
        On songs that the rule was not fitted on, by artists that it has not seen.
    precision_low, precision_high, recall_low, recall_high : float
        95 % intervals after Wilson.
    n_judged : int
        Songs of the group among those that it was judged on.
    """

    conditions: tuple[Condition, ...]
    text: str
    precision: float
    precision_low: float
    precision_high: float
    recall: float
    recall_low: float
    recall_high: float
    f1: float
    n_judged: int


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A group beside this one.

    Attributes
    ----------
    number, name
        Of the other group.
    links : float
        Share of this group's neighbor links that lead there, in [0, 1].
    gap : float
        How much emptier the line between the two centers is than the emptier of the centers, in [0, 1]; NaN where
        the groups have too few songs to tell.
    is_apart : bool
        Whether the gap is real, and not the luck of a sample.
    separates : tuple of Difference
        The features that differ most between the two, this group against the other.
    """

    number: int
    name: str
    links: float
    gap: float
    is_apart: bool
    separates: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Hubs:
    """Whether a few songs are everybody's neighbor.

    Attributes
    ----------
    songs : tuple of Song
        The songs of the group that occur most often among the nearest neighbors of others.
    counts : tuple of int
        How often.
    top_share : float
        Share of all occurrences of the group's songs that its most frequent hundredth takes; at least 0.01.
    """

    songs: tuple[Song, ...]
    counts: tuple[int, ...]
    top_share: float


@dataclass(frozen=True, slots=True)
class Comeback:
    """How much of a group comes back when everything is fitted anew; all are Jaccard indices or shares in [0, 1].

    Attributes
    ----------
    jaccard, low, high : float
        Songs in both / songs in either, of the group and its best match in subsamples: mean, and its 95 % interval.
    null : float
        What the median group of permuted columns reaches: songs without any groups. NaN if not measured.
    null_share : float
        Share of the groups of permuted columns that come back at least as well. NaN if not measured.
    seeds, seeds_null_share : float
        The same index for all songs fitted with another seed, and its share. NaN if not measured.
    """

    jaccard: float
    low: float
    high: float
    null: float = math.nan
    null_share: float = math.nan
    seeds: float = math.nan
    seeds_null_share: float = math.nan


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for a verdict.

    Attributes
    ----------
    code : str
        Which of the sentences of `songscape.interpretation.grounds`.
    values : dict
        What stands in it: shares and scores as floats, names, counts.
    """

    code: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """Everything there is to know about one group.

    Attributes
    ----------
    scale, number, name
        ``coarse``, ``middle`` or ``fine``; the group's number there; a name no other group of the scale has.
    size, share
        Songs, and their share of all songs.
    parent : int or None
        The group of the next coarser scale that holds it; None at the coarsest.
    differences : tuple of Difference
        Against all other songs, the strongest first.
    over, under : tuple of Lift
        What is clearly more, or less, frequent than in the rest (q ≤ 0.05), the clearest first.
    exemplars, popular : tuple of Song
        The songs where the group is densest, and its most popular typical ones; each artist once.
    rule : Rule or None
        None where no rule says more than chance.
    neighbors : tuple of Neighbor
        The closest groups.
    stability : Comeback or None
        How much of the group comes back when everything is fitted anew; None if that was not measured.
    persistence : float
        How long the group holds as the density threshold rises, in [0, 1].
    silhouette : float
        Mean over its songs; NaN if unknown.
    core_share : float
        Share of its songs that HDBSCAN itself put in a cluster.
    own_links, own_links_null : float
        Share of the nearest neighbors of its songs that lie in the group too, and what labels dealt out at random
        would give.
    hubs : Hubs
        Whether a few songs are everybody's neighbor.
    verdict, reason : str
        ``solid``, ``blurred``, ``fragment`` or ``artifact``, and why.
    grounds : tuple of Ground
        The reason once more, as codes with values; empty in cards of atlases that were built before there were any.
    """

    scale: str
    number: int
    name: str
    size: int
    share: float
    parent: int | None
    differences: tuple[Difference, ...]
    over: tuple[Lift, ...]
    under: tuple[Lift, ...]
    exemplars: tuple[Song, ...]
    popular: tuple[Song, ...]
    rule: Rule | None
    neighbors: tuple[Neighbor, ...]
    stability: Comeback | None
    persistence: float
    silhouette: float
    core_share: float
    own_links: float
    own_links_null: float
    hubs: Hubs
    verdict: VerdictWord
    reason: str
    grounds: tuple[Ground, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the card as JSON-able data: floats with at most six significant digits, None where undefined."""
        plain: dict[str, Any] = _plain(self)
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Card":
        """Return the card that `as_dict` told."""
        kind: Any = cls
        card: Card = _reader(kind)(plain)
        return card


@functools.cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Return what makes a value of a type from JSON-able data; a float that is None is NaN."""
    if is_dataclass(kind):
        make: Any = kind
        readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
        return lambda value: make(**{name: readers[name](inner) for name, inner in value.items()})
    if kind is float:
        return lambda value: math.nan if value is None else value
    if get_origin(kind) is tuple:
        read = _reader(get_args(kind)[0])
        return lambda value: tuple([read(inner) for inner in value])
    inner_kinds: list[Any] = [inner for inner in get_args(kind) if is_dataclass(inner)]
    if inner_kinds:
        read = _reader(inner_kinds[0])
        return lambda value: None if value is None else read(value)
    return lambda value: value


@functools.cache
def _names(kind: Any) -> tuple[str, ...] | None:
    """Return the names of the fields of a record; None for other types."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    kind: Any = type(value)
    names = _names(kind)
    return value if names is None else {name: _plain(getattr(value, name)) for name in names}
