"""How long the server takes to answer: one client, then 16 at once, over the loopback.

    python benchmarks/bench_server.py ATLAS [--out FOLDER] [--seconds 20]

Starts ``songscape serve`` in a process of its own, asks each route with other songs every time, and tells the 95th
percentile beside its target. Writes ``server.json`` and ``server.md``, and ends with an error if a target is missed.
"""

import argparse
import http.client
import json
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import polars as pl

TARGETS = {"search": 40.0, "track": 10.0, "playlist": 150.0, "journey": 150.0}
"""Milliseconds that the 95th percentile may take with one client; ten times that with 16."""

CLIENTS = (1, 16)
MOST = {"search": 400, "track": 1000, "neighbors": 1000, "playlist": 120, "journey": 120, "reorder": 60}
"""Most requests of each kind in one measurement; less where the seconds are over."""


@dataclass(frozen=True)
class Measured:
    """One route asked by some clients: times in milliseconds; ``cpu`` is the server's processor time."""

    route: str
    clients: int
    requests: int
    errors: int
    median: float
    p95: float
    worst: float
    per_second: float
    cpu: float | None
    target: float | None

    @property
    def met(self) -> bool:
        """Whether there was no error and the 95th percentile is within its target."""
        return not self.errors and (self.target is None or self.p95 <= self.target)


Ask = tuple[str, str, bytes | None]


