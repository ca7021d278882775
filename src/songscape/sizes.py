"""Numbers of bytes as people write them."""

import math
import re

_PREFIXES = "KMGT"


def parse_size(text: str) -> int:
    """Return the bytes that a size such as ``4GB``, ``1.5 GiB`` or ``800M`` stands for.

    Raises
    ------
    ValueError
        If it is no such size, or nothing.

    Examples
    --------
    >>> parse_size("4GB"), parse_size("1.5 GiB"), parse_size("800m")
    (4000000000, 1610612736, 800000000)
    """
    found = re.fullmatch(rf"\s*(\d{{1,9}}(?:\.\d{{1,9}})?)\s*([{_PREFIXES}])(I?)B?\s*", text.upper())
    if found is None or float(found[1]) == 0.0:
        raise ValueError(f"not a size: {text!r}")
    step = 1024.0 if found[3] else 1000.0
    power = _PREFIXES.index(found[2]) + 1
    return round(float(found[1]) * math.pow(step, power))
