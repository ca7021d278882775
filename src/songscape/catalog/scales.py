"""Which scale a column is on, judged from the column of a whole file or of a sample over it, never from one value."""

import polars as pl

TEMPO_900K = (31.0, 169.0)
"""Offset and factor of the 900 K set's tempo: BPM = 31 + 169 x."""

LOUDNESS_900K = (-50.06, 55.04)
"""Offset and factor of the 900 K set's loudness: dB = −50.06 + 55.04 x."""

_LINES = {"tempo": TEMPO_900K, "loudness": LOUDNESS_900K}
_UNITS = {"tempo": "BPM", "loudness": "dB"}

_MILLISECONDS_FROM = 5000.0  # a median duration above this is not in seconds: no catalog consists of 83-minute tracks


def unit_scales(numbers: dict[str, pl.Series]) -> dict[str, float]:
    """Return 1.0 or 100.0 for each 0–1 feature of one file.

    A column with a clear share of values above 1 is on 0–100; one with fractions and hardly a value above 1 is on
    0–1. A column that says too little by itself (instrumentalness, mostly 0) follows the other features.

    Examples
    --------
    >>> unit_scales({"energy": pl.Series([50.0, 72.0]), "instrumentalness": pl.Series([0.0, 1.0])})
    {'energy': 100.0, 'instrumentalness': 100.0}
    """
    verdicts = {name: _unit_verdict(column) for name, column in numbers.items()}
    decided = [scale for scale, _ in verdicts.values() if scale]
    common = max(sorted(set(decided)), key=decided.count) if decided else None
    return {name: scale or common or guess for name, (scale, guess) in verdicts.items()}


def _unit_verdict(column: pl.Series) -> tuple[float | None, float]:
    """Return the scale where it is clear (else None), and the best guess."""
    valid = column.filter(column.is_between(0.0, 100.0))
    above = int((valid > 1.0).sum())
    fractions = int(((valid > 0.0) & (valid < 1.0)).sum())
    guess = 100.0 if above > fractions else 1.0
    if above * 2 >= len(valid) > 0:
        return 100.0, guess
    if fractions and above * 1000 <= len(valid):
        return 1.0, guess
    return None, guess


def lies_in_unit(column: pl.Series) -> bool:
    """Tell whether a column that should reach far beyond 1 lies between 0 and 1, mostly strictly."""
    known = column.drop_nulls()
    inside = int(known.is_between(0.0, 1.0).sum())
    strictly = int(((known > 0.0) & (known < 1.0)).sum())
    return len(known) > 0 and inside >= 0.95 * len(known) and strictly >= 0.5 * len(known)


def scale_of(name: str, column: pl.Series, plain_header: str, unit_scale: float) -> str:
    """Return in words what scale a column of numbers is on, judged from all of its values.

    Parameters
    ----------
    name : str
        Canonical name.
    column : polars.Series, float64
        Numbers as they stand in the file.
    plain_header : str
        The header, as aliases are compared; it may name the unit.
    unit_scale : float
        The verdict of `unit_scales` for a 0–1 feature.
    """
    if name == "duration":
        return _duration_scale(column, plain_header)
    if name in _LINES:
        offset, factor = _LINES[name]
        return f"0–1, taken as {offset:g} + {factor:g} x" if lies_in_unit(column) else _UNITS[name]
    if name == "popularity":
        return "0–1" if lies_in_unit(column) else "0–100"
    if name == "variance":
        return "as it stands"
    return "0–100" if unit_scale == 100.0 else "0–1"


def in_canonical_unit(name: str, column: pl.Series, scale: str) -> pl.Series:
    """Return a column of numbers in its canonical unit, given what `scale_of` says of it.

    Examples
    --------
    >>> in_canonical_unit("energy", pl.Series([50.0, 72.0]), "0–100").to_list()
    [0.5, 0.72]
    """
    if name == "duration":
        return {"milliseconds": divided(column, 1000.0), "minutes": column * 60.0}.get(scale, column)
    if name in _LINES:
        return column if scale == _UNITS[name] else _stretched(column, _LINES[name])
    if name == "popularity":
        return column * 100.0 if scale == "0–1" else column
    return divided(column, 100.0) if scale == "0–100" else column


def divided(column: pl.Series, by: float) -> pl.Series:
    """Return ``column / by`` rounded as division is: Polars multiplies by the reciprocal, and 70 / 100 is not 0.7."""
    return pl.Series(column.name, column.to_numpy() / by, nan_to_null=True)


def _stretched(column: pl.Series, line: tuple[float, float]) -> pl.Series:
    offset, factor = line
    inside = column.is_between(0.0, 1.0)
    return pl.select(pl.when(inside).then(column * factor + offset)).to_series()


def _duration_scale(column: pl.Series, plain_header: str) -> str:
    if plain_header.endswith("ms"):
        return "milliseconds"
    if plain_header.endswith("min"):
        return "minutes"
    median = column.filter(column > 0).median()
    said = plain_header.endswith(("sec", "seconds"))
    return "milliseconds" if not said and isinstance(median, float) and median > _MILLISECONDS_FROM else "seconds"


def find_spike(column: pl.Series, min_rows: int = 50) -> float | None:
    """Return the filler of a continuous column: one exact value on over 30 % of rows, the rest nearly all distinct.

    Zero and one are never fillers (a third of all music has no instrumentalness above 0), nor is any value among
    whole numbers (BPM), where many rows rightly share one.

    Parameters
    ----------
    column : polars.Series, float64
        Values in canonical units.
    min_rows : int
        Fewer known values than this tell nothing.
    """
    known = column.drop_nulls()
    sample = known.gather_every(max(1, len(known) // 2000))
    if len(known) < min_rows or int(sample.value_counts()["count"].max() or 0) < 0.2 * len(sample):  # type: ignore[arg-type]
        return None
    top = known.value_counts(sort=True).row(0)
    value, count = float(top[0]), int(top[1])
    rest = known.filter(known != value)
    continuous = rest.n_unique() >= max(20, 0.5 * len(rest)) and int((rest % 1.0 != 0.0).sum()) > 0.5 * len(rest)
    return value if count > 0.3 * len(known) and continuous and value not in (0.0, 1.0) else None
