"""Bytes → UTF-8: what encoding a text file is in, found from its bytes and reported."""

import codecs
import re
from dataclasses import dataclass

import numpy as np
import polars as pl

_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8 with byte order mark"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
)

_WINDOWS = {
    byte: ord(bytes([byte]).decode("cp1252", errors="ignore") or chr(byte)) for byte in range(0x80, 0xA0)
}  # what Windows puts where Latin-1 has control characters
_ESCAPED = {0xDC00 + byte: _WINDOWS.get(byte, byte) for byte in range(0x80, 0x100)}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text as UTF-8 bytes without byte order mark, the name of its encoding, and how many bytes did not fit it."""

    data: bytes
    encoding: str
    n_misfits: int = 0


def is_utf8(data: bytes) -> bool:
    """Tell whether the bytes are UTF-8, at the speed of Polars' own check."""
    step = 1 << 28
    pieces, start = [], 0
    while start < len(data):
        stop = data.rfind(b"\n", start, start + step) + 1 if start + step < len(data) else len(data)
        stop = stop if stop > start else min(start + step, len(data))
        pieces.append(data[start:stop])
        start = stop
    try:
        return all(len(pl.Series([piece]).cast(pl.String)) == 1 for piece in pieces)
    except pl.exceptions.PolarsError:
        return False


def decode(data: bytes) -> Decoded:
    r"""Return the text as UTF-8.

    UTF-8 and UTF-16 are known by their byte order marks, UTF-16 also by its zero bytes. What is not UTF-8 is
    Latin-1 in the form that Windows writes, unless more of its characters beyond ASCII are sound UTF-8 than not:
    then it is UTF-8 with some damaged bytes, and only those are read as Latin-1.

    Examples
    --------
    >>> decode("Björk".encode("latin-1"))
    Decoded(data=b'Bj\xc3\xb6rk', encoding='latin-1', n_misfits=0)
    """
    codec, n_mark, name = announced(data[:4096])
    body = data[n_mark:]
    if codec != "utf-8":
        return Decoded(_recode(body, codec), name)
    if is_utf8(body):
        return Decoded(body, name)
    evidence = Evidence()
    evidence.see(body)
    if evidence.is_utf8:
        return Decoded(evidence.recoded(body), name, evidence.n_misfits)
    return Decoded(evidence.recoded(body), "windows-1252" if evidence.is_windows else "latin-1")


def announced(head: bytes) -> tuple[str, int, str]:
    """Return what the beginning of a text says of its encoding: codec, bytes of the mark, and the name to report."""
    for mark, codec, name in _BOMS:
        if head.startswith(mark):
            return codec, len(mark), name
    unmarked = _utf16_without_mark(head)
    return (unmarked, 0, "utf-16 without byte order mark") if unmarked else ("utf-8", 0, "utf-8")


@dataclass(slots=True)
class Evidence:
    """What speaks for UTF-8 and against it in a text that is seen piece by piece; pieces end with a line.

    Attributes
    ----------
    n_sound : int
        Characters beyond ASCII that are sound UTF-8.
    n_misfits : int
        Bytes that are not.
    is_windows : bool
        Whether, if it is Latin-1, it holds characters that only Windows has there.
    """

    n_sound: int = 0
    n_misfits: int = 0
    is_windows: bool = False

    @property
    def is_utf8(self) -> bool:
        """Whether the text is UTF-8, though some bytes may be damaged."""
        return self.n_sound > self.n_misfits or self.n_misfits == 0

    def see(self, data: bytes) -> None:
        """Take a further piece into account."""
        high = np.frombuffer(data, np.uint8)
        high = high[high >= 0x80]
        self.is_windows = self.is_windows or bool((high < 0xA0).any())
        if is_utf8(data):
            self.n_sound += int(np.count_nonzero(high >= 0xC0))  # the first byte of each character
            return
        text = data.decode("utf-8", errors="surrogateescape")
        self.n_misfits += len(re.findall("[\udc80-\udcff]", text))
        self.n_sound += len(re.findall("[^\x00-\x7f\udc80-\udcff]", text))

    def recoded(self, data: bytes) -> bytes:
        """Return a piece as UTF-8, once all have been seen."""
        if self.n_misfits == 0:
            return data
        if self.is_utf8:
            return data.decode("utf-8", errors="surrogateescape").translate(_ESCAPED).encode()
        return data.decode("latin-1").translate(_WINDOWS).encode()


def _recode(data: bytes, codec: str) -> bytes:
    text = data.decode(codec, errors="replace").removeprefix("\ufeff")
    return text.encode("utf-8", errors="replace")


def _utf16_without_mark(sample: bytes) -> str | None:
    """Latin letters in UTF-16 have a zero in every other byte."""
    pairs = len(sample) // 2
    if pairs < 4:
        return None
    even, odd = sample[0 : 2 * pairs : 2].count(0) / pairs, sample[1 : 2 * pairs : 2].count(0) / pairs
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else None
