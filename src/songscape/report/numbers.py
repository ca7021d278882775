"""Numbers as people read them: grouped thousands, shares in percent, one precision a column, no powers of ten."""

import math
from collections.abc import Sequence
from statistics import median

GROUP = "\u202f"
"""Narrow space between groups of three digits; lines do not break at it."""

PERCENT = "\u202f%"
UNDEFINED = "–"
_MINUS = "\u2212"
_MOST_DECIMALS = 6


def format_number(value: float | None, decimals: int | None = None, *, group: bool = True) -> str:
    """Return a number for people.

    Parameters
    ----------
    value : float or None
        Any finite number; None is undefined.
    decimals : int, optional
        Digits after the point; by default as many as tell about three digits of the value.
    group : bool
        Whether thousands are set apart.

    Examples
    --------
    >>> format_number(236988).replace(GROUP, " "), format_number(-0.25), format_number(None)
    ('236 988', '−0.25', '–')
    >>> format_number(0.00004, 3), format_number(1999, group=False)
    ('<0.001', '1999')
    """
    if value is None:
        return UNDEFINED
    if decimals is None:
        decimals = decimals_for([value])
    text = f"{abs(value):,.{decimals}f}".replace(",", GROUP if group else "")
    if value != 0 and not text.strip("0.,"):
        least = f"{10.0**-decimals:.{decimals}f}"
        return f"<{least}" if value > 0 else f">{_MINUS}{least}"
    return f"{_MINUS}{text}" if value < 0 else text


def format_share(part: float, whole: float) -> str:
    """Return a part of a whole in percent, or a dash where there is no whole.

    Examples
    --------
    >>> [format_share(*pair).replace(PERCENT, " %") for pair in ((1, 3), (1, 100_000), (5, 5), (0, 0))]
    ['33.3 %', '<0.1 %', '100 %', '–']
    """
    if whole == 0:
        return UNDEFINED
    if part == whole:
        return f"100{PERCENT}"
    if 0.9995 <= part / whole < 1:
        return f">99.9{PERCENT}"
    return f"{format_number(100.0 * part / whole, 1 if part else 0)}{PERCENT}"


def format_column(values: Sequence[float | None]) -> list[str]:
    """Return numbers that stand below each other: the same decimals, and groups only where one has five digits.

    So a column of years stays one of years, and of counts all are grouped or none is.

    Examples
    --------
    >>> format_column([1999, 2004])
    ['1999', '2004']
    >>> format_column([0.5, 0.125, None])
    ['0.500', '0.125', '–']
    >>> [text.replace(GROUP, " ") for text in format_column([1999, 12000])]
    ['1 999', '12 000']
    """
    known = [value for value in values if value is not None]
    decimals = decimals_for(known)
    group = any(abs(value) >= 9999.5 for value in known)
    return [format_number(value, decimals, group=group) for value in values]


def decimals_for(values: Sequence[float]) -> int:
    """Return how many digits after the point tell about three digits of the middle one of the values.

    Examples
    --------
    >>> decimals_for([3, 4]), decimals_for([0.1234, 0.5678]), decimals_for([0.5, 0.25]), decimals_for([128.04])
    (0, 3, 2, 0)
    """
    parts = [abs(value) for value in values if value != int(value)]
    if not parts:
        return 0
    enough = min(max(2 - math.floor(math.log10(median(parts))), 0), _MOST_DECIMALS)
    while enough > 0 and all(math.isclose(round(part, enough - 1), part, abs_tol=1e-12) for part in parts):
        enough -= 1
    return enough


def is_count(values: Sequence[float | None]) -> bool:
    """Return whether all values are whole and not negative: things counted, of which shares make sense."""
    return all(value is not None and value >= 0 and value == int(value) for value in values)
