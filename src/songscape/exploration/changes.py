"""Change over the years: medians and quartiles of features, explicit tracks, genres by decade, popularity and age."""

import numpy as np

from songscape.exploration.bins import density
from songscape.exploration.measures import contingency, grouped_quantiles, spearman_matrix
from songscape.exploration.plain import Figure, Finding, Part, item, joined, panels
from songscape.exploration.view import SPOKEN, Category, View, axis_label
from songscape.types import Float64, Int32, Int64
from songscape.wording import percent, short

MIN_IN_YEAR = 10
"""A year of fewer tracks gets no median."""

MIN_IN_DECADE = 20
"""A decade of fewer tracks gets no shares, and no sentence."""

GENRES_BY_DECADE = 8
"""Genres (and emotions) shown by decade; the others are joined."""
QUARTILES = (0.25, 0.5, 0.75)

SURE = 4.0
"""Standard errors that a change must have for a sentence."""

NOTABLE = 0.1
"""Spearman correlation with the year from which a change is worth a sentence."""


def changes(view: View) -> Part:
    """Return all pictures over time; nothing where there is no year or only one."""
    if "year" not in view.numbers or np.nanmin(view.numbers["year"]) == np.nanmax(view.numbers["year"]):
        return Part()
    parts = [_features_by_year(view), _explicit_by_year(view), _by_decade(view, "genre"), _by_decade(view, "emotion")]
    return joined([*parts, _popularity_by_age(view)])


def _in_steps(values: Float64) -> tuple[Int32, int, Int64]:
    """Return whole numbers as codes from 0 (−1 for unknown), the first number, and the count of each."""
    first = int(np.nanmin(values))
    codes = np.where(np.isnan(values), -1, values - first).astype(np.int32)
    return codes, first, np.bincount(codes[codes >= 0]).astype(np.int64)


def _bands(values: Float64, columns: dict[str, Float64]) -> tuple[Int64, dict[str, Float64]]:
    """Return the years (or ages) of enough tracks and, for each column, its quartiles there."""
    codes, first, counts = _in_steps(values)
    kept = np.flatnonzero(counts >= MIN_IN_YEAR)
    found = grouped_quantiles(codes, len(counts), columns, QUARTILES)
    return kept + first, {name: quartiles[kept] for name, quartiles in found.items()}


def _band(x: Int64, quartiles: Float64, name: str, xlabel: str) -> Figure:
    """Return a median with its quartile band, without the years that know no value."""
    known = ~np.isnan(quartiles[:, 1])
    low, middle, high = quartiles[known].T
    series = [{"name": name, "values": middle, "low": low, "high": high}]
    return {"kind": "lines", "x": x[known], "series": series, "xlabel": xlabel, "ylabel": axis_label(name)}


def _features_by_year(view: View) -> Part:
    columns = {name: values for name, values in view.numbers.items() if name != "year"}
    years, found = _bands(view.numbers["year"], columns)
    if len(years) < 2 or not found:
        return Part()
    drawn = [(name, _band(years, quartiles, name, "year")) for name, quartiles in found.items()]
    drawn = [(name, figure) for name, figure in drawn if len(figure["x"]) > 1]
    note = f"Median and quartiles of the tracks of each year that has at least {MIN_IN_YEAR}."
    return Part([item("years", "How the sound changed", note, figure=panels(drawn))], _risen(view, list(columns)))


def _risen(view: View, names: list[str]) -> list[Finding]:
    """Return a sentence on each feature that rose or fell with the year, from the first to the last full decade."""
    decade = view.decade
    full = np.flatnonzero(decade.counts >= MIN_IN_DECADE) if decade else np.zeros(0, int)
    if decade is None or len(full) < 2:
        return []
    first, last = int(full[0]), int(full[-1])
    medians = grouped_quantiles(decade.codes, len(decade.names), {name: view.numbers[name] for name in names}, (0.5,))
    strength = spearman_matrix([view.numbers["year"], *(view.numbers[name] for name in names)])[0, 1:]
    found = []
    for name, rho in zip(names, np.round(strength, 4).tolist(), strict=True):
        rows = int((~np.isnan(view.numbers[name]) & ~np.isnan(view.numbers["year"])).sum())
        start, stop = (float(medians[name][at, 0]) for at in (first, last))
        sure = abs(rho) >= max(NOTABLE, SURE / np.sqrt(max(rows, 1)))  # False for NaN
        if sure and (stop - start) * rho > 0.0:
            how = "rose" if rho > 0 else "fell"
            text = f"Median {name} {how} from {short(start)} in the {decade.names[first]} to {short(stop)}"
            text += f"{SPOKEN.get(name, '')} in the {decade.names[last]} (Spearman with the year {short(rho)})."
            found.append(Finding("change", name, abs(rho), text))
    return found


