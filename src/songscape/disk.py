"""What the system says about disks and rights when files are written, as errors of ours."""

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

from songscape.errors import AtlasError, InputError, ResourceError

_NUMBER = re.compile(r"\(os error (\d+)\)")  # Polars passes on the system's number in its text alone
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextlib.contextmanager
def writing(
    what: str, target: Path, advice: str = "", *, kept: str = "", error: type[InputError | AtlasError] = InputError
) -> Iterator[None]:
    """Turn what the system says while a file is written into one message.

    Parameters
    ----------
    what : str
        What is written, as a sentence begins: ``The report``.
    target : Path
        Where, as the user knows it.
    advice : str, optional
        What to do, a sentence; nothing for a full disk, which has its own.
    kept : str, optional
        What becomes of the work when the disk is full, after a semicolon.
    error : type
        The error for all but a full disk.

    Raises
    ------
    ResourceError
        If the disk is full, or what may be used of it.
    InputError or AtlasError
        Otherwise.
    """
    try:
        with system_errors():
            yield
    except OSError as problem:
        if problem.errno in _FULL:
            after = f"; {kept}" if kept else ""
            raise ResourceError(f"The disk is full: '{target}' cannot be written. Free some space{after}.") from None
        reason = problem.strerror or problem
        raise error(f"{what} cannot be written to '{target}': {reason}. {advice}".rstrip()) from None


@contextlib.contextmanager
def system_errors() -> Iterator[None]:
    """Let an `OSError` with a number say what is wrong, also where Polars writes, or Python asks no system."""
    from polars.exceptions import PolarsError

    try:
        yield
    except ValueError as error:
        if "null byte" not in str(error):
            raise
        raise OSError(errno.EINVAL, "a name holds a null character") from None
    except (OSError, PolarsError) as error:
        found = _NUMBER.search(str(error))
        if found is None:
            raise
        raise OSError(int(found[1]), os.strerror(int(found[1]))) from None
