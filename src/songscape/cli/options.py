"""Options that several commands share."""

import os
from typing import Annotated

import typer

from songscape.errors import ParameterError, must_be
from songscape.memory import require_libraries

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and only that, to standard output.")]
Threads = Annotated[
    int | None,
    typer.Option("--threads", metavar="INT", help="Threads; default: all cores. The result does not depend on it."),
]


def limit_threads(threads: int | None) -> None:
    """Hold the libraries that have threads of their own to `threads`; they read this when they are imported.

    Raises
    ------
    ResourceError
        If a limit on address space is too tight to import them.
    """
    require_libraries()
    if threads is None:
        return
    if threads < 1:
        raise ParameterError(must_be("threads", "an int of at least 1", threads))
    for name in ("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, str(threads))
