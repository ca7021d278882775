"""Names from evidence: "Quiet acoustic · sad · folk, 1970s". No language model, the same in every run.

A name is made of up to four parts:

1. *sound*: the two words whose features differ most from the rest (|Cliff's delta| ≥ 0.33 × weight of the word), in a
   fixed order; of words that say the same ("quiet", "soft") the stronger one;
2. *emotion*: the most over-represented one, where the lower end of its lift is at least 1.15, on 35 % of the songs;
3. *genre*: the over-represented one with the largest share × log2(lower end of the lift), at least 1.3, on 10 %;
4. *decade*: the same, at least a quarter of the songs.

Groups of one scale that come out with the same name get a further word each: the next sound word, the next genre,
then comparatives against those of the same name ("faster", "darker"), at last a number.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from songscape.interpretation.columns import NumericColumn
from songscape.interpretation.effects import compare
from songscape.interpretation.lifts import telling
from songscape.interpretation.records import Difference, Lift, Side
from songscape.interpretation.words import ALL, COMPARATIVES, EMOTIONS, NOTHING, Word, sound_word
from songscape.types import Int64

MAX_LENGTH = 48
MIN_DELTA = 0.33
"""What Romano et al. (2006) call a medium difference; smaller ones make no word."""

MIN_COMPARATIVE = 0.15
MIN_LIFT = {"emotion": 1.15, "genre": 1.3, "decade": 1.3}
MIN_SHARE = {"emotion": 0.35, "genre": 0.10, "decade": 0.25}
"""A name promises what one will hear: a label on a few songs is in the card, not in the name."""

N_SOUND_WORDS = 2
MIN_REST, NEARLY_ALL = 20, 0.9
"""A group of nine tenths of the songs and more that leaves fewer than 20 has nothing to be named in contrast to."""


class GroupEvidence(NamedTuple):
    """What one name is made from: differences from the rest, over-represented labels, songs inside and outside."""

    differences: Sequence[Difference]
    over: Sequence[Lift]
    size: int
    rest: int


class _Parts(NamedTuple):
    """The material of one name, each part's candidates in order; how many of each are used; what was added."""

    sound: tuple[Word, ...]
    genres: tuple[str, ...]
    emotion: str
    decade: str
    n_sound: int
    n_genres: int
    added: tuple[str, ...]
    otherwise: str = NOTHING  # what a group is called that nothing is told about


def make_names(
    evidence: Sequence[GroupEvidence], columns: Sequence[NumericColumn], counts: Sequence[Int64]
) -> list[str]:
    """Return a name for each group, unique among them.

    Parameters
    ----------
    evidence : sequence of GroupEvidence, one per group
        Differences the strongest first.
    columns : sequence of NumericColumn
        What groups of one name are compared in.
    counts : sequence of int64 arrays, shape (≥ n_groups, n_classes)
        Songs by group and class, for each column.
    """
    parts = [_parts(one) for one in evidence]
    used: list[set[str]] = [set() for _ in parts]
    extensions: list[Callable[[list[int]], None]] = [
        lambda same: _use_more(parts, same, "n_sound"),
        lambda same: _use_more(parts, same, "n_genres"),
        *[lambda same: _add_comparatives(parts, same, used, columns, counts)] * 3,
    ]
    for extend in extensions:
        for same in _collisions([_text(part) for part in parts]):
            extend(same)
    names = [_text(part) for part in parts]
    for same in _collisions(names):
        for number, group in enumerate(same, start=1):
            names[group] = _free(names, names[group], number)
    return names


def _parts(evidence: GroupEvidence) -> _Parts:
    if evidence.rest < MIN_REST and evidence.size >= NEARLY_ALL * (evidence.size + evidence.rest):
        return _Parts((), (), "", "", N_SOUND_WORDS, 1, (), ALL)
    emotions = _labels(evidence.over, "emotion")
    decades = _labels(evidence.over, "decade")
    sound = _sound(evidence.differences)
    genres = tuple(dict.fromkeys(genre.replace("_", " ") for genre in _labels(evidence.over, "genre")))
    emotion = EMOTIONS.get(emotions[0], emotions[0]) if emotions else ""
    return _Parts(sound, genres, emotion, decades[0] if decades else "", N_SOUND_WORDS, 1, ())


