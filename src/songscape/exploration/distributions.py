"""How each column is distributed: the three pictures of the first presentation, then every other feature."""

import numpy as np
import polars as pl

from songscape.exploration.bins import histogram
from songscape.exploration.plain import Figure, Finding, Item, Part, bars, item, joined, panels, shares, table
from songscape.exploration.view import MAJOR_KEYS, MINOR_KEYS, SPOKEN, UNIT_FEATURES, Category, View, axis_label
from songscape.types import Float64
from songscape.wording import counted, number, percent, short

TOP_GENRES = 10
YEAR_BINS = 130
FIFTHS = tuple(7 * place % 12 for place in range(12))
"""Pitch classes in the order of the circle of fifths, from C."""

_OCTAVE_TOLERANCE = 0.04  # of the ratio 2, as for tempo estimates in MIREX
_FOLD_FROM = 80.0  # BPM; tempos folded into one octave stand in [80, 160)


def pictures(view: View) -> Part:
    """Return emotions, top genres, popularity: the three pictures that the product was first presented with."""
    return joined([_emotions(view), _genres(view), _popularity(view)])


def features(view: View) -> Part:
    """Return the distribution of every other column that is there."""
    parts = [_unit_features(view), _number(view, "loudness"), _tempo(view), _keys(view), _meter(view)]
    parts += [_number(view, "duration"), _year(view), _explicit(view), _number(view, "variance")]
    return joined(parts)


def _largest(category: Category, subject: str, text: str, *, always: bool = False) -> list[Finding]:
    """Return the finding on the largest category, weighed by its distance from an even split."""
    k, share = len(category.names), float(category.counts.max() / category.known)
    weight = (share - 1.0 / k) / (1.0 - 1.0 / k) if k > 1 else 1.0
    return [Finding("make-up", subject, weight, text, always)]


def _unknown(view: View, known: int) -> str:
    missing = len(view) - known
    return (
        f" {counted(missing, 'track')} ({percent(missing / len(view))}) without one do not count." if missing else ""
    )


def _emotions(view: View) -> Part:
    emotion = view.emotion
    if emotion is None:
        return Part()
    note = f"Share of the {counted(emotion.known, 'track')} that have an emotion." + _unknown(view, emotion.known)
    first, *others = [f"{percent(float(share))} {name}" for name, share in _shares(emotion)]
    text = first.replace(f" {emotion.names[0]}", f" of the tracks are {emotion.names[0]}")
    text += f", {' and '.join(others[:2])}." if others else "."
    figure = bars(emotion.names, emotion.counts)
    shown = item("emotions", "Emotions of the songs", note, figure=figure)
    return Part([shown], _largest(emotion, "emotion", text, always=True))


def _shares(category: Category) -> list[tuple[str, float]]:
    return list(zip(category.names, shares(category.counts, category.known).tolist(), strict=True))


def _genres(view: View) -> Part:
    genre = view.first_genre
    if genre is None:
        return Part()
    top = genre.head(TOP_GENRES)
    several = int((view.tracks["genres"].list.len() > 1).sum())
    note = f"The first genre of each track; {number(len(genre.names))} different ones stand first." + _unknown(
        view, genre.known
    )
    if several:
        note += f" {counted(several, 'track')} name several genres; the table counts each of them."
    muted = [top.n_named] if top.joined else []
    items = [item("genres", "Top 10 genres and the others", note, figure=bars(top.names, top.counts, muted))]
    if several:
        items[0]["table"] = _anywhere(view, genre)
    named = top.names[: min(top.n_named, 3)]
    share = percent(float(genre.counts[0] / genre.known))
    text = f"The most frequent genre is {named[0]} ({share} of those that have one)"
    text += f", then {' and '.join(named[1:])}." if named[1:] else "."
    return Part(items, _largest(genre, "genre", text, always=True))


def _anywhere(view: View, genre: Category) -> dict[str, object]:
    """Return the genres named most, at any position, with how often they stand first."""
    first = dict(zip(genre.names, genre.counts.tolist(), strict=True))
    each = view.tracks["genres"].list.unique().explode().rename("name").drop_nulls().value_counts(name="count")
    each = each.sort("count", "name", descending=[True, False]).head(TOP_GENRES)
    rows = [[name, count, first.get(name, 0)] for name, count in each.iter_rows()]
    return table(["genre", "tracks that name it", "tracks that name it first"], rows, "lrr")


