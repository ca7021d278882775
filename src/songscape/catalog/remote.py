"""Files in object stores, such as ``s3://bucket/tracks.parquet``: found and read by way of fsspec.

Whoever reads one asks for ranges of bytes: a worker on another machine needs nothing but the address. Keys and
endpoints come from where the store's own tools take them: for S3 the variables ``AWS_…`` and ``~/.aws``.
"""

import contextlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from songscape.errors import InputError, MissingExtraError

_ERRORS = (
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("aiohttp", "ClientError"),
    ("google.auth.exceptions", "GoogleAuthError"),
    ("azure.core.exceptions", "AzureError"),
)

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that is read over the network.

    Attributes
    ----------
    address : str
        As ``s3://bucket/folder/tracks.csv``.
    size : int
        Bytes of the file.
    """

    address: str
    size: int

    def __str__(self) -> str:
        """Return its address."""
        return self.address

    @property
    def name(self) -> str:
        """The last part of its address."""
        return PurePosixPath(self.address).name

    @property
    def suffix(self) -> str:
        """The ending of its name, with the dot."""
        return PurePosixPath(self.address).suffix

    def read(self, start: int, stop: int) -> bytes:
        """Return some of its bytes.

        Raises
        ------
        InputError
            If it cannot be read.
        """
        store, path = _store_of(self.address)
        with _told(self.address):
            return bytes(store.cat_file(path, start=start, end=stop)) if start < stop else b""


def is_address(text: str) -> bool:
    """Whether a text names something in a store rather than a path.

    Examples
    --------
    >>> is_address("s3://bucket/*.parquet"), is_address("exports/*.csv"), is_address("C:/tracks.csv")
    (True, False, False)
    """
    return _ADDRESS.match(text) is not None


def find_remote(address: str) -> tuple[list[RemoteFile], str | None]:
    """Return the files that an address or a pattern stands for, in order of name, or what is wrong with it.

    Raises
    ------
    MissingExtraError
        If what speaks to such a store is not installed.
    """
    store, path = _store_of(address)
    pattern = any(sign in path for sign in "*?[")
    try:
        with _told(address):
            store.invalidate_cache()  # what was listed before may have changed
            found = store.glob(path, detail=True) if pattern else {path: store.info(path)}
    except InputError as error:
        return [], str(error)
    files = [_file(store, name, told) for name, told in sorted(found.items()) if told.get("type") == "file"]
    if pattern:
        return files, None if files else f"No file matches the pattern '{address}'."
    if not files:
        all_of_it = address if address.endswith("/") else f"{address}/"
        return [], f"'{address}' is a folder. Name the file in it, or all of them: '{all_of_it}*.parquet'."
    return files, None


def _file(store: Any, name: str, told: dict[str, Any]) -> RemoteFile:
    size = told.get("size")
    if size is None:
        raise InputError(f"'{store.unstrip_protocol(name)}' does not tell its size. Fetch it, and read the copy.")
    return RemoteFile(store.unstrip_protocol(name), int(size))


def _store_of(address: str) -> tuple[Any, str]:
    """Return the file system of an address and the path in it; fsspec keeps one for each store."""
    scheme = address.partition(":")[0].lower()
    install = ": pip install 'songscape[s3]'" if scheme in ("s3", "s3a") else ""
    try:
        from fsspec.core import url_to_fs

        store, path = url_to_fs(scheme + address[len(scheme) :])
    except ImportError as error:
        raise MissingExtraError(
            f"'{address}' lies in a store that cannot be reached without a package that is not installed ({error})."
            f" Install it{install}, or mount the store."
        ) from None
    except ValueError as error:
        raise InputError(f"'{address}' is no address of a known store: {error}. Allowed: s3://bucket/file.") from None
    return store, str(path)


def _failures() -> tuple[type[Exception], ...]:
    """Return what stores raise, each its own beside `OSError`; none can be raised whose package is not loaded."""
    loaded = [(sys.modules[module], name) for module, name in _ERRORS if module in sys.modules]
    return (OSError, ValueError, *(getattr(module, name) for module, name in loaded))


@contextlib.contextmanager
def _told(address: str) -> Iterator[None]:
    """Raise `InputError` where a store does not answer as it should."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"There is no file '{address}'. Check its bucket and its name.") from None
    except _failures() as error:
        raise InputError(
            f"'{address}' cannot be read: {str(error).strip() or type(error).__name__}. Check the address, the keys"
            " (for S3 the variables AWS_…, or ~/.aws) and the network."
        ) from None
