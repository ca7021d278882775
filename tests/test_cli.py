"""The command line: what it prints where, its exit codes, its flags, and that a stopped run leaves nothing behind."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import songscape
from songscape.cli.app import app, commands
from songscape.cli.flags import declared_flags, with_flags
from songscape.cli.screen import bars
from songscape.config import Config
from songscape.errors import ParameterError

FAST = ["--n-epochs", "20", "--min-cluster-size", "10"]


def songscape_process(*words: object, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from songscape.cli import main; main()", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def run(*words: object, **options: object) -> tuple[int, str, str]:
    """Run the command line in a process of its own: exit code, standard output, standard error."""
    process = songscape_process(*words, **options)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="module")
def table(folder):
    path = folder / "tracks.csv"
    assert run("synth", 400, "-o", path, "--seed", 2) == (0, f"400 synthetic tracks: {path}\n", "")
    return path


@pytest.fixture(scope="module")
def built(folder, table):
    code, out, err = run("build", table, "-o", folder / "atlas", "--threads", 1, *FAST)
    assert (code, err) == (0, "")
    return folder / "atlas", out


def test_synth_writes_the_catalog_of_its_seed(table, tmp_path):
    songscape.write_synthetic(400, tmp_path / "same.csv", random_state=2)
    songscape.write_synthetic(400, tmp_path / "other.csv", random_state=3)
    assert table.read_bytes() == (tmp_path / "same.csv").read_bytes()
    assert table.read_bytes() != (tmp_path / "other.csv").read_bytes()


def test_build_says_in_a_pipe_what_happened_and_nothing_else(built):
    folder, out = built
    for line in ("Read", "Tracks", "Clusters", "Scores", "Atlas"):
        assert any(row.startswith(line) for row in out.splitlines()), line
    assert "400 rows of tracks.csv" in out
    assert "trustworthiness" in out
    assert "in clusters" in out
    assert f"Read {folder / 'report.html'}" in out
    assert "\x1b" not in out


def test_build_is_the_twin_of_the_functions(built, table, tmp_path):
    folder, _ = built
    config = Config(embedding={"n_epochs": 20}, clustering={"min_cluster_size": 10})
    atlas = songscape.build_atlas(songscape.read_catalog(table), config)
    again = atlas.save(tmp_path / "atlas")
    pairs = zip(songscape.load_atlas(folder).table(), atlas.table(), strict=True)
    assert [one.name for one, two in pairs if not one.equals(two, null_equal=True)] == []
    for name in ("tracks.parquet", "arrays.npz"):
        assert (folder / name).read_bytes() == (again / name).read_bytes(), name
    assert songscape.load_atlas(folder).config == atlas.config


def test_evaluate_prints_only_json(built):
    folder, _ = built
    code, out, err = run("evaluate", folder, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == songscape.load_atlas(folder).scores


def test_evaluate_for_people(built):
    code, out, _ = run("evaluate", built[0])
    assert code == 0
    assert out.startswith("Clusters")
    assert "trustworthiness" in out


def test_build_prints_its_account_as_json(table, tmp_path):
    code, out, err = run("build", table, "-o", tmp_path / "atlas", "--json", *FAST)
    assert (code, err) == (0, "")
    assert json.loads(out) == json.loads((tmp_path / "atlas" / "run.json").read_text(encoding="utf-8"))


def test_flags_win_over_the_file_and_the_file_over_the_defaults(table, tmp_path):
    toml = tmp_path / "config.toml"
    toml.write_text(
        'metric = "manhattan"\n[embedding]\nn_epochs = 10\nn_neighbors = 8\n[features.blocks]\nmood = 2\n'
    )
    code, out, _ = run(
        "build", table, "-o", tmp_path / "a", "--json", "--config", toml, "--n-neighbors", 12, "--block", "year=0.5"
    )
    assert code == 0
    config = json.loads(out)["config"]
    assert config["metric"] == "manhattan"
    assert config["embedding"]["n_epochs"] == 10
    assert config["embedding"]["n_neighbors"] == 12
    assert config["features"]["blocks"] == {"mood": 2.0, "year": 0.5}


def test_the_version():
    assert run("--version") == (0, f"songscape {songscape.__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["build", "none.csv"], "none.csv"),
        (
            ["build", "none.csv", "--n-neighbors", "1"],
            "The 'n_neighbors' parameter must be an int in [2, 1000]. Got '1'",
        ),
        (
            ["build", "none.csv", "--n-neighbors", "x"],
            "The 'n_neighbors' parameter must be an int in [2, 1000]. Got 'x'",
        ),
        (["build", "none.csv", "--metric", "taxi"], "The 'metric' parameter must be one of 'euclidean', 'manhattan'"),
        (["build", "none.csv", "--block", "mood"], "The '--block' parameter must be given as KEY=VALUE. Got 'mood'"),
        (["build", "none.csv", "--block", "mod=1"], "Unknown block 'mod'. Did you mean 'mood'?"),
        (
            ["build", "none.csv", "--threads", "0"],
            "The 'threads' parameter must be an int of at least 1. Got 0 instead.",
        ),
        (["build", "none.csv", "--config", "none.toml"], "There is no config file 'none.toml'."),
        (["evaluate", "none"], "'none' does not exist. Build an atlas: songscape build"),
        (["synth", "9", "-o", "a.csv.gz"], "must be a file name that ends in .csv or .parquet. Got 'a.csv.gz'"),
        (["synth", "9", "--random-state", "-1"], "The 'random_state' parameter must be an int in [0, inf). Got -1"),
        (["synth", "999999999999"], "A catalog of 999999999999 tracks needs about 1000000.0 GB of memory"),
        (["synth", "-5"], "-5"),
        (["build"], "Missing argument"),
        (["build", "a.csv", "--n-neighbour", "3"], "No such option"),
        (["bild"], "No such command"),
    ],
)
def test_what_is_wrong_is_one_message_and_exit_code_2(words, message, tmp_path):
    code, out, err = run(*words, cwd=tmp_path)
    assert (code, out) == (2, "")
    assert message in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_strange_folder_is_refused_before_the_work(table, tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    code, _, err = run("build", table, "-o", tmp_path, *FAST)
    assert code == 2
    assert err.startswith("Error: ")
    assert "thesis.txt" in err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def wait_for(condition, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_leaves_nothing_behind(table, tmp_path, number, code):
    """Stopped while the folder is being written aside: the moment when something could stay."""
    process = songscape_process("build", table, "-o", tmp_path / "atlas", *FAST)
    wait_for(lambda: any(tmp_path.glob(".atlas.songscape-new-*")), process)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert err == ("Stopped. What was on the disk before is as it was.\n" if number == signal.SIGINT else "")
    assert list(tmp_path.iterdir()) == []


def test_a_run_stopped_at_its_first_moment_shows_no_traceback(tmp_path):
    """Ctrl-C while libraries are still being imported."""
    code = (
        "import os, signal, sys\n"
        "class Stop:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Stop())\n"
        "from songscape.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_closed_pipe_is_no_traceback(built):
    with songscape_process("evaluate", built[0], "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_that_a_library_swallows_ends_the_run_all_the_same(name, code):
    program = (
        "import os, signal, time\n"
        "from songscape.cli import app, main\n"
        "from songscape.cli.screen import bars\n"
        "def work():\n"
        "    with bars() as progress:\n"
        "        try:\n"
        f"            os.kill(os.getpid(), signal.{name})\n"
        "            time.sleep(9)\n"
        "        except BaseException:\n"
        "            print('swallowed', flush=True)\n"
        "        progress('work', 0.5)\n"
        "        print('went on')\n"
        "app.app = work\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, "swallowed\n", "")


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_signal_that_a_module_being_loaded_turns_into_another_error_ends_the_run_quietly(name, code):
    script = (
        "import os, signal, time\n"
        "from songscape.cli import app, main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell may start tests with it ignored
        "def loading():\n"
        "    try:\n"
        f"        os.kill(os.getpid(), signal.{name})\n"
        "        time.sleep(30)\n"
        "    except BaseException as stop:\n"
        "        raise ImportError('initialization failed') from stop\n"
        "app.app = loading\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    told = "Stopped. What was on the disk before is as it was.\n" if name == "SIGINT" else ""
    assert (done.returncode, done.stdout, done.stderr) == (code, "", told)


def test_an_error_without_a_signal_is_an_error():
    script = "from songscape.cli import app, main\ndef fails(): raise ImportError('no')\napp.app = fails\nmain()\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "ImportError: no")


def test_bars_on_a_terminal_only(capfd):
    with bars() as progress:
        progress("neighbors", 0.5)
    assert capfd.readouterr() == ("", "")
    read, write = pty.openpty()
    code = (
        "from songscape.cli.screen import bars\n"
        "with bars(lambda: {'neighbors': 50.0, 'save': 900.0}) as progress:\n"
        "    for step in range(5):\n"
        "        progress('neighbors', step / 4)\n"
    )
    subprocess.run([sys.executable, "-c", code], stderr=write, check=True, env={**os.environ, "TERM": "xterm"})
    os.close(write)
    drawn = os.read(read, 100_000).decode()
    assert "neighbors" in drawn
    assert "100 %" in drawn
    assert re.search(r"all .* 5 % .* about \d+ (s|min) left", drawn), "one twentieth of all is done"


def test_synth_writes_parquet_into_a_new_folder(table, tmp_path):
    assert run("synth", 400, "-o", tmp_path / "new" / "tracks.parquet", "--seed", 2)[0] == 0
    written = pl.read_parquet(tmp_path / "new" / "tracks.parquet")
    assert written.equals(songscape.synthesize_tracks(400, random_state=2))


class TestFlags:
    def test_every_parameter_has_a_flag(self):
        sections = Config.model_fields
        expected = set()
        for name, field in sections.items():
            inner = getattr(field.annotation, "model_fields", None)
            expected |= set(inner) if inner else {name}
        assert {flag.name for flag in declared_flags()} == expected
        options = {option for parameter in commands()["build"].params for option in parameter.opts}
        assert options >= {flag.option for flag in declared_flags()}
        assert "--no-fold-tempo" in options

    def test_help_tells_range_and_default_from_the_declaration(self):
        shown = {flag.option: flag.parameters()[0].annotation.__metadata__[0].help for flag in declared_flags()}
        assert shown["--n-neighbors"].endswith("[2, 1000]; default: 15)")
        assert shown["--min-cluster-size"].startswith("Smallest group that counts as a cluster; default: 0.5 %")

    @pytest.mark.parametrize("command", [[], ["build"], ["evaluate"], ["synth"]])
    def test_help_is_shown(self, command):
        shown = CliRunner().invoke(app, [*command, "--help"])
        assert shown.exit_code == 0
        assert "Usage:" in shown.output

    def test_one_flag_sets_a_parameter_of_several_sections(self):
        config = with_flags(Config(), {"random_state": "7"})
        assert (config.embedding.random_state, config.evaluation.random_state) == (7, 7)

    def test_switches_turn_on_and_off(self):
        on = Config(features={"fold_tempo": True})
        assert with_flags(Config(), {"fold_tempo": True}).features.fold_tempo
        assert not with_flags(on, {"no_fold_tempo": True}).features.fold_tempo
        assert with_flags(on, {"fold_tempo": False, "no_fold_tempo": False}) == on
        assert not with_flags(Config(), {"no_version_families": True}).read.version_families

    def test_tables_keep_their_other_entries(self):
        config = Config(read={"columns": {"tempo": "BPM", "key": "Tonart"}})
        changed = with_flags(config, {"columns": ["tempo=Beats=per minute"]})
        assert changed.read.columns == {"tempo": "Beats=per minute", "key": "Tonart"}

    @pytest.mark.parametrize("word", ["", "tempo", "=BPM", "tempo="])
    def test_an_entry_without_key_or_value(self, word):
        with pytest.raises(ParameterError, match=r"The '--column' parameter must be given as KEY=VALUE"):
            with_flags(Config(), {"columns": [word]})


def test_the_help_comes_without_the_heavy_libraries():
    code = (
        "import sys; from songscape.cli.app import app\nsys.argv = ['songscape', '--help']\n"
        "try:\n    app()\nfinally:\n"
        "    assert not {'numpy', 'polars', 'numba', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_no_file_of_the_run_lies_in_the_working_folder(table, tmp_path):
    code, _, _ = run("build", table, *FAST, cwd=tmp_path)
    assert code == 0
    assert [path.name for path in Path(tmp_path).iterdir()] == ["atlas"]
