"""What all steps share: contenders over all sizes, in turn, with the limits of the plan."""

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inputs import Inputs
from measure import Measurement, Task, Worker, median, spaced, take_turns, told, versions
from plan import Plan

OURS = "songscape"


@dataclass(frozen=True)
class Bench:
    """A run: its plan, its inputs, and where it says how far it is."""

    plan: Plan
    inputs: Inputs
    say: Callable[[str], None]

    def output(self, step: str, contender: str, n: int) -> Path:
        """Return the file for the array that a contender makes of n rows."""
        return self.inputs.folder / f"{step}-{contender.replace(' ', '-')}-{n}.npy"

    def blank(self, contender: str, n: int) -> Measurement:
        """Return a measurement of n rows without a run."""
        return Measurement(contender, n, self.inputs.kind(n))


@dataclass(frozen=True)
class Step:
    """One step of the pipeline and who can do it.

    Attributes
    ----------
    name : str
        Name of the step and of its module, ``bench_<name>``.
    contenders : dict of str to callable
        By name in the tables: functions of the step's module.
    inputs : callable
        ``inputs(bench, n)`` → files of arrays by argument name.
    settings : callable
        ``settings(n)`` → further arguments, the same for every contender.
    warm_rows : int
        Rows of the warm-up.
    warm_settings : dict
        Further arguments of the warm-up.
    """

    name: str
    contenders: dict[str, Callable[..., Any]]
    inputs: Callable[[Bench, int], dict[str, Path]]
    settings: Callable[[int], dict[str, Any]]
    warm_rows: int
    warm_settings: dict[str, Any]

    def limit(self, bench: Bench, n: int) -> float:
        """Return the seconds that a run on n rows may take."""
        return bench.plan.headline_limit if n == bench.plan.headline else bench.plan.curve_limits[self.name]

    def task(self, bench: Bench, contender: str, n: int) -> Task:
        """Return the task of one contender on n rows."""
        return Task(
            function=f"bench_{self.name}:{self.contenders[contender].__name__}",
            inputs=self.inputs(bench, n),
            settings=self.settings(n),
            warm_settings=self.warm_settings,
            warm_rows=self.warm_rows,
            limit=self.limit(bench, n),
            output=bench.output(self.name, contender, n),
        )

    def measure(self, bench: Bench) -> list[Measurement]:
        """Measure the headline, in turn and each run in a fresh process, then the curves."""
        n = bench.plan.headline
        turns = {
            contender: (bench.blank(contender, n), self.task(bench, contender, n)) for contender in self.contenders
        }
        take_turns(turns, bench.plan.repeats[self.name], bench.plan.patience, bench.say)
        return self.curves(bench, [measured for measured, _ in turns.values()])

    def curves(self, bench: Bench, known: list[Measurement]) -> list[Measurement]:
        """Measure one run of each contender at the other sizes; return these and the known ones by size.

        A contender has one process for all sizes, so that it is warmed up (which takes some of them a minute) once.
        Who is too slow is not asked for more rows.
        """
        found = list(known)
        with contextlib.ExitStack() as stack:
            workers = {contender: stack.enter_context(Worker()) for contender in self.contenders}
            measured = {(m.contender, m.n) for m in known}
            for n, contender in itertools.product(bench.plan.sizes, self.contenders):
                if (contender, n) not in measured:
                    found.append(self._point(bench, contender, n, workers[contender], found))
        return sorted(found, key=lambda measured: measured.n)

    def _point(self, bench: Bench, contender: str, n: int, worker: Worker, found: list[Measurement]) -> Measurement:
        measured, task = bench.blank(contender, n), self.task(bench, contender, n)
        measured.limit = task.limit
        reasons = [reason for m in found if m.contender == contender and (reason := hopeless(m, n, task.limit))]
        if reasons:
            measured.status, measured.message = "skipped", reasons[0]
        else:
            measured.add(worker.run(task))
        bench.say(told(measured))
        return measured


def hopeless(known: Measurement, n: int, limit: float) -> str:
    """Return why n rows are not tried after what fewer rows took; empty if they are. No method is below linear."""
    if known.n >= n or known.status == "skipped":
        return ""
    rows = f"{spaced(known.n)} rows"
    if known.status != "ok":
        return f"{known.message} with {rows}"
    took = median(known.seconds)
    return f"{took:.0f} s with {rows}; the limit here is {limit:.0f} s" if took * n / known.n > limit else ""


def at(found: list[Measurement], contender: str, n: int) -> Measurement | None:
    """Return the measurement of a contender on n rows that ended well, if there is one."""
    chosen = (m for m in found if m.contender == contender and m.n == n and m.status in ("ok", "extrapolated"))
    return next(chosen, None)


def result(bench: Bench, found: list[Measurement], packages: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """Return a step's part of ``results.json``, but for the machine's line, which `run.py` took at the start."""
    return {
        "plan": bench.plan.name,
        "headline": bench.plan.headline,
        "versions": versions(packages),
        **more,
        "measurements": [measured.plain() for measured in found],
    }
