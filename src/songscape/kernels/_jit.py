"""The only way into numba.

Every kernel is compiled with ``cache`` (on disk), ``nogil`` (so threads run side by side) and
``error_model="numpy"`` (a division by zero gives inf; numba's default check stops vectorization).
What a kernel does to many rows is cut into blocks for `songscape.threads.run_blocks`.
"""

import contextlib
import pickle
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, overload

import numba
from numba.core.caching import FunctionCache

P = ParamSpec("P")
R = TypeVar("R")


_BROKEN = (OSError, EOFError, pickle.UnpicklingError)


class _Cache(FunctionCache):
    """numba's cache of compiled forms, which a full disk or a file cut short makes useless, and no error."""

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep a compiled form, if that can be done."""
        with contextlib.suppress(*_BROKEN):
            super().save_overload(signature, compiled)  # type: ignore[no-untyped-call]

    def load_overload(self, signature: Any, context: Any) -> Any:
        """Return what is kept; None: compile."""
        with contextlib.suppress(*_BROKEN):
            return super().load_overload(signature, context)  # type: ignore[no-untyped-call]
        return None


def _compile(function: Callable[P, R], fastmath: bool, inline: bool) -> Callable[P, R]:
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": fastmath}
    if inline:
        options["inline"] = "always"
    kernel = numba.njit(**options)(function)
    with contextlib.suppress(RuntimeError):  # no folder that numba may write a cache to: compile in each process
        kernel._cache = _Cache(function)  # type: ignore[no-untyped-call]
    return kernel  # type: ignore[no-any-return]


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
