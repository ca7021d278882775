"""The words of a filter, with their places, and the caret under the one that is wrong."""

import re
import unicodedata
from dataclasses import dataclass

from songscape.errors import ParameterError

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?!\w))
    |(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
    |(?P<quoted>`[^`]+`|\[[^\]]+\])
    |(?P<sign><=|>=|!=|<>|==|[=<>≤≥≠])
    |(?P<mark>[(),])
    |(?P<word>[^\W\d]\w*)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A number, text, quoted column, sign, mark, word, or the end; and where it stands."""

    kind: str
    text: str
    start: int
    stop: int


def split(text: str) -> list[Token]:
    """Return the words of a filter, an end behind the last.

    Raises
    ------
    ParameterError
        At the first letter that no word begins with.

    Examples
    --------
    >>> [token.text for token in split("year>=1990")]
    ['year', '>=', '1990', '']
    """
    tokens, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            what = "This text has no end: a quote is missing." if text[at] in "'\"" else "This is not understood."
            raise told(what, text, Token("", "", at, at + 1))
        if found.lastgroup != "space":
            tokens.append(Token(found.lastgroup or "", found[0], at, found.end()))
        at = found.end()
    return [*tokens, Token("end", "", len(text), len(text) + 1)]


def told(what: str, text: str, token: Token) -> ParameterError:
    """Return the error that shows the text, with a caret under a token."""
    line = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text)
    before = sum(_width(letter) for letter in line[: token.start])
    under = sum(_width(letter) for letter in line[token.start : token.stop])
    return ParameterError(f"In the filter: {what}\n  {line}\n  {' ' * before}{'^' * max(under, 1)}")


def _width(letter: str) -> int:
    """Return how many columns a letter takes on a screen."""
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
