"""Bytes as text that an HTML page may hold: 13 bits in two of 91 signs, a twelfth shorter than base64.

The signs are those from ``#`` to ``~`` but ``<``, so that nothing in the text can end the element around it. Bits
are taken from the lowest of each byte on, and a pair of signs is ``low + 91 · high``. As in basE91 (Henke 2000), with
13 bits in every pair.
"""

import numpy as np
import numpy.typing as npt

_BITS, _BASE = 13, 91
_FIRST, _LEFT_OUT = ord("#"), ord("<")
_CHUNK = _BITS << 16  # bytes that are turned into signs at once; 13 bytes are 16 signs


def to_printable(data: bytes) -> str:
    """Return bytes as signs of ASCII; how many bytes there are must be told beside them.

    Examples
    --------
    >>> to_printable(b"Songscape"), from_printable("-O7q1um*jdV#", 9)
    ('-O7q1um*jdV#', b'Songscape')
    """
    signs = "".join(_signs(data[start : start + _CHUNK]) for start in range(0, len(data), _CHUNK))
    return signs[: 2 * -(-8 * len(data) // _BITS)]


def from_printable(text: str, size: int) -> bytes:
    """Return the bytes that `to_printable` made signs of, as the page does it."""
    signs = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64)
    values = signs - _FIRST - (signs > _LEFT_OUT)
    pairs = values[::2] + _BASE * values[1::2]
    bits = (pairs[:, None] >> np.arange(_BITS) & 1).astype(np.uint8)
    return np.packbits(bits.ravel(), bitorder="little").tobytes()[:size]


def _signs(data: bytes) -> str:
    block = np.frombuffer(data + bytes(-len(data) % _BITS), np.uint8).reshape(-1, _BITS)
    columns: list[npt.NDArray[np.uint32]] = [*block.T.astype(np.uint32), np.zeros(len(block), np.uint32)]
    signs = np.empty((len(block), 16), np.uint8)
    for pair in range(8):
        byte, shift = divmod(_BITS * pair, 8)
        window = columns[byte] | columns[byte + 1] << 8 | columns[byte + 2] << 16
        high, low = np.divmod(window >> shift & (1 << _BITS) - 1, _BASE)
        for place, value in ((2 * pair, low), (2 * pair + 1, high)):
            signs[:, place] = value + _FIRST + (value >= _LEFT_OUT - _FIRST)
    return signs.tobytes().decode("ascii")
