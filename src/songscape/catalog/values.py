"""One text → one value: the small readers that are run once per distinct text of a column."""

import ast
import json
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

MISSING_MARKS = frozenset(
    ("", "?", "-", "--", "nan", "na", "n/a", "#n/a", "null", "none", "nil", "\\n", "<na>", "unknown", "undefined",
     "missing", "empty_field")
)  # fmt: skip
"""Texts, in lower case, that state a missing number, key, flag, date or genre."""

MISSING_TEXTS = frozenset(("", "empty_field", "nan", "NaN", "<NA>", "\\N", "#N/A"))
"""Texts, as they stand, that state a missing title, artist or album; ``None`` and ``Unknown`` may be real ones."""

_PITCHES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "s": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}
_MODES = {
    "": None, "maj": 1, "major": 1, "dur": 1, "1": 1, "true": 1, "min": 0, "minor": 0, "m": 0, "moll": 0, "0": 0,
    "false": 0,
}  # fmt: skip
_FLAGS = {
    **dict.fromkeys(("yes", "true", "1", "t", "y", "explicit"), True),
    **dict.fromkeys(("no", "false", "0", "f", "n", "clean", "not explicit"), False),
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
COMMA_NAMES = (
    "Tyler, The Creator", "Earth, Wind & Fire", "Crosby, Stills & Nash", "Crosby, Stills, Nash & Young",
    "Emerson, Lake & Palmer", "Blood, Sweat & Tears", "Peter, Paul and Mary", "Peter, Paul & Mary",
    "Black Country, New Road", "Fear, and Loathing in Las Vegas", "Now, Now", "Harry Connick, Jr.",
    "Hank Williams, Jr.", "Sammy Davis, Jr.", "Dino, Desi & Billy", "Love, Ulysses",
)  # fmt: skip
"""Names of artists with a comma of their own."""

_KEPT_COMMA = "\ue000"


def is_marked_missing(text: str) -> bool:
    """Tell whether a text only states that the value is missing."""
    return text.strip().lower() in MISSING_MARKS


def number_from_text(text: str) -> float | None:
    """Read a number with a decimal comma, thousands, a typographic minus or a unit behind it.

    Examples
    --------
    >>> number_from_text("-6.85db"), number_from_text("0,53"), number_from_text("1,234,567"), number_from_text("loud")
    (-6.85, 0.53, 1234567.0, None)
    """
    bare = text.strip().replace("\u2212", "-").replace("\u00a0", "")
    match = re.fullmatch(r"([+-]?[\d.,]+(?:[eE][+-]?\d+)?)\s*(?:dbfs|db|bpm|ms|sec|s|%)?", bare, re.IGNORECASE)
    if not match:
        return None
    digits = match[1]
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3}){2,}(\.\d+)?|[+-]?\d{1,3}(,\d{3})+\.\d+", digits):
        digits = digits.replace(",", "")
    elif digits.count(",") == 1 and "." not in digits:
        digits = digits.replace(",", ".")
    try:
        return float(digits)
    except ValueError:
        return None


def seconds_from_text(text: str) -> float | None:
    """Read a duration such as ``03:47`` or ``1:02:03``, in seconds.

    Examples
    --------
    >>> seconds_from_text("03:47"), seconds_from_text("1:02:03"), seconds_from_text("long")
    (227.0, 3723.0, None)
    """
    match = re.fullmatch(r"\s*(?:(\d{1,4}):)?(\d{1,3}):(\d{2}(?:\.\d+)?)\s*", text)
    return int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3]) if match else None


def key_from_text(text: str) -> tuple[int, int | None] | None:
    """Read a key as pitch class (C = 0; −1 for none) and mode (1 major, 0 minor, None if not said).

    Examples
    --------
    >>> [key_from_text(text) for text in ("C# Maj", "Bb minor", "7", "8A", "H2")]
    [(1, 1), (10, 0), (7, None), (9, 0), None]
    """
    bare = text.strip().lower()
    if re.fullmatch(r"-?\d{1,3}(\.0*)?", bare):
        number = int(float(bare))
        return (number, None) if -1 <= number <= 11 else None
    if camelot := re.fullmatch(r"(1[0-2]|[1-9])([ab])", bare):
        step, major = int(camelot[1]), camelot[2] == "b"
        return ((step - 8) * 7 + (0 if major else 9)) % 12, int(major)
    match = re.fullmatch(r"([a-g])\s?-?(#|♯|♭|sharp|flat|b|s)?\s*(?:/[a-g][b♭])?\s*([a-z]*)", bare)
    if not match or match[3] not in _MODES:
        return None
    return (_PITCHES[match[1]] + _ACCIDENTALS[match[2] or ""]) % 12, _MODES[match[3]]


def mode_from_text(text: str) -> int | None:
    """Read a mode: 1 for major, 0 for minor."""
    bare = text.strip().lower().removesuffix(".0")
    return _MODES.get(bare)


def flag_from_text(text: str) -> bool | None:
    """Read yes or no in its many forms."""
    return _FLAGS.get(text.strip().lower().removesuffix(".0"))


