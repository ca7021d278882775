"""Change over the years: medians and quartiles of features, explicit tracks, genres by decade, popularity and age."""

import numpy as np
import numpy.typing as npt

from songscape.exploration.bins import density
from songscape.exploration.measures import contingency, grouped_quantiles, spearman_matrix
from songscape.exploration.plain import Figure, Finding, Item, Part, item, joined, panels, percent, short
from songscape.exploration.relations import axis
from songscape.exploration.view import OTHER, Category, View
from songscape.types import Float64, Int32, Int64

MIN_IN_YEAR = 10
"""A year of fewer tracks gets no median."""

MIN_IN_DECADE = 20
"""A decade of fewer tracks gets no shares, and no sentence."""

GENRES_BY_DECADE = 8
QUARTILES = (0.25, 0.5, 0.75)

_NOTABLE = 0.1  # |Spearman| with the year from which a change is worth a sentence


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
    return {"kind": "lines", "x": x[known], "series": series, "xlabel": xlabel, "ylabel": axis(name)}


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
        start, stop = (float(medians[name][at, 0]) for at in (first, last))
        if abs(rho) < _NOTABLE or np.isnan(start) or np.isnan(stop) or start == stop or (stop > start) != (rho > 0):
            continue
        how = "rose" if rho > 0 else "fell"
        text = f"Median {name} {how} from {short(start)} in the {decade.names[first]} to {short(stop)} in the"
        found.append(
            Finding("change", name, abs(rho), f"{text} {decade.names[last]} (Spearman with the year {short(rho)}).")
        )
    return found


def _explicit_by_year(view: View) -> Part:
    explicit = view.categories.get("explicit")
    if explicit is None or explicit.counts[1] == 0:
        return Part()
    codes, first, _ = _in_steps(view.numbers["year"])
    counts = _table(codes, explicit.codes, (int(codes.max()) + 1, 2))
    known = counts.sum(axis=1)
    kept = np.flatnonzero(known >= MIN_IN_YEAR)
    if len(kept) < 2:
        return Part()
    values = counts[kept, 1] / known[kept]
    series = [{"name": "explicit", "values": values, "low": None, "high": None}]
    figure = {
        "kind": "lines",
        "x": kept + first,
        "series": series,
        "xlabel": "year",
        "ylabel": "share of explicit tracks",
    }
    note = f"Of the tracks of each year that has at least {MIN_IN_YEAR}."
    return Part([item("explicit-by-year", "Explicit tracks", note, figure=figure)], _share_risen(view, explicit))


def _table(rows: Int32, columns: Int32, shape: tuple[int, int]) -> Int64:
    """Return a contingency table of a wanted shape."""
    counts = np.zeros(shape, dtype=np.int64)
    found = contingency(rows, columns)
    counts[: found.shape[0], : found.shape[1]] = found
    return counts


def _share_risen(view: View, explicit: Category) -> list[Finding]:
    decade = view.decade
    if decade is None:
        return []
    counts = _table(decade.codes, explicit.codes, (len(decade.names), 2))
    known = counts.sum(axis=1)
    full = np.flatnonzero(known >= MIN_IN_DECADE)
    if len(full) < 2:
        return []
    first, last = int(full[0]), int(full[-1])
    start, stop = (float(counts[at, 1] / known[at]) for at in (first, last))
    if start == stop:
        return []
    how = "rose" if stop > start else "fell"
    text = (
        f"The share of explicit tracks {how} from {percent(start)} in the {decade.names[first]} to {percent(stop)} in"
    )
    return [Finding("change", "explicit over time", abs(stop - start), f"{text} the {decade.names[last]}.")]


def _by_decade(view: View, name: str) -> Part:
    """Return stacked shares of the most frequent categories in each decade."""
    category, decade = view.categories.get(name), view.decade
    if category is None or decade is None:
        return Part()
    if name == "genre" and view.first_genre is not None:
        category = view.first_genre.head(GENRES_BY_DECADE)
    counts = _table(decade.codes, category.codes, (len(decade.names), len(category.names)))
    kept = np.flatnonzero(counts.sum(axis=1) >= MIN_IN_DECADE)
    if len(kept) < 2 or len(category.names) < 2:
        return Part()
    values = counts[kept] / counts[kept].sum(axis=1, keepdims=True)
    labels = [decade.names[at] for at in kept]
    figure = {"kind": "stack", "x": labels, "names": list(category.names), "shares": values.T, "xlabel": "decade"}
    note = f"Shares of the tracks that have one, in decades of at least {MIN_IN_DECADE}."
    if name == "genre":
        note += " A track counts with its first genre."
    shown = item(f"{name}-by-decade", f"{name.capitalize()}s by decade", note, figure=figure)
    return Part([shown], _shifted(values, labels, category.names, name))


def _shifted(values: Float64, labels: list[str], names: tuple[str, ...], what: str) -> list[Finding]:
    """Return a sentence on the category whose share changed most from the first to the last decade."""
    change = np.where([one == OTHER for one in names], 0.0, values[-1] - values[0])
    at = int(np.abs(change).argmax())
    how = "rose" if change[at] > 0 else "fell"
    start, stop = percent(float(values[0, at])), percent(float(values[-1, at]))
    text = f"The share of the {what} {names[at]} {how} from {start} in the {labels[0]} to {stop} in the {labels[-1]}."
    return [Finding("change", f"{what} over time", float(abs(change[at])), text)]


def _popularity_by_age(view: View) -> Part:
    if "popularity" not in view.numbers:
        return Part()
    year, popularity = view.numbers["year"], view.numbers["popularity"]
    age = np.nanmax(year) - year
    ages, found = (
        _bands(np.where(np.isnan(popularity), np.nan, age), {"popularity": popularity})
        if _any(age, popularity)
        else (None, {})
    )
    if ages is None or len(ages) < 2:
        return Part()
    rho = float(spearman_matrix([age, popularity])[0, 1])
    newest = int(np.nanmax(year))
    note = (
        f"Age in years before {newest}, the newest year of the catalog. Median and quartiles of each age of at least"
    )
    note += f" {MIN_IN_YEAR} tracks."
    lines = _band(ages, found["popularity"], "popularity", f"age in {newest}, years")
    facts = [["Spearman of age and popularity", short(round(rho, 4)) if np.isfinite(rho) else "–"]]
    items: list[Item] = [item("popularity-by-age", "Popularity against age", note, figure=lines, facts=facts)]
    cloud = density(age, popularity, f"age in {newest}, years", "popularity, 0–100")
    items.append(item("popularity-age-density", "Every track: popularity and age", figure=cloud))
    return Part(items)


def _any(one: Float64, other: Float64) -> bool:
    both: npt.NDArray[np.bool_] = ~(np.isnan(one) | np.isnan(other))
    return bool(both.any())