def _explicit_by_year(view: View) -> Part:
    explicit = view.categories.get("explicit")
    if explicit is None or explicit.counts[1] == 0:
        return Part()
    codes, first, years = _in_steps(view.numbers["year"])
    counts = contingency(codes, explicit.codes, (len(years), 2))
    known = counts.sum(axis=1)
    kept = np.flatnonzero(known >= MIN_IN_YEAR)
    if len(kept) < 2:
        return Part()
    series = [{"name": "explicit", "values": 100.0 * counts[kept, 1] / known[kept], "low": None, "high": None}]
    axes = {"xlabel": "year", "ylabel": "explicit tracks, %"}
    figure = {"kind": "lines", "x": kept + first, "series": series, **axes}
    note = f"Of the tracks of each year that has at least {MIN_IN_YEAR}."
    shown = item("explicit-by-year", "Explicit tracks", note, figure=figure)
    labels, counts = _decades(view, explicit)
    moved = _share_moved("explicit tracks", counts[:, 1], counts.sum(axis=1), labels) if len(labels) > 1 else []
    return Part([shown], moved)


def _decades(view: View, category: Category) -> tuple[list[str], Int64]:
    """Return the decades of enough tracks, and how many tracks of each category they have."""
    decade = view.decade
    if decade is None:
        return [], np.empty((0, len(category.names)), dtype=np.int64)
    counts = contingency(decade.codes, category.codes, (len(decade.names), len(category.names)))
    kept = np.flatnonzero(counts.sum(axis=1) >= MIN_IN_DECADE)
    return [decade.names[at] for at in kept], counts[kept]


def _share_moved(what: str, hits: Int64, known: Int64, labels: list[str]) -> list[Finding]:
    """Return a sentence on a share that rose or fell from the first to the last decade by `SURE` standard errors."""
    start, stop = (float(hits[at] / known[at]) for at in (0, -1))
    pooled = float((hits[0] + hits[-1]) / (known[0] + known[-1]))
    error = float(np.sqrt(pooled * (1.0 - pooled) * (1.0 / known[0] + 1.0 / known[-1])))
    if abs(stop - start) <= SURE * error:
        return []
    text = f"The share of {what} {'rose' if stop > start else 'fell'} from {percent(start)} in the {labels[0]} to"
    return [Finding("change", f"{what} over time", abs(stop - start), f"{text} {percent(stop)} in the {labels[-1]}.")]


def _by_decade(view: View, name: str) -> Part:
    """Return stacked shares of the most frequent categories in each decade; a sentence on the one that moved most."""
    category = view.first_genre if name == "genre" else view.emotion
    if category is None or len(category.names) < 2:
        return Part()
    category = category.head(GENRES_BY_DECADE)
    labels, counts = _decades(view, category)
    if len(labels) < 2:
        return Part()
    known = counts.sum(axis=1)
    values = counts / known[:, None]
    figure = {"kind": "stack", "x": labels, "names": list(category.names), "shares": values.T, "xlabel": "decade"}
    note = f"Shares of the tracks that have one, in decades of at least {MIN_IN_DECADE}."
    note += " A track counts with its first genre." if name == "genre" else ""
    shown = item(f"{name}-by-decade", f"{name.capitalize()}s by decade", note, figure=figure)
    moved = np.abs(values[-1] - values[0])[: category.n_named]
    at = int(moved.argmax())
    return Part([shown], _share_moved(f"the {name} {category.names[at]}", counts[:, at], known, labels))


def _popularity_by_age(view: View) -> Part:
    year, popularity = view.numbers["year"], view.numbers.get("popularity")
    if popularity is None or np.isnan(year + popularity).all():
        return Part()
    newest = int(np.nanmax(year))
    age = newest - year
    ages, found = _bands(np.where(np.isnan(popularity), np.nan, age), {"popularity": popularity})
    if len(ages) < 2:
        return Part()
    label = f"age in {newest}, years"
    rho = round(float(spearman_matrix([age, popularity])[0, 1]), 4)
    note = (
        f"Age in years before {newest}, the newest year of the catalog. Median and quartiles of each age of at least"
    )
    note += f" {MIN_IN_YEAR} tracks."
    facts = [["Spearman of age and popularity", short(rho)]] if np.isfinite(rho) else None
    lines = _band(ages, found["popularity"], "popularity", label)
    cloud = density(age, popularity, label, "popularity, 0–100")
    return Part(
        [
            item("popularity-by-age", "Popularity against age", note, figure=lines, facts=facts),
            item("popularity-age-density", "Popularity and age of every track", figure=cloud),
        ]
    )
