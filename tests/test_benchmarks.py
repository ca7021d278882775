"""The benchmarks: who takes part, what is judged, how it is told. Times are measured there, never here."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))  # its modules import each other as scripts do

import bench_growth  # noqa: E402
import bench_hdbscan  # noqa: E402
import bench_neighbors  # noqa: E402
import bench_silhouette  # noqa: E402
import bench_umap  # noqa: E402
import quality  # noqa: E402
import render  # noqa: E402
import run  # noqa: E402
import targets  # noqa: E402
from bench import Bench, Step, hopeless  # noqa: E402
from inputs import Inputs  # noqa: E402
from measure import Measurement, Task, Worker, run_command, run_task, take_turns  # noqa: E402
from plan import FULL, QUICK  # noqa: E402

STEPS = (bench_neighbors.STEP, bench_umap.STEP, bench_hdbscan.STEP, bench_silhouette.STEP)


def measured(contender, n, seconds, **more):
    ended = {"status": "ok", "seconds": seconds, "cpu_seconds": seconds, "peak_bytes": [10**9] * len(seconds)}
    return Measurement(contender, n, "real", limit=150.0, **(ended | more)).plain()


def score(value):
    return {"value": value, "value_low": value - 0.01, "value_high": value + 0.01}


def scores(value):
    return {name: score(value) for name in targets.SCORES}


def step(measurements, **more):
    return {
        "plan": "full",
        "headline": 200_000,
        "versions": {"python": "3.11.7", "songscape": "0.1.0"},
        "machine": {
            "processor": "A Processor",
            "cores": 2,
            "memory_bytes": 24 * 10**9,
            "system": "Linux 6",
            "load_average": [0.1, 0.1, 0.1],
            "date": "2026-01-01",
        },
        "took_seconds": 100,
        "measurements": measurements,
    } | more


@pytest.fixture
def results():
    """Made-up results that just keep every promise."""
    n = 200_000
    return {
        "neighbors": step([measured("songscape", n, [4.0]), measured("scipy", n, [30.0])]),
        "umap": step(
            [
                measured("songscape", n, [9.0, 10.0, 30.0], facts=scores(0.9)),
                measured("umap-learn", n, [120.0], facts=scores(0.9)),
                measured("umap-learn", 500_000, [], status="skipped", message="100 s with 200 000 rows"),
            ],
            sampled_rows=2000,
        ),
        "hdbscan": step(
            [
                measured("songscape", n, [1.0]),
                measured("hdbscan", n, [6.0]),
                measured("fast-plscan", n, [1.0]),
                measured("scikit-learn", n, [], status="timeout", message="stopped after 150 s"),
                measured("fast_hdbscan", n, [], status="failed", message="ImportError: no | such module"),
            ],
            parameters={"min_cluster_size": 1000, "min_samples": 15},
            agreement={
                "hdbscan": {
                    "n": n,
                    "contenders": {
                        "songscape": {"adjusted_rand_index": 0.9991, "n_clusters": 40, "noise_fraction": 0.25},
                        "fast_hdbscan": None,
                    },
                }
            },
        ),
        "silhouette": step(
            [
                measured("scikit-learn", 20_000, [7.5]),
                measured("songscape", n, [3.0]),
                measured("songscape, clusters of the map", n, [2.0]),
                measured(
                    "scikit-learn, extrapolated", n, [750.0], status="extrapolated", message="20 000 rows, × 100"
                ),
            ],
            measured_rows=20_000,
            differences={"features": {"n": 20_000, "largest": 3e-7}, "map": {"n": 20_000, "largest": 1e-5}},
        ),
        "build": step(
            [
                measured("import songscape", 0, [0.1]),
                measured("all public names of songscape", 0, [1.0]),
                measured("a Python that imports nothing", 0, [0.02]),
                measured("build, first run", 237_000, [32.0]),
                measured("build, kernels cached", 237_000, [25.0], facts={"timings": {"read": 3.0, "total": 25.0}}),
                measured("synth", 1_000_000, [20.0]),
                measured("build, large", 1_000_000, [160.0]),
            ],
            rows=237_000,
            data="real",
            first_run_extra=[7.0, 9.0, 8.0],
        ),
        "scores": step(
            [
                measured("evaluate", 237_000, [20.0]),
                measured("evaluate, 10 subsamples", 237_000, [170.0]),
                measured("sweep, 20 settings", 237_000, [300.0]),
            ],
            rows=237_000,
            data="real",
        ),
    }


def reached(results):
    return {target.name.split(",")[0]: outcome for target, outcome in targets.judged(results)}


# --- who takes part ---


def test_every_package_that_is_named_takes_part_in_its_step():
    assert {"songscape", "umap-learn", "PCA", "random places"} == set(bench_umap.STEP.contenders)
    hierarchies = {"songscape", "hdbscan", "fast_hdbscan", "fast-plscan", "scikit-learn"}
    assert hierarchies == set(bench_hdbscan.STEP.contenders)
    assert {"songscape", "scikit-learn", "scipy", "pynndescent"} == set(bench_neighbors.STEP.contenders)
    assert {"songscape", "scikit-learn"} == set(bench_silhouette.STEP.contenders)


def test_the_environment_of_its_own_gets_every_package():
    listed = re.findall(r"^[\w-]+", (BENCHMARKS / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"umap-learn", "hdbscan", "fast-hdbscan", "fast-plscan", "scikit-learn", "pynndescent"} == set(listed)


def test_the_full_plan_is_what_was_promised():
    assert FULL.headline == 200_000
    assert FULL.sizes[0] == 10_000
    assert FULL.sizes[-1] == FULL.large_catalog == 1_000_000
    assert FULL.silhouette_rows == 20_000
    for plan in (FULL, QUICK):
        assert plan.headline in plan.sizes
        assert set(plan.curve_limits) == {step.name for step in STEPS}
        assert set(plan.repeats) == set(run.STEPS)


def test_every_promise_is_judged_by_a_step_that_runs():
    assert len(targets.TARGETS) == 9
    assert {target.step for target in targets.TARGETS} <= set(run.STEPS)
    assert list(render.TITLES) == list(run.STEPS)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_contender_can_be_found_by_a_fresh_process(step):
    module = sys.modules[f"bench_{step.name}"]
    for contender in step.contenders.values():
        assert getattr(module, contender.__name__) is contender


# --- what is judged ---


def test_promises_that_are_just_kept(results):
    for name, outcome in reached(results).items():
        assert outcome.passes, name
        assert outcome.aims, name


@pytest.mark.parametrize(
    ("name", "step", "contender", "change"),
    [
        ("UMAP in all", "umap", "umap-learn", {"seconds": [49.0]}),
        ("UMAP in all", "umap", "umap-learn", {"facts": scores(0.9) | {"overlap": score(0.901)}}),
        ("HDBSCAN on the map", "hdbscan", "hdbscan", {"seconds": [5.9]}),
        ("exact silhouette", "silhouette", "songscape, clusters of the map", {"seconds": [7.6]}),
        ("`songscape build` on the 237 000-row CSV", "build", "build, kernels cached", {"seconds": [61.0]}),
        ("`songscape build` on the 237 000-row CSV", "build", "build, kernels cached", {"peak_bytes": [2.1e9]}),
        ("`import songscape`", "build", "import songscape", {"seconds": [0.51]}),
        ("1 000 000 synthetic tracks", "build", "build, large", {"seconds": [470.0]}),
        ("1 000 000 synthetic tracks", "build", "build, large", {"peak_bytes": [6.1e9]}),
        ("1 000 000 synthetic tracks", "build", "build, large", {"seconds": [], "status": "timeout"}),
        ("stability: 10 subsamples", "scores", "evaluate, 10 subsamples", {"seconds": [201.0]}),
        ("`songscape sweep` of 20 settings", "scores", "sweep, 20 settings", {"seconds": [601.0]}),
        ("UMAP in all", "umap", "songscape", {"seconds": [], "status": "failed", "message": "MemoryError"}),
    ],
)
def test_promises_that_are_just_broken(results, name, step, contender, change):
    for each in results[step]["measurements"]:
        if each["contender"] == contender and each["n"] != 500_000:
            each.update(change)
    assert not reached(results)[name].passes
    assert "**FAIL**" in render.report(results)


def test_a_first_run_that_takes_too_long_and_values_that_differ(results):
    results["build"]["first_run_extra"] = [1.0, 20.1, 40.0]
    results["silhouette"]["differences"]["map"]["largest"] = 2e-5
    judged = reached(results)
    assert not judged["extra time of the very first run on a fresh machine (compile)"].passes
    assert not judged["exact silhouette"].passes


def test_a_rival_that_was_stopped_takes_at_least_its_limit(results):
    results["umap"]["measurements"][1].update(seconds=[], status="timeout")
    assert reached(results)["UMAP in all"].ratio == "15.0×"


def test_what_was_not_measured_is_not_judged(results):
    del results["umap"]
    results["hdbscan"]["measurements"][1].update(seconds=[], status="failed", message="ImportError")
    judged = reached(results)
    assert judged["UMAP in all"] == "not measured"
    assert judged["HDBSCAN on the map"] == "hdbscan: failed, ImportError"
    assert "not judged" in render.report(results)


def test_a_quick_run_passes_nothing(results):
    for each in results.values():
        each["plan"] = "quick"
    page = render.report(results)
    assert "| pass |" not in page
    assert page.count("not judged: a quick run") == 9


# --- how it is told ---


def test_failures_and_time_outs_are_rows(results):
    page = render.report(results)
    assert "timeout: stopped after 150 s" in page
    assert "failed: ImportError: no \\| such module" in page
    assert "| > 150× |" in page
    assert "A Processor, 2 cores, 24 GB" in page
    assert "It was not idle" not in page
    results["umap"]["machine"]["load_average"] = [5.0, 5.0, 5.0]
    assert "It was not idle" in render.report(results)


def test_times_are_medians_with_their_range(results):
    assert "10.0 s (9.00–30.0, 3 runs)" in render.report(results)


def test_the_report_and_the_figures_come_from_the_file_alone(results, tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"schema_version": 1, "steps": results}), encoding="utf-8")
    render.write_report(tmp_path)
    first = {name: (tmp_path / name).read_bytes() for name in ("results.md", "scaling.svg", "scaling.png")}
    render.write_report(tmp_path)
    for name, content in first.items():
        assert (tmp_path / name).read_bytes() == content
    assert first["scaling.png"].startswith(b"\x89PNG")


def test_steps_replace_each_other_and_leave_the_rest(tmp_path):
    path = tmp_path / "results.json"
    run._merge(path, "umap", {"took_seconds": 1})
    run._merge(path, "hdbscan", {"took_seconds": 2})
    run._merge(path, "umap", {"took_seconds": 3})
    assert json.loads(path.read_text(encoding="utf-8"))["steps"] == {
        "umap": {"took_seconds": 3},
        "hdbscan": {"took_seconds": 2},
    }
    assert [each.name for each in tmp_path.iterdir()] == ["results.json"]


@pytest.mark.parametrize(
    ("words", "message"), [(["--only", "umpa"], "unknown step umpa"), (["--data", "nowhere"], "there is no light_")]
)
def test_what_cannot_be_asked(words, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        run.main(words)
    assert message in capsys.readouterr().err


# --- how it is measured ---


@pytest.fixture
def task(tmp_path, monkeypatch):
    """A task of a small contender of this test."""
    (tmp_path / "contender.py").write_text(
        "import os, time\n"
        "import numpy as np\n"
        "calls = 0\n"
        "def count(X):\n"
        "    global calls\n"
        "    calls += 1\n"
        "    print('noise on standard output')\n"
        "    return {'rows': len(X), 'calls': calls, 'process': os.getpid()}\n"
        "def sleep(X):\n"
        "    time.sleep(30.0)\n"
        "def fail(X):\n"
        "    raise ValueError('no luck')\n"
        "def hold(X):\n"
        "    return np.ones(25_000_000)\n",
        encoding="utf-8",
    )
    np.save(tmp_path / "X.npy", np.zeros((100, 2), np.float32))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def make(name, **more):
        return Task(f"contender:{name}", {"X": tmp_path / "X.npy"}, output=tmp_path / f"{name}.npy", **more)

    return make


def test_the_warm_up_sees_few_rows_and_comes_once(task):
    with Worker() as worker:
        first = worker.run(task("count", warm_rows=10)).facts
        second = worker.run(task("count", warm_rows=10)).facts
    assert (first["rows"], first["calls"]) == (100, 2)
    assert (second["rows"], second["calls"]) == (100, 3)
    assert run_task(task("count")).facts["process"] != first["process"]


def test_time_outs_and_failures_are_told(task):
    stopped = run_task(task("sleep", limit=0.2))
    assert (stopped.status, stopped.message) == ("timeout", "stopped after 0 s")
    failed = run_task(task("fail"))
    assert (failed.status, failed.message) == ("failed", "ValueError: no luck")


def test_memory_is_that_of_the_run(task):
    small, large = run_task(task("count")), run_task(task("hold"))
    assert 180e6 < large.peak_bytes - small.peak_bytes < 260e6


def test_commands_are_measured_and_stopped():
    ended = run_command([sys.executable, "-c", "bytes(100_000_000)"], limit=60.0)
    assert ended.status == "ok"
    assert ended.seconds > 0.0
    assert ended.peak_bytes > 100e6
    assert run_command([sys.executable, "-c", "import time; time.sleep(60)"], limit=0.3).status == "timeout"
    failed = run_command([sys.executable, "-c", "raise SystemExit('so it is')"], limit=60.0)
    assert (failed.status, failed.message) == ("failed", "so it is")


def test_contenders_take_turns_until_one_fails_or_takes_too_long(task):
    said = []
    turns = {
        "quick": (Measurement("quick", 100, "real"), task("count")),
        "failing": (Measurement("failing", 100, "real"), task("fail")),
    }
    take_turns(turns, 2, 100.0, said.append)
    assert [line.split(",")[0] for line in said] == ["quick", "failing", "quick"]
    assert len(turns["quick"][0].seconds) == 2
    assert turns["failing"][0].status == "failed"
    impatient = {"quick": (Measurement("quick", 100, "real"), task("count"))}
    take_turns(impatient, 3, 0.0, said.append)
    assert len(impatient["quick"][0].seconds) == 1


def test_who_is_too_slow_is_not_asked_for_more_rows():
    known = Measurement("rival", 1000, "real", seconds=[4.0, 6.0, 50.0])
    assert hopeless(known, 10_000, limit=60.0) == ""
    assert hopeless(known, 10_001, limit=60.0) == "6 s with 1 000 rows; the limit here is 60 s"
    assert hopeless(known, 500, limit=0.0) == ""
    stopped = Measurement("rival", 1000, "real", status="timeout", message="stopped after 60 s")
    assert hopeless(stopped, 1001, limit=60.0) == "stopped after 60 s with 1 000 rows"


def test_a_curve_asks_only_for_what_is_not_known(task, tmp_path):
    plan = replace(QUICK, sizes=(50, 100), headline=100, curve_limits={"x": 60.0})
    bench = Bench(plan, Inputs(tmp_path, 100), lambda line: None)

    class Small(Step):
        def task(self, bench, contender, n):
            return task("count")

    step = Small("x", {"songscape": np.sort}, lambda bench, n: {}, lambda n: {}, 0, {})
    known = Measurement("songscape", 100, "synthetic", seconds=[1.0])
    found = step.curves(bench, [known])
    assert [(m.contender, m.n, m.status) for m in found] == [("songscape", 50, "ok"), ("songscape", 100, "ok")]
    assert found[1].seconds == [1.0]


# --- the independent evaluator ---


@pytest.fixture(scope="module")
def judged():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 5)).astype(np.float32)
    maps = {"map0": X[:, :2].copy(), "map1": rng.normal(size=(600, 2)).astype(np.float32)}
    return X, maps, quality.judge(X, **maps)


def test_scores_are_those_of_scikit_learn(judged):
    from sklearn.manifold import trustworthiness

    X, maps, found = judged
    for name, places in maps.items():
        assert found[name]["trustworthiness"]["value"] == pytest.approx(
            trustworthiness(X, places, n_neighbors=quality.K), abs=1e-9
        )


def test_a_map_at_random_scores_what_chance_gives(judged):
    _, _, found = judged
    assert found["map1"]["trustworthiness"]["value"] == pytest.approx(0.5, abs=0.03)
    assert found["map1"]["overlap"]["value"] == pytest.approx(quality.K / 599, abs=0.01)
    assert found["map1"]["spearman"]["value"] == pytest.approx(0.0, abs=0.03)


def test_intervals_hold_the_values_and_the_first_map_is_level_with_itself(judged):
    _, _, found = judged
    for name in ("map0", "map1"):
        for scored in targets.SCORES:
            told = found[name][scored]
            assert told["value_low"] < told["value"] < told["value_high"]
    for scored in targets.SCORES:
        assert found["map0"][scored]["ahead_low"] == found["map0"][scored]["ahead_high"] == 0.0
        assert found["map1"][scored]["ahead_low"] > 0.0  # a projection beats random places


def test_a_copy_of_the_space_keeps_everything():
    X = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    found = quality.judge(X, map0=X)["map0"]
    assert {score: round(found[score]["value"], 9) for score in targets.SCORES} == dict.fromkeys(targets.SCORES, 1.0)


def test_the_share_of_neighbors_found():
    X = np.arange(40.0)[:, None].repeat(2, axis=1)
    apart = np.abs(X[:, :1] - X[:, 0])
    np.fill_diagonal(apart, np.inf)
    nearest = np.argsort(apart, axis=1, kind="stable")
    assert bench_neighbors.recall(X, nearest[:, : bench_neighbors.K]) == {"recall": 1.0}
    assert bench_neighbors.recall(X, nearest[:, -bench_neighbors.K - 1 : -1])["recall"] < 0.1


def test_a_row_is_left_out_of_its_own_neighbors():
    k = bench_neighbors.K
    found = np.array([[1, *range(2, k + 1), 0], [*range(2, k + 3)][: k + 1]])
    kept = bench_neighbors.without_self(found)
    assert kept.tolist() == [[*range(1, k + 1)], [*range(2, k + 2)]]


# --- all of it, small ---


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A quick run of 600 rows, whose inputs are there already."""
    plan = replace(QUICK, headline=600, sizes=(600,), silhouette_rows=300, repeats={"silhouette": 1})
    monkeypatch.setattr(run, "QUICK", plan)
    monkeypatch.delenv("SONGSCAPE_DATA", raising=False)

    def make(self, name, function, settings, **inputs):
        n, path = int(name.rsplit("-", 1)[-1]) if "-" in name else 600, self.folder / f"{name}.npy"
        if name.startswith("labels"):
            np.save(path, (np.arange(n) % 8).astype(np.int32))
        else:
            np.save(path, np.random.default_rng(0).normal(size=(n, 4)).astype(np.float32))
        return path

    monkeypatch.setattr(Inputs, "_made", make)
    return tmp_path


