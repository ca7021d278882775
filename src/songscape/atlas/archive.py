"""Arrays in one ``.npz`` file with the same bytes every time.

``numpy.savez`` stamps each entry with the current time. Here entries are sorted, stamped with a fixed date and
stored uncompressed, which also reads fastest; ``numpy.load`` opens the result like any other ``.npz``.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


BROKEN = (AttributeError, EOFError, LookupError, OSError, TypeError, ValueError, zipfile.BadZipFile)
"""What reading a file that is no such archive, or was cut short, raises; or taking out of it what is not there."""


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write named arrays; equal arrays give equal bytes."""
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=_DATE)
            entry.create_system = _UNIX
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, np.ascontiguousarray(arrays[name]), allow_pickle=False)


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Read all arrays of an ``.npz`` file; pickled objects are refused."""
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
