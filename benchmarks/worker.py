"""Runs tasks and says what they took: the other side of `measure.Worker`.

A line on standard input names a file with a task, a line on standard output says how far it is. A contender is a
plain function of arrays. Before its first run it is called on a few rows, so that imports and compilation are not
timed. Limits are alarms that end the process: no lock of the interpreter can hold them back.
"""

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import numpy as np

WARM_UP_LIMIT = 420.0


def main() -> None:
    """Serve tasks until there are no more; whatever contenders print goes to standard error."""
    say = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    warmed: set[str] = set()
    for line in sys.stdin:
        task = json.loads(Path(line.strip()).read_text(encoding="utf-8"))
        function, arrays = _function(task["function"]), {key: np.load(file) for key, file in task["inputs"].items()}
        if task["warm_rows"] and task["function"] not in warmed:
            warmed.add(task["function"])
            _warm_up(function, arrays, task)
        answer = _timed(function, arrays, task, say)
        Path(task["answer"]).write_text(json.dumps(answer), encoding="utf-8")
        print("done", file=say)


def _function(named: str) -> Callable[..., Any]:
    module, name = named.split(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def _warm_up(function: Callable[..., Any], arrays: dict[str, np.ndarray], task: dict[str, Any]) -> None:
    few = {key: np.ascontiguousarray(array[: task["warm_rows"]]) for key, array in arrays.items()}
    signal.setitimer(signal.ITIMER_REAL, WARM_UP_LIMIT)
    function(**few, **task["settings"], **task["warm_settings"])
    signal.setitimer(signal.ITIMER_REAL, 0.0)


def _timed(
    function: Callable[..., Any], arrays: dict[str, np.ndarray], task: dict[str, Any], say: TextIO
) -> dict[str, Any]:
    _forget_peak()
    print("started", file=say)
    signal.setitimer(signal.ITIMER_REAL, task["limit"])  # 0: no limit
    cpu, start = _cpu_seconds(), time.perf_counter()
    output = function(**arrays, **task["settings"])
    seconds, cpu = time.perf_counter() - start, _cpu_seconds() - cpu
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    answer: dict[str, Any] = {"seconds": seconds, "cpu_seconds": cpu, "peak_bytes": _peak_bytes(), "facts": {}}
    if isinstance(output, dict):
        answer["facts"] = output
    else:
        np.save(task["output"], output)
    return answer


def _forget_peak() -> None:
    """Let the high-water mark of memory start anew from what is held now, where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _cpu_seconds() -> float:
    own, children = os.times(), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.user + own.system + children.ru_utime + children.ru_stime


def _peak_bytes() -> int:
    """Return the most memory held by this process, plus that of helpers it has started and that still live."""
    peak = _high_water("self")
    if peak is None:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    helpers = {child for listed in Path("/proc/self/task").glob("*/children") for child in listed.read_text().split()}
    return peak + sum(_high_water(helper) or 0 for helper in helpers)


def _high_water(process: str) -> int | None:
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), None)


if __name__ == "__main__":
    main()
