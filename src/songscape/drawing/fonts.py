"""Texts in any script, drawn with the fonts that are installed: no boxes where a font has no glyph."""

import contextlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PREFERRED = (
    "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans Devanagari", "Noto Sans Arabic", "Noto Sans",
    "Arial Unicode MS", "Microsoft YaHei", "Malgun Gothic", "Hiragino Sans", "WenQuanYi Zen Hei",
)  # fmt: skip

_WITHOUT_GLYPH = " \n\t\u200b\u200c\u200d\u200e\u200f\ufeff"  # nothing is drawn for these
_INSTEAD = "…"


def usual_fonts() -> list[str]:
    """Return DejaVu Sans, which comes with Matplotlib, and what is installed of the fonts for many scripts."""
    from matplotlib import font_manager

    known = set(font_manager.get_font_names())
    return ["DejaVu Sans", *(name for name in _PREFERRED if name in known)]


def fonts_for(characters: Iterable[str]) -> tuple[list[str], set[str]]:
    """Return the usual fonts and as many more installed ones as have the other characters, and what none has.

    Examples
    --------
    >>> fonts, missing = fonts_for("Café \U0010fffd")
    >>> fonts[0], missing == {"\U0010fffd"}
    ('DejaVu Sans', True)
    """
    from matplotlib import font_manager

    fonts = usual_fonts()
    missing = set(characters) - set(_WITHOUT_GLYPH)
    others = [name for name in font_manager.get_font_names() if name not in fonts and "LastResort" not in name]
    for name in [*fonts, *sorted(others)]:
        if not missing:
            break
        held = {one for one in missing if ord(one) in _glyphs(name)}
        if held and name not in fonts:
            fonts.append(name)
        missing -= held
    return fonts, missing


def without(text: str, missing: set[str]) -> str:
    """Return a text with one … in place of each run of characters that no font has.

    Examples
    --------
    >>> without("♪ ab: xy!", {"x", "y"}), without("xy", {"x", "y"}), without("abc", set())
    ('♪ ab: …!', '…', 'abc')
    """
    kept: list[str] = []
    for one in text:
        if one not in missing:
            kept.append(one)
        elif not kept or kept[-1] != _INSTEAD:
            kept.append(_INSTEAD)
    return "".join(kept)


@contextlib.contextmanager
def legible(figure: "Figure") -> Iterator[None]:
    """Let the texts of a figure be drawn with installed fonts inside the ``with`` block; then they are as before."""
    from matplotlib.text import Text

    texts = [one for one in figure.findobj(Text) if isinstance(one, Text) and one.get_text()]
    before = [(one.get_text(), one.get_fontfamily()) for one in texts]
    fonts, missing = fonts_for("".join(text for text, _ in before))
    for one, (text, _) in zip(texts, before, strict=True):
        one.set_text(without(text, missing))
        one.set_fontfamily(fonts)
    try:
        yield
    finally:
        for one, (text, family) in zip(texts, before, strict=True):
            one.set_text(text)
            one.set_fontfamily(family)


@cache
def _glyphs(name: str) -> frozenset[int]:
    """Return the code points that a font has."""
    from matplotlib import font_manager

    try:
        return frozenset(font_manager.get_font(font_manager.findfont(name, fallback_to_default=False)).get_charmap())
    except (OSError, RuntimeError, ValueError):  # a file that is gone, or that FreeType cannot read
        return frozenset()
