"""Signals that end a run: Ctrl-C, the wish of the system, a closed terminal; also where a library swallows them."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from songscape.progress import Progress

_INTERRUPTED = 130
_wanted: list[int] = []  # the exit code of the signal that came


def heed_signals() -> None:
    """Let the system's wish to end, or a closed terminal, end the run as Ctrl-C does."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup has it ignored
            signal.signal(number, _stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)


def heeding(progress: Progress) -> Progress:
    """Return a reporter that ends the run if a signal came and the run goes on all the same.

    Python drops what a signal raises in the midst of some callbacks, and libraries have handlers that catch anything.
    """

    def report(stage: str, fraction: float) -> None:
        if _wanted and threading.current_thread() is threading.main_thread():
            _leave(_wanted[0])
        progress(stage, fraction)

    return report


@contextmanager
def ending_as_told() -> Iterator[None]:
    """End with the code of the signal that came where a library made another error of it.

    A module that is being loaded turns what a signal raises in it into an ImportError.
    """
    try:
        yield
    finally:
        if _wanted and isinstance(sys.exc_info()[1], Exception):  # neither SystemExit nor KeyboardInterrupt is one
            sys.exit(_wanted[0])


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """Leave through all ``finally`` blocks, so that nothing half-written stays behind."""
    _wanted.append(_INTERRUPTED if number == signal.SIGINT else 128 + number)
    _leave(_wanted[-1])


def _leave(code: int) -> NoReturn:
    if code == _INTERRUPTED:
        raise KeyboardInterrupt
    sys.exit(code)
