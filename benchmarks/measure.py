"""Measurements: each one in a process of its own, contenders in turn, failures and time-outs kept as results.

This process stays small and imports no numerics, so that the memory of what it starts is not its own.
"""

import contextlib
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
WARM_UP_LIMIT = 420.0
"""Seconds for imports, compilation and the warm-up (the same in `worker.py`)."""


@dataclass(frozen=True)
class Task:
    """One call of a function in a fresh process.

    Attributes
    ----------
    function : str
        ``module:name``, a function of this folder. It takes the inputs and settings by name and returns an array,
        which is saved as `output`, or a dict of plain facts.
    inputs : dict of str to Path
        Files of arrays.
    settings, warm_settings : dict
        Further arguments; those of the warm-up alone.
    warm_rows : int
        Rows of the warm-up, 0 for none.
    limit : float
        Seconds after which it is stopped, 0 for never.
    output : Path, optional
        Where an array that it returns goes.
    """

    function: str
    inputs: dict[str, Path] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    warm_settings: dict[str, Any] = field(default_factory=dict)
    warm_rows: int = 0
    limit: float = 0.0
    output: Path | None = None


@dataclass
class Measurement:
    """What one contender took for n rows.

    Attributes
    ----------
    contender : str
        Its name in the tables.
    n : int
        Rows.
    data : str
        Which rows, in words.
    status : str
        "ok", "timeout", "failed", "skipped" (with the reason in `message`), or "extrapolated".
    message : str
        Why, where it is not "ok".
    limit : float
        Seconds that a run was allowed.
    seconds, cpu_seconds, peak_bytes, load : list
        One entry a run: wall clock, processor time of all threads, most memory held, load average at the start.
    facts : dict
        What else is known: scores, counts.
    """

    contender: str
    n: int
    data: str
    status: str = "ok"
    message: str = ""
    limit: float = 0.0
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    peak_bytes: list[int] = field(default_factory=list)
    load: list[float] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, run: "Run") -> None:
        """Take in one more run; a run that did not end well ends the measurement."""
        self.load.append(run.load)
        if run.status == "ok":
            self.seconds.append(run.seconds)
            self.cpu_seconds.append(run.cpu_seconds)
            self.peak_bytes.append(run.peak_bytes)
            self.facts |= run.facts
        elif self.seconds:
            self.message = f"a further run: {run.status}, {run.message}"
        else:
            self.status, self.message = run.status, run.message

    def plain(self) -> dict[str, Any]:
        """Return it as JSON data, rounded to what was measured."""
        values = asdict(self)
        for name in ("seconds", "cpu_seconds", "load"):
            values[name] = [round(value, 4) for value in values[name]]
        return values


@dataclass(frozen=True)
class Run:
    """How one process ended."""

    status: str
    message: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    load: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)


class Worker:
    """A fresh process for tasks; use it in a ``with`` block. A task that fails or is stopped ends it."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=HERE,
            start_new_session=True,
        )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *ignored: object) -> None:
        self.close()

    def run(self, task: Task) -> Run:
        """Run a task and return what it took, or why it ended."""
        load = os.getloadavg()[0]
        with tempfile.TemporaryDirectory() as folder:
            answer, order = Path(folder) / "answer.json", Path(folder) / "task.json"
            order.write_text(json.dumps({**asdict(task), "answer": answer}, default=str), encoding="utf-8")
            heard = self._ask(f"{order}\n")
            if heard == ["started", "done"]:
                return Run("ok", load=load, **json.loads(answer.read_text(encoding="utf-8")))
        returncode = self._process.wait()
        limit = task.limit if heard else WARM_UP_LIMIT
        self._errors.seek(0)
        status, message = _why(returncode, self._errors.read().decode("utf-8", "replace"), limit)
        return Run(status, message if heard else f"{message}, in the warm-up", load=load)

    def _ask(self, line: str) -> list[str]:
        """Send a line and return the lines that come back, up to "done" or to the end of the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        heard: list[str] = []
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line)
            self._process.stdin.flush()
        while heard[-1:] != ["done"] and (said := self._process.stdout.readline()):
            heard.append(said.strip())
        return heard

    def close(self) -> None:
        """End the process and all that it has started."""
        _end_session(self._process.pid)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def run_task(task: Task) -> Run:
    """Run a task in a process of its own."""
    with Worker() as worker:
        return worker.run(task)