def _sound(differences: Sequence[Difference]) -> tuple[Word, ...]:
    """Return the words for what differs, the most telling first, one of each family."""
    ranked: list[tuple[float, Word]] = []
    for difference in differences:
        side: Side = ">" if difference.delta > 0.0 else "<"
        word = sound_word(difference.feature, side, difference.median)
        if word is not None and abs(difference.delta) >= MIN_DELTA and difference.low * difference.high > 0.0:
            ranked.append((abs(difference.delta) * word.weight, word))
    ranked.sort(key=lambda pair: -pair[0])
    return tuple(
        {word.family: word for _, word in reversed(ranked)}[family]
        for family in dict.fromkeys(word.family for _, word in ranked)
    )


def _labels(over: Sequence[Lift], kind: str) -> list[str]:
    """Return the over-represented labels of one kind that are frequent and clear enough, the most telling first."""
    clear = [
        lift for lift in over if lift.kind == kind and lift.low >= MIN_LIFT[kind] and lift.share >= MIN_SHARE[kind]
    ]
    return [lift.value for lift in sorted(clear, key=lambda lift: -telling(lift))]


def _text(parts: _Parts) -> str:
    """Return the name, without the decade, the emotion and the further genres where it would get too long."""
    words = sorted(parts.sound[: parts.n_sound], key=lambda word: word.place)
    sound = " ".join(word.text for word in words)
    genres = "/".join(parts.genres[: parts.n_genres])
    added = ", ".join(parts.added)
    tries = (
        (sound, parts.emotion, genres, parts.decade),
        (sound, parts.emotion, genres, ""),
        (sound, "", genres, ""),
        (sound, "", "/".join(parts.genres[:1]), ""),
        (" ".join(word.text for word in words[:N_SOUND_WORDS]), "", "", ""),
    )
    for heard, emotion, genre, decade in tries:
        label = ", ".join(part for part in (genre, decade) if part)
        name = " · ".join(part for part in (heard, emotion, label) if part) or parts.otherwise
        name = name + (f", {added}" if added else "")
        if len(name) <= MAX_LENGTH:
            break
    return name[0].upper() + name[1:MAX_LENGTH]


def _collisions(names: list[str]) -> list[list[int]]:
    """Return the sets of groups of one name, in order of their first group."""
    same: dict[str, list[int]] = defaultdict(list)
    for group, name in enumerate(names):
        same[name.casefold()].append(group)
    return [groups for groups in same.values() if len(groups) > 1]


def _use_more(parts: list[_Parts], same: list[int], count: str) -> None:
    for group in same:
        parts[group] = parts[group]._replace(**{count: getattr(parts[group], count) + 1})


def _add_comparatives(
    parts: list[_Parts],
    same: list[int],
    used: list[set[str]],
    columns: Sequence[NumericColumn],
    counts: Sequence[Int64],
) -> None:
    """Add to each of these groups the feature in which it differs most from the others of the same name."""
    best: dict[int, tuple[float, str, Side]] = {}
    for column, count in zip(columns, counts, strict=True):
        if (column.name, ">") not in COMPARATIVES:
            continue
        those = count[same]
        delta = compare(those, those.sum(axis=0) - those, column.levels).delta
        for group, value in zip(same, delta.tolist(), strict=True):
            strongest = best.get(group, (MIN_COMPARATIVE, "", ">"))[0]
            if column.name not in used[group] and abs(value) > strongest:
                best[group] = abs(value), column.name, ">" if value > 0.0 else "<"
    for group, (_, feature, side) in best.items():
        used[group].add(feature)
        parts[group] = parts[group]._replace(added=(*parts[group].added, COMPARATIVES[feature, side]))


def _free(names: list[str], name: str, number: int) -> str:
    """Return the name with the first number from `number` that no other group has."""
    taken = {other.casefold() for other in names}
    while True:
        mark = f" {number}"
        numbered = name[: MAX_LENGTH - len(mark)] + mark
        if numbered.casefold() not in taken:
            return numbered
        number += 1
