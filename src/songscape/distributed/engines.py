"""Who does the work on partitions: this process, one after the other, or workers on Dask."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from songscape.errors import MissingExtraError, ParameterError, ResourceError
from songscape.memory import release_memory
from songscape.threads import use_threads

if TYPE_CHECKING:
    from distributed import Client

PARTS, DASK = "parts", "dask"

Report = Callable[[float], None]
"""``report(fraction)``: so much of a step is done."""

_RETRIES = 3
_PATIENCE = "5s"


class Engine(Protocol):
    """Something that does tasks, each a call of one function."""

    def map(self, work: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], report: Report) -> list[Any]:
        """Do all tasks and return the results in order."""


class Here:
    """The process that asks: one task after the other, each on all threads, so that memory holds one partition."""

    def map(self, work: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], report: Report) -> list[Any]:
        """Do all tasks and return the results in order."""
        release_memory()
        results: list[Any] = []
        for task in tasks:
            report(len(results) / len(tasks))
            results.append(work(*task))
        report(1.0)
        return results


class OnDask:
    """Workers of a Dask scheduler, each task on one thread; a task of a worker that died is done again."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def map(self, work: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], report: Report) -> list[Any]:
        """Do all tasks and return the results in order."""
        from distributed import KilledWorker, as_completed

        report(0.0)
        futures = [self._client.submit(_on_one_thread, work, *task, pure=False, retries=_RETRIES) for task in tasks]
        try:
            for done, _ in enumerate(as_completed(futures), start=1):
                report(done / len(futures))
            return [future.result() for future in futures]
        except KilledWorker as error:
            raise ResourceError(
                f"Workers died again and again at one partition ({error}). Most likely it needs more memory than they"
                " have: use smaller files or blocks (--block-rows), or workers with more memory."
            ) from None


def _on_one_thread(work: Callable[..., Any], *task: Any) -> Any:
    with use_threads(1):
        return work(*task)


@contextlib.contextmanager
def engine_of(name: str, scheduler: str | None, n_workers: int | None) -> Iterator[Engine]:
    """Yield this process on so many threads, or Dask: a scheduler that runs, or workers started for this build.

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    ParameterError
        If there is no scheduler at the address.
    """
    if name == PARTS:
        with use_threads(n_workers):
            yield Here()
        return
    with _connected(scheduler, n_workers) as client:
        yield OnDask(client)


@contextlib.contextmanager
def _connected(scheduler: str | None, n_workers: int | None) -> "Iterator[Client]":
    """Yield a client of the scheduler, or of workers started for this build, one thread each."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise MissingExtraError(
            "Building on Dask needs it, and it is not installed. Install it with `pip install 'songscape[dask]'`, or"
            " build in this process: --engine parts."
        ) from None
    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=_PATIENCE)
        except (OSError, ValueError) as error:
            raise ParameterError(
                f"There is no Dask scheduler at '{scheduler}' ({error}). Start one: dask scheduler."
            ) from None
        with client:
            yield client
        return
    alone = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with (
        LocalCluster(
            n_workers=n_workers or os.cpu_count() or 1,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            env=alone,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client