def run_command(words: Sequence[str], *, limit: float, env: dict[str, str] | None = None) -> Run:
    """Run a command and return its wall clock and memory, start of the interpreter included."""
    load = os.getloadavg()[0]
    start = time.perf_counter()
    ended = _spawn(words, limit, env or {})
    seconds = time.perf_counter() - start
    if ended.returncode != 0:
        return Run(*_why(ended.returncode, ended.stderr, limit), load=load)
    return Run("ok", "", seconds, ended.cpu_seconds, ended.peak_bytes, load)


@dataclass(frozen=True)
class _Ended:
    returncode: int
    stderr: str
    cpu_seconds: float
    peak_bytes: int


def _spawn(words: Sequence[str], limit: float, env: dict[str, str]) -> _Ended:
    """Run a command in a session of its own and end all of that session afterwards."""
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            words,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=HERE,
            env={**os.environ, **env},
            start_new_session=True,
        )
        timer = threading.Timer(limit, os.killpg, (child.pid, signal.SIGALRM))
        timer.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
        finally:
            timer.cancel()
            _end_session(child.pid)
        child.returncode = os.waitstatus_to_exitcode(status)  # so that Popen does not wait for it again
        errors.seek(0)
        text = errors.read().decode("utf-8", "replace")
    unit = 1 if sys.platform == "darwin" else 1024
    return _Ended(child.returncode, text, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def _end_session(leader: int) -> None:
    """End helpers that a process has left behind (joblib's, for one): they would take time from the next one."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _why(returncode: int, stderr: str, limit: float) -> tuple[str, str]:
    if returncode == -signal.SIGALRM:
        return "timeout", f"stopped after {limit:.0f} s"
    if returncode == -signal.SIGKILL:
        return "failed", "killed by the system, most likely out of memory"
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    return "failed", (lines[-1] if lines else f"exit code {returncode}")[:200]


def take_turns(
    tasks: dict[str, tuple[Measurement, Task]],
    repeats: int,
    patience: float,
    say: Callable[[str], None],
) -> None:
    """Run tasks in turn, A B C A B C …, so that the noise of the machine hits all of them alike.

    Each run has a process of its own. A contender leaves when it failed, or when its runs have taken `patience`
    seconds together.
    """
    for turn in range(repeats):
        for measured, task in tasks.values():
            if turn and (measured.status != "ok" or measured.message or sum(measured.seconds) > patience):
                continue
            measured.limit = task.limit
            measured.add(run_task(task))
            say(told(measured))


def told(measured: Measurement) -> str:
    """Return a line about the last run."""
    what = f"{measured.contender}, {spaced(measured.n)} rows"
    if measured.status != "ok" or measured.message:
        return f"{what}: {measured.status} {measured.message}"
    return f"{what}: {measured.seconds[-1]:.3f} s, {measured.peak_bytes[-1] / 1e9:.2f} GB"


def spaced(number: int) -> str:
    """Return a whole number with spaces between thousands."""
    return f"{number:,}".replace(",", " ")


def median(values: Sequence[float]) -> float:
    """Return the median, NaN of nothing."""
    return statistics.median(values) if values else float("nan")


def machine() -> dict[str, Any]:
    """Return what the figures depend on: processor, cores, memory, system, and how busy it was."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": _processor(),
        "cores": cores,
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8", errors="replace").splitlines() if info.exists() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Return the versions of Python and of packages; "not installed" is an answer too."""
    found = {"python": platform.python_version()}
    for name in ("songscape", "numpy", "numba", *packages):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