def meter_from_text(text: str) -> int | None:
    """Read a time signature: ``4/4``, ``4`` and ``4.0`` are all 4."""
    match = re.fullmatch(r"\s*(\d{1,2})(?:/\d{1,2}|\.0*)?\s*", text)
    return int(match[1]) if match else None


def date_from_text(text: str, day_first: bool = True) -> str | None:
    """Read a date as YYYY, YYYY-MM or YYYY-MM-DD, as precise as it stands there.

    Examples
    --------
    >>> date_from_text("29th April 2013"), date_from_text("2013-04"), date_from_text("4/29/2013", day_first=False)
    ('2013-04-29', '2013-04', '2013-04-29')
    """
    bare = text.strip()
    if re.fullmatch(r"\d{4}(\.0*)?", bare):
        return bare[:4]
    if match := re.match(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?!\d)", bare):
        return _iso(match[1], match[2], match[3])
    if match := re.fullmatch(r"(\d{4})(\d{2})(\d{2})", bare):
        return _iso(match[1], match[2], match[3])
    if match := re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)", bare):
        first, second = match[1], match[2]
        if (int(first) > 12) != (int(second) > 12):
            day_first = int(first) > 12
        day, month = (first, second) if day_first else (second, first)
        return _iso(_full_year(match[3]), month, day)
    words = re.findall(r"\d+|[^\W\d_]+", bare.lower())
    months = [word for word in words if word[:3] in _MONTHS]
    numbers = [word for word in words if word.isdecimal() and word.isascii()]
    years = [number for number in numbers if len(number) == 4]
    if len(months) != 1 or len(years) != 1:
        return None
    days = [number for number in numbers if len(number) <= 2]
    return _iso(years[0], str(_MONTHS.index(months[0][:3]) + 1), days[0] if days else None)


def _full_year(year: str) -> str:
    return year if len(year) == 4 else ("19" if int(year) > 30 else "20") + year


def _iso(year: str, month: str, day: str | None) -> str | None:
    if int(month) == 0:  # "2013-00-00": only the year is known
        return year
    try:
        found = date(int(year), int(month), int(day or 1) or 1)
    except ValueError:
        return None
    return found.isoformat() if day and int(day) else found.isoformat()[:7]


def id_from_text(text: str) -> str:
    """Cut a Spotify URI or link to its id; other ids stay as they are."""
    bare = text.strip()
    match = re.fullmatch(r"(?:spotify:track:|https?://open\.spotify\.com/(?:[\w-]+/)?track/)(\w+)(?:\?.*)?", bare)
    return match[1] if match else bare


def list_from_text(text: str, comma: str | None) -> list[str]:
    r"""Read names written as ``['A', 'B']``, ``["A", "B"]``, ``A;B``, or divided by `comma` where that is given.

    Parameters
    ----------
    text : str
        The names.
    comma : str or None
        ``", "``: a comma with a space divides; ``","``: one without; None: commas belong to names.

    Examples
    --------
    >>> list_from_text("['A', \"B's\"]", None), list_from_text("A;B", None), list_from_text("A, B", None)
    (['A', "B's"], ['A', 'B'], ['A, B'])
    >>> list_from_text('"Beyonc\\u00e9"', None)
    ['Beyoncé']
    >>> list_from_text("Tyler, The Creator, 10,000 Maniacs", ", ")
    ['Tyler, The Creator', '10,000 Maniacs']
    """
    bare = text.strip()
    if len(bare) > 1 and bare.startswith('"') and bare.endswith('"'):  # JSON's texts, the brackets lost
        bare = f"[{bare}]"
    if bare.startswith("[") and bare.endswith("]"):
        written = _literal_list(bare)
        if written is not None:
            return written
    if ";" in bare:
        return _distinct(bare.split(";"))
    if comma is None or "," not in bare:
        return _distinct([bare])
    for name in COMMA_NAMES:
        if name in bare:
            bare = bare.replace(name, name.replace(",", _KEPT_COMMA))
    parts = re.split(r",\s+" if comma == ", " else r",(?=\S)|,$", bare)
    return _distinct(part.replace(_KEPT_COMMA, ",") for part in parts)


def _literal_list(text: str) -> list[str] | None:
    if not re.fullmatch(r"\[\s*(?:['\"{].*)?\]", text, re.DOTALL):
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            items = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(items, list):
            return names_of(items)
    return None


def names_of(items: list[Any]) -> list[str]:
    """Return the names in a list of texts, or of objects with a ``name``; each once."""
    return _distinct(str(item.get("name") or "") if isinstance(item, dict) else str(item or "") for item in items)


def _distinct(names: Iterable[str]) -> list[str]:
    stripped = (name.strip() for name in names)
    return list(dict.fromkeys(name for name in stripped if name not in MISSING_TEXTS))


def genres_from_text(text: str) -> list[str]:
    """Read genres, however they are divided, in lower case; ``Unknown`` and its kin are none.

    Examples
    --------
    >>> genres_from_text("Rock, Pop"), genres_from_text("Unknown,Unknown,Unknown"), genres_from_text("['j-pop']")
    (['rock', 'pop'], [], ['j-pop'])
    """
    found = list_from_text(text, None)
    parts = [part.strip().lower() for name in found for part in re.split(r"[,|]", name)]
    return list(dict.fromkeys(part for part in parts if part not in MISSING_MARKS))