def main() -> int:
    """Measure, write, and tell which targets are missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("atlas", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--only", choices=list(MOST), action="append", help="only this route; may be repeated")
    parser.add_argument("--seconds", type=float, default=20.0, help="at most, for each route and number of clients")
    options = parser.parse_args()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    start = time.perf_counter()
    process, port = started(options.atlas)
    ready = time.perf_counter() - start
    try:
        found = [
            measured(route, clients, asks(options.atlas, route), (process.pid, port), options.seconds)
            for route in options.only or MOST
            for clients in CLIENTS
        ]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    facts = {"tracks": n_tracks(options.atlas), "load": load, "ready_seconds": round(ready, 1), "machine": machine()}
    options.out.mkdir(parents=True, exist_ok=True)
    whole = facts | {"measured": [asdict(one) | {"met": one.met} for one in found]}
    (options.out / "server.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    page = render(found, facts)
    (options.out / "server.md").write_text(page, encoding="utf-8")
    sys.stdout.write(page)
    return 0 if all(one.met for one in found) else 1


def started(atlas: Path) -> tuple[subprocess.Popen[str], int]:
    """Start a server on a free port; return once it answers."""
    command = [sys.executable, "-c", "from songscape.cli import main; main()", "serve", str(atlas), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline() if process.stdout else ""
    if not line.startswith("Songscape: "):
        raise SystemExit("The server did not start.")
    return process, int(line.strip().rstrip("/").rpartition(":")[2])


def asks(atlas: Path, route: str) -> Iterator[Ask]:
    """Yield requests without end, other songs each time, the same in each run."""
    rng = np.random.default_rng(0)
    tracks = pl.read_parquet(atlas / "tracks.parquet", columns=["title", "artists"])
    while True:
        one, other = (int(row) for row in rng.integers(0, tracks.height, 2))
        if route == "track":
            yield "GET", f"/api/tracks/{one}", None
        elif route == "neighbors":
            yield "GET", f"/api/neighbors/{one}", None
        elif route == "search":
            yield "GET", f"/api/search?q={quote(typed(tracks, one, rng))}", None
        elif route == "playlist":
            yield post("playlists", {"like": [f"row:{one}", f"row:{other}"], "length": 30})
        elif route == "journey":
            yield post("journeys", {"start": f"row:{one}", "end": f"row:{other}", "length": 20})
        else:
            yield post("reorder", {"tracks": [f"row:{row}" for row in rng.integers(0, tracks.height, 30)]})


def post(name: str, body: dict[str, object]) -> Ask:
    """Return a request with a body."""
    return "POST", f"/api/{name}", json.dumps(body).encode()


def typed(tracks: pl.DataFrame, row: int, rng: np.random.Generator) -> str:
    """Return what a person types to find a track: the beginning of title, artist or both; one in four has a typo."""
    title, artists = tracks["title"][row] or "", tracks["artists"][row]
    artist = artists[0] if artists is not None and len(artists) else ""
    text = (title, artist, f"{artist} {title}")[int(rng.integers(3))][:60].strip() or "love"
    text = text[: max(2, int(len(text) * rng.uniform(0.4, 1.0)))]
    if rng.random() < 0.25 and len(text) > 4:
        at = int(rng.integers(1, len(text) - 1))
        text = text[:at] + text[at + 1 :]
    return text


def measured(route: str, clients: int, source: Iterator[Ask], server: tuple[int, int], seconds: float) -> Measured:
    """Ask a route by clients that each wait for their answer before they ask again."""
    waiting = [next(source) for _ in range(MOST[route])]
    process, port = server
    ask_one(http.client.HTTPConnection("127.0.0.1", port, timeout=60), waiting[0])
    lock, times, errors = threading.Lock(), list[float](), list[int]()
    end = time.perf_counter() + seconds

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() < end:
            with lock:
                if not waiting:
                    break
                ask = waiting.pop()
            took, status = ask_one(connection, ask)
            with lock:
                times.append(took)
                errors.extend([status] if status not in (200, 409) else [])
        connection.close()

    start, before = time.perf_counter(), cpu_seconds(process)
    together([work] * clients)
    took, used = time.perf_counter() - start, cpu_seconds(process)
    cpu = None if used is None or before is None else round(1e3 * (used - before) / len(times), 1)
    target = TARGETS.get(route)
    return Measured(
        route, clients, len(times), len(errors), *(round(float(np.quantile(times, q)), 1) for q in (0.5, 0.95, 1.0)),
        round(len(times) / took, 1), cpu, target if target is None or clients == 1 else 10 * target,
    )  # fmt: skip


def ask_one(connection: http.client.HTTPConnection, ask: Ask) -> tuple[float, int]:
    """Return the milliseconds until the whole answer is here, and its status."""
    method, path, body = ask
    headers = {"Accept-Encoding": "gzip"} | ({"Content-Type": "application/json"} if body else {})
    start = time.perf_counter()
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    return 1e3 * (time.perf_counter() - start), answer.status


def cpu_seconds(process: int) -> float | None:
    """Return the processor time that a process has used, or None where the system does not say."""
    path = Path(f"/proc/{process}/stat")
    if not path.exists():
        return None
    fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def together(work: list[Callable[[], None]]) -> None:
    """Run each on a thread of its own."""
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def n_tracks(atlas: Path) -> int:
    """Return how many tracks an atlas has."""
    return int(json.loads((atlas / "run.json").read_text(encoding="utf-8"))["counts"]["tracks"])


def machine() -> str:
    """Return a line on the machine."""
    names = [line.partition(":")[2].strip() for line in cpu_lines() if line.startswith("model name")]
    cores = len(names) or 1
    return f"{names[0] if names else platform.processor()}, {cores} cores, Python {platform.python_version()}"


def cpu_lines() -> list[str]:
    """Return what the system says about its processors."""
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def render(found: list[Measured], facts: dict[str, object]) -> str:
    """Return the page."""
    lines = [
        "# The server", "", "<!-- Written by benchmarks/bench_server.py. -->", "",
        f"{facts['tracks']:,} tracks, {facts['machine']}; the clients run on the same cores, and"
        f" {facts['load']:.1f} processes of others wanted them as it began. Ready {facts['ready_seconds']} s"
        " after its start. Times in milliseconds, from the request to the last byte;"
        " *processor* is the server's processor time for a request.", "",
        "| route | clients | requests | errors | median | p95 | worst | per second | processor | target for p95 | |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]  # fmt: skip
    for one in found:
        target = "" if one.target is None else f"{one.target:g}"
        verdict = "" if one.target is None else "met" if one.met else "missed"
        times = [one.median, one.p95, one.worst, one.per_second, "" if one.cpu is None else one.cpu]
        numbers = [one.clients, one.requests, one.errors, *times, target, verdict]
        lines.append(f"| {one.route} | " + " | ".join(str(number) for number in numbers) + " |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
