"""Names of artists out of what stands in their place: records, links, ids.

Catalogs that were put together by hand hold, where the artist belongs, whole records of an interface
(``{…, id: 06HL…, name: Nina Simone, type: artist, …}``), halves of Markdown links (``Sinnerman](https://…) | [Nina
Simone``), and bare ids. The name in a record or a link is taken. An id is named if a record of the same file says so,
or if another row of the same title and the same audio features has a name; the names found must agree. Any other id
stays: it still tells that two tracks are of one artist. The report counts those among artists that are not artists.
"""

from typing import Any

import polars as pl

from songscape.catalog.schema import FEATURES
from songscape.titles import bare_ids

_ID = "[0-9A-Za-z]{22}"
_RECORD = rf"\bid: {_ID}, name: .*?, type: artist\b"
_NAME = "name: (.*), type: artist$"
_LINK = r"^.*\]\(https?://[^)]*\) \| \["
_MIN_FEATURES = 7  # two rows with fewer known features in common are not the same for sure


def unwrapped(texts: pl.Series, joint: str) -> pl.Series:
    """Return texts with the names that records and links hold, several names divided by `joint`.

    Examples
    --------
    >>> record = "{id: 4tZwfgrHOc3mvqYlEYSvVi, name: Nina Simone, type: artist, uri: …}"
    >>> unwrapped(pl.Series([record, "Sinnerman](https://x.org/1) | [Nina Simone", "Abba"]), ";").to_list()
    ['Nina Simone', 'Nina Simone', 'Abba']
    """
    text = texts.alias("text").to_frame()
    names = pl.col("text").str.extract_all(_RECORD).list.eval(pl.element().str.extract(_NAME))
    known = names.list.len() > 0
    plain = pl.col("text").str.replace(_LINK, "")
    return text.select(pl.when(known).then(names.list.join(joint)).otherwise(plain)).to_series()


def names_in_records(texts: pl.Series) -> pl.DataFrame:
    """Return ``id`` and ``name`` of the artists that records tell, each pair once."""
    records = texts.alias("record").to_frame().select(pl.col("record").str.extract_all(_RECORD)).explode("record")
    found = records.select(id=pl.col("record").str.extract(f"id: ({_ID})"), name=pl.col("record").str.extract(_NAME))
    return found.drop_nulls().unique(maintain_order=True)


def named(columns: dict[str, pl.Series], told: pl.DataFrame) -> tuple[pl.Series, dict[str, Any] | None]:
    """Return the artists with names for the ids that have one, and what was named.

    Parameters
    ----------
    columns : dict of str to Series
        Canonical columns of one file, ``artists`` among them.
    told : polars.DataFrame
        ``id`` and ``name``, from `names_in_records`.

    Returns
    -------
    artists : polars.Series of lists
    found : dict or None
        ``reason``, ``count`` of tracks, first three ``examples``, as a `Ledger` keeps it; None if nothing was named.
    """
    artists = columns["artists"]
    bare = pl.DataFrame({"id": artists.list.first()}).filter(bare_ids(pl.col("id")))
    if bare.is_empty():
        return artists, None
    names = pl.concat([told, _names_of_twins(columns)]).filter(pl.col("id").is_in(bare["id"].unique().to_list()))
    agreed = names.group_by("id").agg(pl.col("name").unique()).filter(pl.col("name").list.len() == 1)
    if agreed.is_empty():
        return artists, None
    by_id = dict(zip(agreed["id"].to_list(), agreed["name"].list.first().to_list(), strict=True))
    examples = bare.filter(pl.col("id").is_in(list(by_id)))["id"]
    found = {
        "reason": "an id, replaced by the name that a record or the same song elsewhere gives",
        "count": len(examples),
        "examples": [f"{one} → {by_id[one]}" for one in examples.unique(maintain_order=True).head(3).to_list()],
    }
    return artists.list.eval(pl.element().replace(by_id)), found


def _names_of_twins(columns: dict[str, pl.Series]) -> pl.DataFrame:
    """Return ``id`` and ``name`` of rows with equal title and audio features, one under an id, one under a name."""
    keys = [name for name in ("title", *FEATURES) if name in columns]
    if "title" not in keys or len(keys) <= _MIN_FEATURES:
        return pl.DataFrame(schema={"id": pl.String, "name": pl.String})
    rows = pl.DataFrame([columns[name].alias(name) for name in keys]).with_columns(
        artist=columns["artists"].list.first()
    )
    rows = rows.drop_nulls(["title", "artist"]).filter(
        pl.sum_horizontal(pl.col(keys[1:]).is_not_null()) >= _MIN_FEATURES
    )
    is_bare = bare_ids(pl.col("artist"))
    bare, whole = rows.filter(is_bare).rename({"artist": "id"}), rows.filter(~is_bare).rename({"artist": "name"})
    return bare.join(whole, on=keys, nulls_equal=True).select("id", "name").unique()
