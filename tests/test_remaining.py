"""What is told to be left of a build comes true, also on a slower machine, or where stages are skipped."""

import json

import pytest

import songscape
from songscape.remaining import COSTS, Remaining, in_words, of_one_piece, of_parts


def run(seconds, expected, steps=50):
    """Go through stages that take so many seconds; yield what has passed and what is told to be left."""
    left, passed = Remaining(expected), 0.0
    for stage, whole in seconds.items():
        for step in range(steps + 1):
            left.report(stage, step / steps)
            yield passed + whole * step / steps, left
        passed += whole


@pytest.mark.parametrize("slower", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("n_tracks", [5000, 200_000, 5_000_000])
def test_what_is_left_comes_true_on_any_machine(slower, n_tracks):
    expected = of_one_piece(n_tracks)
    took = {stage: slower * seconds for stage, seconds in expected.items()}
    whole = sum(took.values())
    for passed, left in run(took, expected):
        told, true = left.seconds(passed), whole - passed
        assert told >= 0.0
        if passed > 0.5 * whole:
            assert told == pytest.approx(true, rel=0.2, abs=0.01 * whole)
        elif passed > 0.2 * whole:
            assert told == pytest.approx(true, rel=0.55)
    assert left.share == pytest.approx(1.0)
    assert left.seconds(whole) == pytest.approx(0.0, abs=1e-9)


def test_a_stage_that_takes_twice_its_share_is_made_up_for():
    expected = of_one_piece(200_000)
    took = expected | {"neighbors": 3.0 * expected["neighbors"]}
    whole = sum(took.values())
    told = [(left.seconds(passed), whole - passed) for passed, left in run(took, expected) if passed > 0.6 * whole]
    assert all(seconds == pytest.approx(true, rel=0.35, abs=0.01 * whole) for seconds, true in told)


def test_stages_that_were_found_finished_do_not_count():
    expected = of_one_piece(200_000)
    resumed = {stage: expected[stage] for stage in ("read", "features", "groups", "evaluation", "save")}
    whole = sum(resumed.values())
    told = [(left.seconds(passed), whole - passed) for passed, left in run(resumed, expected) if passed > 0.5 * whole]
    assert all(seconds == pytest.approx(true, rel=0.1, abs=0.01 * whole) for seconds, true in told)


def test_nothing_is_known_of_other_stages():
    left = Remaining(of_parts(10_000, 2000))
    left.report("map", 0.5)
    assert left.share == 0.0
    assert list(of_parts(10_000, 2000)) == ["survey", *list(COSTS)[1:], "place"]
    assert in_words(left.seconds(0.0)).endswith(" left")


def test_stages_have_the_names_that_builds_report_and_write_down(tmp_path):
    seen = []
    catalog = songscape.read_catalog(songscape.synthesize_tracks(300), progress=lambda stage, _: seen.append(stage))
    atlas = songscape.build_atlas(catalog, progress=lambda stage, _: seen.append(stage))
    atlas.save(tmp_path / "atlas", progress=lambda stage, _: seen.append(stage))
    assert list(dict.fromkeys(stage for stage in seen if stage in COSTS)) == list(COSTS)
    assert set(COSTS) <= set(json.loads((tmp_path / "atlas" / "run.json").read_text("utf-8"))["timings"])
