"""How features differ between emotions and between genres, with the size of the difference."""

import numpy as np

from songscape.exploration.measures import cohens_d, explained_variance
from songscape.exploration.plain import Finding, Item, Part, item, joined, matrix, table
from songscape.exploration.view import Category, View
from songscape.types import Float64
from songscape.wording import short

TOP = 12
"""Categories with a row of their own."""

MIN_IN_CATEGORY = 10
MIN_EFFECT = 0.5
"""Cohen's d from which a contrast is worth a sentence: a medium effect."""


def contrasts(view: View) -> Part:
    """Return features by emotion and by genre."""
    return joined([_by(view, "emotion"), _by(view, "genre")])


def _by(view: View, name: str) -> Part:
    category = view.first_genre if name == "genre" else view.emotion
    if category is None:
        return Part()
    category = category.head(TOP)
    kept = [at for at, count in enumerate(category.counts) if count >= MIN_IN_CATEGORY]
    features = {column: values for column, values in view.numbers.items() if np.nanmin(values) < np.nanmax(values)}
    if len(kept) < 2 or not features:
        return Part()
    effects = np.stack(
        [cohens_d(category.codes, values, len(category.names))[kept] for values in features.values()]
    ).T
    labels = [category.names[at] for at in kept]
    if np.isnan(effects).all():
        return Part()
    items = [_matrix(name, labels, list(features), effects), *_explained(name, category, features)]
    named = sum(at < category.n_named for at in kept)
    sizes = category.counts[kept] / category.known
    return Part(items, _sentences(name, labels, sizes, list(features), effects[:named]))


def _matrix(name: str, labels: list[str], features: list[str], effects: Float64) -> Item:
    largest = float(np.nanmax(np.abs(effects), initial=0.0))
    limit = max(round(min(largest, 2.0), 1), 0.2)
    note = (
        f"Cohen's d: how many pooled standard deviations the mean of the tracks of one {name} lies above that of all"
        " others. About 0.2 is small, 0.5 medium, 0.8 large."
    )
    if name == "genre":
        note += " A track counts with its first genre."
    figure = matrix(labels, features, np.round(effects, 3), low=-limit, high=limit)
    return item(f"features-by-{name}", f"Features by {name}", note, figure=figure)


def _explained(name: str, category: Category, features: dict[str, Float64]) -> list[Item]:
    rows: list[tuple[str, float, float, int]] = []
    for feature, values in features.items():
        found = explained_variance(category.codes, values)
        if not np.isnan(found.eta2):
            rows.append((feature, round(found.eta2, 4), round(found.omega2, 4), found.n))
    rows.sort(key=lambda row: -row[2])
    note = (
        f"Share of each feature's variance that lies between the values of {name}: η² in these tracks, ω² corrected"
        " for chance. About 0.01 is small, 0.06 medium, 0.14 large."
    )
    shown = table(["feature", "η²", "ω²", "tracks"], rows, "lrrr")
    return [item(f"explained-by-{name}", f"What {name} tells about each feature", note, table=shown)] if rows else []


def _sentences(name: str, labels: list[str], sizes: Float64, features: list[str], effects: Float64) -> list[Finding]:
    """Return a sentence on the largest contrast, weighed by the correlation that d amounts to.

    With a share p of the tracks in the category: r = d / √(d² + 1 / (p (1 − p))), the point-biserial correlation.
    """
    allowed = np.where(np.isnan(effects), 0.0, np.abs(effects))
    if allowed.max(initial=0.0) < MIN_EFFECT:
        return []
    row, column = np.unravel_index(int(allowed.argmax()), allowed.shape)
    d, share = float(effects[row, column]), float(sizes[row])
    side = "above" if d > 0 else "below"
    what = f"tracks of the {name} {labels[row]}" if name == "genre" else f"{labels[row]} tracks"
    text = f"{what[0].upper()}{what[1:]} lie furthest from the rest in {features[column]}:"
    text += f" {short(abs(round(d, 3)))} standard deviations {side} (Cohen's d)."
    weight = abs(d) / float(np.sqrt(d * d + 1.0 / (share * (1.0 - share))))
    return [Finding("relation", f"{name} contrast", weight, text)]
