"""Texts in pictures: how wide they are, cut to the room there is, listed in sentences.

The browser chooses the font, so widths are estimates on the wide side: those of DejaVu Sans, wider than most.
"""

import re
import unicodedata
from collections.abc import Sequence

_NARROW = frozenset("iIjl.,:;'|!()[]{}/ \u202f\u2009·")
_BROAD = frozenset("mwMW@%&<>=+~#—…−×")
_LEAST_LETTERS = 3


def text_width(text: str, size: float) -> float:
    """Return about how wide a text of the given size in pixels is, in pixels.

    Examples
    --------
    >>> text_width("lil", 10.0) < text_width("abc", 10.0) < text_width("音楽家", 10.0)
    True
    """
    return size * sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if letter in _NARROW:
        return 0.37
    if letter in _BROAD:
        return 0.95
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    return 0.70 if letter.isupper() else 0.62


def shorten(text: str, room: float, size: float) -> str:
    """Return the text, or its beginning and an ellipsis where it is wider than the room in pixels.

    Examples
    --------
    >>> shorten("pop", 100.0, 12.0), shorten("a very long name of a genre", 100.0, 12.0)
    ('pop', 'a very long n…')
    """
    if text_width(text, size) <= room + 0.01:  # the room may be the width of this very text
        return text
    used = text_width("…", size)
    for place, letter in enumerate(text):
        used += size * _letter_width(letter)
        if used > room:
            return text[: max(place, _LEAST_LETTERS)].rstrip() + "…"
    return text


def enumerate_words(parts: Sequence[str], most: int = 12) -> str:
    """Return parts as one list in a sentence, the first ones where there are many.

    Examples
    --------
    >>> enumerate_words(["a", "b", "c"]), enumerate_words(["a", "b", "c"], most=2)
    ('a, b, c', 'a, b and 1 more')
    """
    if len(parts) <= most:
        return ", ".join(parts)
    return f"{', '.join(parts[:most])} and {len(parts) - most} more"


_GROUPED = re.compile(r"(?<![\d.])(\d{1,3}) (?=\d{3}(?!\d))")
_UNIT = re.compile(r"(?<=\d) (?=%)")


def unbroken(text: str) -> str:
    """Return a text whose numbers stay on one line: narrow spaces within them and before a percent sign.

    Examples
    --------
    >>> len(unbroken("236 988 tracks, 12 %").split(" "))
    3
    """
    return _UNIT.sub("\u202f", _GROUPED.sub("\\1\u202f", text))


def clean(text: str) -> str:
    r"""Return the text without what no page can hold: control characters and half characters.

    Examples
    --------
    >>> clean("a\x00b\nc")
    'a b c'
    """
    return text if text.isprintable() else "".join(map(_clean_letter, text))


def _clean_letter(letter: str) -> str:
    kind = unicodedata.category(letter)
    return "\ufffd" if kind == "Cs" else " " if kind in ("Cc", "Cn") else letter
