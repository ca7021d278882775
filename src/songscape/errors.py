"""Everything that Songscape raises on purpose, and the one sentence in which wrong parameters are told.

The tree::

    SongscapeError
    ├── ParameterError (ValueError)   a parameter outside its allowed values
    ├── InputError (ValueError)       a file, table or array that cannot be used
    │   └── NotFoundError (LookupError)   a track, artist or group that the catalog does not have, or has several of
    ├── LimitsError (ValueError)      limits of a playlist that no list of songs can meet
    ├── AtlasError                    an atlas folder that is missing, damaged, foreign or too new
    ├── ResourceError                 the machine has too little memory or disk for the work
    ├── NotFittedError (ValueError, AttributeError)   an estimator used before it was fitted
    ├── ServiceError                  a service on the network refuses, or cannot be reached
    └── MissingExtraError             an optional dependency that is not installed

A message tells what, where, what is allowed, what was got, and what to do. The command line prints it
without a traceback and exits with code 2.
"""

import difflib
from collections.abc import Iterable


class SongscapeError(Exception):
    """Base of all errors that Songscape raises on purpose."""


class ParameterError(SongscapeError, ValueError):
    """A parameter lies outside its allowed values."""


class InputError(SongscapeError, ValueError):
    """A file, table or array cannot be used."""


class NotFoundError(InputError, LookupError):
    """What was asked for is not in the catalog, or several things are.

    Attributes
    ----------
    suggestions : tuple of str
        What may have been meant, the likeliest first.
    """

    def __init__(self, message: str, suggestions: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.suggestions = tuple(suggestions)


class LimitsError(SongscapeError, ValueError):
    """Limits of a playlist clash: no list of songs can meet them all.

    Attributes
    ----------
    figures : dict of str to int
        The numbers in the message, as far as they are known: ``songs`` that can be in, ``wished``, ``possible``.
    """

    def __init__(self, message: str, **figures: int) -> None:
        super().__init__(message)
        self.figures = figures


class AtlasError(SongscapeError):
    """An atlas folder is missing, damaged, foreign, or written by a newer version."""


class ResourceError(SongscapeError):
    """The machine has too little memory or disk for the work."""


class NotFittedError(SongscapeError, ValueError, AttributeError):
    """An estimator was used before it was fitted; the same bases as scikit-learn's error of this name."""


class ServiceError(SongscapeError):
    """A service on the network refuses a request, or cannot be reached."""


class MissingExtraError(SongscapeError):
    """An optional dependency is needed and not installed."""


def must_be(name: str, allowed: str, got: object) -> str:
    """Return the one sentence in which every wrong parameter is told.

    Examples
    --------
    >>> must_be("min_cluster_size", "an int in [2, 200000]", 1)
    "The 'min_cluster_size' parameter must be an int in [2, 200000]. Got 1 instead."
    """
    return f"The '{name}' parameter must be {allowed}. Got {got!r} instead."


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` (with a leading space) for the nearest known word, or an empty string."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{near[0]}'?" if near else ""
