"""Typed arrays with a header in one buffer, which the page reads without copying.

The layout: 8 bytes ``SONGMAP1``; the length of the header in bytes as uint32, and a uint32 of 0; the header as JSON
in UTF-8, padded with spaces so that the data begin at a multiple of 8; then the arrays, little endian, each at a
multiple of 8. ``header["arrays"][name]`` holds ``dtype``, ``offset`` from the beginning of the data, and ``length``.
"""

import json
from typing import Any

import numpy as np
import numpy.typing as npt

MAGIC = b"SONGMAP1"
VERSION = 1
"""Of the form of all buffers; the page refuses others."""

Array = npt.NDArray[Any]


def pack(header: dict[str, Any], arrays: dict[str, Array]) -> bytes:
    """Return a header and one-dimensional arrays as one buffer.

    Parameters
    ----------
    header : dict
        What JSON can hold; the entries ``version`` and ``arrays`` are added.
    arrays : dict of str to array
        Of dtype uint8, uint16, uint32 or float32.

    Returns
    -------
    bytes
        The same for the same arguments.

    Examples
    --------
    >>> header, arrays = unpack(pack({"n": 2}, {"x": np.array([1, 2], np.uint16)}))
    >>> header["n"], arrays["x"].tolist()
    (2, [1, 2])
    """
    places: dict[str, dict[str, Any]] = {}
    parts: list[bytes] = []
    offset = 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes()
        places[name] = {"dtype": _code(array), "offset": offset, "length": len(array)}
        parts += [data, bytes(-len(data) % 8)]
        offset += len(data) + -len(data) % 8
    told = json.dumps(
        {"version": VERSION, **header, "arrays": places}, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()
    told += b" " * (-len(told) % 8)
    sizes = np.array([len(told), 0], "<u4").tobytes()
    return b"".join([MAGIC, sizes, told, *parts])


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return header and arrays of a buffer that `pack` made."""
    length = int(np.frombuffer(data, "<u4", 1, len(MAGIC))[0])
    start = len(MAGIC) + 8 + length
    header: dict[str, Any] = json.loads(data[len(MAGIC) + 8 : start])
    arrays = {
        name: np.frombuffer(data, f"<{place['dtype']}", place["length"], start + place["offset"])
        for name, place in header["arrays"].items()
    }
    return header, arrays


def smallest(codes: Array, most: int) -> Array:
    """Return codes as the smallest unsigned type whose highest value is above `most`; −1 becomes that value.

    Examples
    --------
    >>> smallest(np.array([0, 7, -1]), 7).tolist(), smallest(np.array([300, -1]), 300).dtype.name
    ([0, 7, 255], 'uint16')
    """
    kind = next(kind for kind in (np.uint8, np.uint16, np.uint32) if most < np.iinfo(kind).max)
    return np.where(codes < 0, np.iinfo(kind).max, codes).astype(kind)


def _code(array: Array) -> str:
    return f"{array.dtype.kind}{array.dtype.itemsize}"