@pytest.mark.slow
def test_a_run_of_one_step(small):
    assert run.main(["--quick", "--only", "silhouette", "--out", str(small)]) == 0
    step = json.loads((small / "results.json").read_text(encoding="utf-8"))["steps"]["silhouette"]
    assert {space: found["largest"] < 1e-5 for space, found in step["differences"].items()} == {
        "features": True,
        "map": True,
    }
    assert sorted((m["contender"], m["n"], m["status"]) for m in step["measurements"]) == [
        ("scikit-learn", 300, "ok"),
        ("scikit-learn", 600, "ok"),
        ("scikit-learn, extrapolated", 600, "extrapolated"),
        ("songscape", 600, "ok"),
        ("songscape, clusters of the map", 600, "ok"),
    ]
    assert "Largest difference" in (small / "results.md").read_text(encoding="utf-8")


def test_growth_is_told_by_step_and_failures_stay_in_the_table():
    builds = [
        {
            "tracks": n,
            "status": "ok",
            "seconds": 2 * n / 1e4,
            "peak_gb": 1.0,
            "timings": {"layout": (n / 1e4) ** 1.5, "read": 0.1},
        }
        for n in (10_000, 100_000)
    ]
    builds.append({"tracks": 10**6, "status": "failed", "message": "out of memory"})
    slopes = bench_growth.exponents(builds)
    assert slopes == {"layout": 1.5, "all": 1.0}
    told = bench_growth.render({"machine": step([])["machine"], "builds": builds, "exponents": slopes})
    assert "| layout | 1.0 | 31.6 | 1.5 |" in told
    assert "| read | 0.1 | 0.1 | below a second |" in told
    assert "1,000,000 tracks: failed, out of memory" in told
    assert bench_growth.exponents(builds[:1]) == {}