def _popularity(view: View) -> Part:
    if "popularity" not in view.numbers:
        return Part()
    values = view.numbers["popularity"]
    figure = histogram(values, "popularity, 0–100", apart=(0.0,))
    at_zero = sum(spike["count"] for spike in figure["spikes"] if spike["value"] == 0.0)
    known = values[~np.isnan(values)]
    note = "A popularity of exactly 0 (not played, or not known) is drawn apart." if at_zero else ""
    note += _unknown(view, len(known))
    facts = [*_five_numbers(known), ["At exactly 0", f"{number(at_zero)} ({percent(at_zero / len(known))})"]]
    shown = item("popularity", "Popularity of the songs", note.strip(), figure=figure, facts=facts)
    share = at_zero / len(known)
    q1, q3 = np.quantile(known, [0.25, 0.75])
    text = f"Half of the tracks have a popularity from {short(q1)} to {short(q3)}"
    text += f"; {percent(share)} stand at exactly 0." if at_zero else "."
    return Part([shown], [Finding("make-up", "popularity", share, text, always=True)])


def _five_numbers(known: Float64) -> list[list[str]]:
    low, q1, median, q3, high = np.quantile(known, [0.05, 0.25, 0.5, 0.75, 0.95])
    return [
        ["Median (quartiles)", f"{short(median)} ({short(q1)} to {short(q3)})"],
        ["Nine in ten between", f"{short(low)} and {short(high)}"],
    ]


def _spiked(name: str, figure: dict[str, object], known: int) -> list[Finding]:
    spikes: list[dict[str, float]] = figure["spikes"]  # type: ignore[assignment]
    if not spikes:
        return []
    top = max(spikes, key=lambda spike: spike["count"])
    share = top["count"] / known
    value = f"{short(top['value'])}{SPOKEN.get(name, '')}"
    text = f"{percent(share)} of the tracks have {name} exactly {value}."
    return [Finding("trouble", f"{name} spike", share, text)]


def _beyond(figure: dict[str, object], known: Float64) -> str:
    edges: Float64 = figure["edges"]  # type: ignore[assignment]
    outside = int(((known < edges[0]) | (known > edges[-1])).sum())
    if not outside:
        return ""
    verb = "lies" if outside == 1 else "lie"
    return f"{counted(outside, 'track')} {verb} beyond the picture, as far as {_far(known)}. "


def _far(known: Float64) -> str:
    return f"{short(float(known.min()))} and {short(float(known.max()))}"


def _number(view: View, name: str, *, extra: list[list[str]] | None = None, max_bins: int = 60) -> Part:
    if name not in view.numbers:
        return Part()
    values = view.numbers[name]
    known = values[~np.isnan(values)]
    figure = histogram(values, axis_label(name), max_bins=max_bins)
    note = (_beyond(figure, known) + _unknown(view, len(known)).strip()).strip()
    facts = [*_five_numbers(known), *(extra or [])]
    return Part([item(name, name.capitalize(), note, figure=figure, facts=facts)], _spiked(name, figure, len(known)))


def _year(view: View) -> Part:
    part = _number(view, "year", max_bins=YEAR_BINS)
    decade = view.decade
    if decade is None or len(decade.names) < 2:
        return part
    text = f"The {decade.names[int(decade.counts.argmax())]} are the largest decade, with"
    text += f" {percent(float(decade.counts.max() / decade.known))} of the tracks that have a year."
    return joined([part, Part([], _largest(decade, "year", text))])


def _unit_features(view: View) -> Part:
    present = [name for name in UNIT_FEATURES if name in view.numbers]
    if not present:
        return Part()
    drawn, rows, findings = [], [], []
    for name in present:
        known = view.numbers[name][~np.isnan(view.numbers[name])]
        figure = histogram(known, name)
        drawn.append((name, figure))
        rows.append([name, *np.quantile(known, [0.05, 0.25, 0.5, 0.75, 0.95]), known.mean(), known.std()])
        findings += _spiked(name, figure, len(known))
    columns = ["feature", "5 %", "25 %", "median", "75 %", "95 %", "mean", "standard deviation"]
    note = "Exact values that stand out from those around them are drawn apart, in another color."
    title = "The seven audio features" if len(present) == len(UNIT_FEATURES) else "Audio features"
    shown = item("audio-features", title, note, figure=panels(drawn), table=table(columns, rows, "lrrrrrrr"))
    return Part([shown], findings)


def _tempo(view: View) -> Part:
    part = _number(view, "tempo")
    if not part.items:
        return part
    values = view.numbers["tempo"]
    known = values[values > 0.0]
    drawn = [
        ("as it stands", part.items[0]["figure"]),
        (f"folded into one octave, {_FOLD_FROM:.0f} to {2 * _FOLD_FROM:.0f} BPM", _folded_histogram(known)),
    ]
    part.items[0]["figure"] = panels(drawn)
    part.items[0]["note"] = (
        "87 and 174 BPM are often one beat, counted twice as fast: the second picture halves and doubles every tempo"
        f" into one octave. {part.items[0]['note']}"
    ).strip()
    part.items[0]["facts"] += [
        ["Above 160 BPM", percent(float((known >= 2 * _FOLD_FROM).mean()))],
        ["Below 80 BPM", percent(float((known < _FOLD_FROM).mean()))],
        *_octave_doubles(view),
    ]
    return part


