"""What a model said of each text, kept in a SQLite file: a run that was stopped goes on where it was.

Each batch is one transaction, so that the file is sound whenever a run ends, however it ends, and two runs may use it
at once. A key is the hash of the text and of all that the answer depends on; the texts themselves are not kept.
"""

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from songscape.errors import InputError, ResourceError
from songscape.lyrics.answer import Answer

_APPLICATION = 0x536F6E67  # in the head of the file, so that no other program's is written to
_FORM = 1
_PATIENCE = 60.0  # seconds that a run waits for another one to finish a batch
_TABLE = """
CREATE TABLE answers (
    key BLOB PRIMARY KEY, label TEXT NOT NULL, score REAL NOT NULL, is_cut INTEGER NOT NULL
) WITHOUT ROWID
"""


class AnswerCache:
    """Answers by text, of one model asked in one way.

    Parameters
    ----------
    connection : sqlite3.Connection
    path : Path or None
        What messages call the file.
    question : str
        Everything beside the text that an answer depends on.
    labels : sequence of str
        What an answer can be; another one in the file is damage, and asked anew.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path | None, question: str, labels: Sequence[str]
    ) -> None:
        self._connection = connection
        self._path = path
        self._question = question.encode() + b"\0"
        self._labels = frozenset(labels)

    def find(self, text: str) -> Answer | None:
        """Return what is known of a text."""
        with _told(self._path):
            row = self._connection.execute(
                "SELECT label, score, is_cut FROM answers WHERE key = ?", (self._key(text),)
            ).fetchone()
        if row is None or row[0] not in self._labels or not 0.0 <= row[1] <= 1.0:
            return None
        return Answer(row[0], row[1], bool(row[2]))

    def keep(self, answers: Mapping[str, Answer]) -> None:
        """Write answers down; they are on the disk when this returns."""
        rows = [(self._key(text), *answer) for text, answer in answers.items()]
        with _told(self._path), _transaction(self._connection):
            self._connection.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", rows)

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(self._question + text.encode()).digest()


def question_of(fingerprint: str, labels: Sequence[str], max_tokens: int, prefix: str) -> str:
    """Return everything beside the text that an answer depends on, as one text."""
    return json.dumps([fingerprint, list(labels), max_tokens, prefix])


@contextlib.contextmanager
def open_cache(path: Path | None, question: str, labels: Sequence[str]) -> Iterator[AnswerCache]:
    """Open a cache, or make it; None: one that is forgotten at the end.

    Raises
    ------
    InputError
        If the file is damaged, something else, of a newer Songscape, or cannot be written.
    ResourceError
        If the disk is full.
    """
    with contextlib.ExitStack() as opened:
        with _told(path):
            connection = sqlite3.connect(path or ":memory:", timeout=_PATIENCE, isolation_level=None)
            opened.callback(connection.close)
            _prepare(connection, path)
        yield AnswerCache(connection, path, question, labels)


def _prepare(connection: sqlite3.Connection, path: Path | None) -> None:
    with _transaction(connection):
        if _value(connection, "SELECT count(*) FROM sqlite_master") == 0:
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {_FORM}")
    if _value(connection, "PRAGMA application_id") != _APPLICATION:
        raise InputError(f"'{path}' is a database of another program, no cache of emotions. Name another: --cache.")
    if _value(connection, "PRAGMA user_version") != _FORM:
        raise InputError(f"The cache '{path}' is of another version of Songscape. Name another: --cache.")
    found = _value(connection, "PRAGMA quick_check(1)")
    if found != "ok":
        raise sqlite3.DatabaseError(" ".join(str(found).split()))


def _value(connection: sqlite3.Connection, query: str) -> object:
    return connection.execute(query).fetchone()[0]


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the file against other writers; all of the block is written, or nothing."""
    with connection:  # commits at the end, or rolls back
        connection.execute("BEGIN IMMEDIATE")
        yield


@contextlib.contextmanager
def _told(path: Path | None) -> Iterator[None]:
    """Turn what SQLite says into our errors."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise ResourceError(f"The disk is full: the cache '{path}' cannot grow. Free some space.") from None
        raise InputError(f"The cache '{path}' cannot be used: {error}. Name another place: --cache.") from None
    except sqlite3.DatabaseError as error:
        raise InputError(
            f"The cache '{path}' is damaged, or no cache of emotions ({error}). Move it away, and the model is asked"
            " anew; or name another: --cache."
        ) from None
