"""The page: sections in their order, findings ranked, all of it plain data."""

from typing import Any

import polars as pl

from songscape.exploration.changes import changes
from songscape.exploration.contrasts import contrasts
from songscape.exploration.distributions import features, pictures
from songscape.exploration.findings import ranked
from songscape.exploration.overview import overview, subtitle
from songscape.exploration.plain import Part, joined, jsonable
from songscape.exploration.relations import associations, relations
from songscape.exploration.trouble import trouble
from songscape.exploration.view import View

_SECTIONS = (
    ("overview", "Overview", "What was read, how it was understood, and what was cleared or filled in."),
    ("pictures", "Emotions, genres, popularity", "How the songs are spread over emotions, genres and popularity."),
    ("features", "Every other feature", "How each column is distributed; what is not in the catalog is left out."),
    (
        "relations",
        "Relations",
        "What goes together, what changed over the years, and how emotions and genres differ.",
    ),
    ("trouble", "Trouble", "What to keep in mind before trusting a number: gaps, duplicates, labels, outliers."),
)


def explore(
    tracks: pl.DataFrame,
    *,
    notes: dict[str, Any] | None = None,
    rejects: pl.DataFrame | None = None,
    inputs: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return the exploratory report of a catalog as plain data.

    Every statistic runs over all rows; see ``docs/report.md`` for what each section shows and how each number is
    defined. What the catalog does not have (no genre, no emotion, one artist, 50 tracks, a single column) is left
    out. The same input gives the same page.

    Parameters
    ----------
    tracks : polars.DataFrame, n_tracks rows
        `Catalog.tracks`: canonical columns as in ``docs/formats.md``, any of them missing or unknown throughout.
    notes, rejects, inputs
        Those of the `Catalog`; None for a table of unknown origin.

    Returns
    -------
    dict
        ``title``, ``subtitle``, ``findings`` (sentences, see `songscape.exploration.findings`) and
        ``sections``, each with ``id``, ``title``, ``lead`` and ``items``: JSON-able, floats of 6 significant digits,
        None for undefined.

    Examples
    --------
    >>> page = explore(pl.DataFrame({"emotion": ["joy"] * 30 + ["anger"] * 10}))
    >>> page["findings"]
    ['75 % of the tracks are joy, 25 % anger.']
    >>> [section["id"] for section in page["sections"]]
    ['overview', 'pictures']
    """
    view = View(tracks)
    plain_notes = notes or {}
    no_rejects = pl.DataFrame(schema={"reason": pl.String})
    found = associations(view)
    parts = (
        overview(view, plain_notes, no_rejects if rejects is None else rejects, inputs or []),
        pictures(view),
        features(view),
        joined([relations(view, found), changes(view), contrasts(view)]),
        trouble(view, plain_notes, found),
    )
    page = {
        "title": "The catalog",
        "subtitle": subtitle(view),
        "findings": [finding.text for finding in ranked(joined(parts).findings)],
        "sections": [_section(*words, part) for words, part in zip(_SECTIONS, parts, strict=True) if part.items],
    }
    plain: dict[str, Any] = jsonable(page)
    return plain


def _section(name: str, title: str, lead: str, part: Part) -> dict[str, Any]:
    return {"id": name, "title": title, "lead": lead, "items": part.items}