def _folded_histogram(tempo: Float64) -> Figure:
    """Return a histogram of tempos halved and doubled into one octave."""
    folded = _FOLD_FROM * 2.0 ** np.mod(np.log2(tempo / _FOLD_FROM), 1.0)
    edges = np.linspace(_FOLD_FROM, 2.0 * _FOLD_FROM, 41)
    counts = np.histogram(folded, edges)[0]
    return {"kind": "histogram", "edges": edges, "counts": counts, "spikes": [], "xlabel": "tempo, BPM"}


def _octave_doubles(view: View) -> list[list[str]]:
    """Return how often versions of one song differ by a factor of two in tempo: octave errors, seen directly."""
    if not view.has("version_family"):
        return []
    tempo = pl.Series("tempo", view.numbers["tempo"], nan_to_null=True)
    families = pl.DataFrame([view.tracks["version_family"].alias("family"), tempo]).drop_nulls()
    spans = families.group_by("family").agg(pl.col("tempo").min().alias("low"), pl.col("tempo").max().alias("high"))
    ratio = (spans["high"] / spans["low"]).to_numpy()
    differ = int((ratio > 1.0 + _OCTAVE_TOLERANCE).sum())
    double = int((np.abs(ratio / 2.0 - 1.0) <= _OCTAVE_TOLERANCE).sum())
    if not differ:
        return []
    return [
        [
            "Octave doubles among versions",
            f"{number(double)} of the {counted(differ, 'song')} whose versions differ by over 4 % in tempo span a"
            f" factor of 2, ±4 % ({percent(double / differ)})",
        ]
    ]


def _keys(view: View) -> Part:
    if "key" not in view.categories:
        return Part()
    key, mode = view.categories["key"], view.categories.get("mode")
    majors = [MAJOR_KEYS[pitch] for pitch in FIFTHS]
    note = "Neighbors on the circle share all notes but one." + _unknown(view, key.known)
    findings = []
    if mode is None:
        series = [{"name": "all", "values": [key.counts[pitch] for pitch in FIFTHS]}]
        labels, facts = majors, []
    else:
        counts = np.array(
            [np.bincount(key.codes[(mode.codes == m) & (key.codes >= 0)], minlength=12) for m in (0, 1)]
        )
        minors = [(pitch + 9) % 12 for pitch in FIFTHS]
        labels = [f"{MAJOR_KEYS[major]} · {MINOR_KEYS[minor]}m" for major, minor in zip(FIFTHS, minors, strict=True)]
        series = [
            {"name": "major", "values": counts[1][list(FIFTHS)]},
            {"name": "minor", "values": counts[0][minors]},
        ]
        note = "A minor key stands at its relative major, which has the same notes. " + note
        major = float(mode.counts[1] / mode.known)
        facts = [["Major", percent(major)], ["Minor", percent(1.0 - major)]]
        text = f"{percent(max(major, 1.0 - major))} of the tracks are in {'major' if major >= 0.5 else 'minor'}."
        findings = [Finding("make-up", "mode", abs(2.0 * major - 1.0), text)]
    top = int(key.counts.argmax())
    facts.append(["Most frequent tonic", f"{MAJOR_KEYS[top]} ({percent(float(key.counts[top] / key.known))})"])
    figure = {"kind": "circle", "labels": labels, "series": series}
    return Part([item("keys", "Key and mode on the circle of fifths", note, figure=figure, facts=facts)], findings)


def _meter(view: View) -> Part:
    meter = view.categories.get("meter")
    if meter is None:
        return Part()
    order = sorted(range(len(meter.names)), key=lambda i: int(meter.names[i]))
    figure = bars([f"{meter.names[i]} beats" for i in order], [int(meter.counts[i]) for i in order])
    text = f"{percent(float(meter.counts[0] / meter.known))} of the tracks have {meter.names[0]} beats in a bar."
    shown = item("meter", "Beats in a bar", _unknown(view, meter.known).strip(), figure=figure)
    return Part([shown], _largest(meter, "meter", text))


def _explicit(view: View) -> Part:
    explicit: Category | None = view.categories.get("explicit")
    if explicit is None:
        return Part()
    share = float(explicit.counts[1] / explicit.known)
    shown: Item = item(
        "explicit", "Explicit", _unknown(view, explicit.known).strip(), figure=bars(explicit.names, explicit.counts)
    )
    text = f"{percent(share)} of the tracks are explicit."
    return Part([shown], [Finding("make-up", "explicit", abs(2.0 * share - 1.0), text)])
