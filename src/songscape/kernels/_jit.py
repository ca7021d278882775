"""The only way into numba.

Every kernel is compiled with ``cache`` (on disk), ``nogil`` (so threads run side by side) and
``error_model="numpy"`` (a division by zero gives inf; numba's default check stops vectorization).
What a kernel does to many rows is cut into blocks for `songscape.threads.run_blocks`.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, overload

import numba

P = ParamSpec("P")
R = TypeVar("R")


def _compile(function: Callable[P, R], fastmath: bool, inline: bool) -> Callable[P, R]:
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": fastmath}
    if inline:
        options["inline"] = "always"
    try:
        return numba.njit(cache=True, **options)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # no folder that numba may write a cache to: compile in each process instead
        return numba.njit(**options)(function)  # type: ignore[no-any-return]


@overload
def jit(function: Callable[P, R]) -> Callable[P, R]: ...
@overload
def jit(*, fastmath: bool = False, inline: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def jit(function: Any = None, *, fastmath: bool = False, inline: bool = False) -> Any:
    """Compile a kernel: ``@jit``, or ``@jit(fastmath=True)`` where neither inf nor nan can occur.

    A ``fastmath`` function that other kernels call must be ``inline``, in callers that are ``fastmath`` themselves.
    Otherwise it exists twice, alone and within its caller, vectorized differently; which of the two runs depends on
    whether this process compiled it or loaded it from disk, and so would the last bits of its sums.
    """
    if function is not None:
        return _compile(function, fastmath, inline)
    return lambda decorated: _compile(decorated, fastmath, inline)
