"""The server as a process: it answers, it ends at Ctrl-C, and says clearly why it cannot start."""

import builtins
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

import songscape
from songscape.errors import AtlasError, MissingExtraError, ParameterError, ServiceError
from songscape.web import serving

COMMAND = (sys.executable, "-c", "from songscape.cli import main; main()", "serve")


@pytest.fixture(scope="module")
def process(atlas_folder):
    """A server of its own process; its address."""
    command = [*COMMAND, str(atlas_folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        said = [running.stdout.readline() for _ in range(2)]
        try:
            assert said[1] == "Ctrl-C ends it.\n", running.stderr.read()
            yield running, said[0].strip().removeprefix("Songscape: ")
        finally:
            running.kill()


def asked(address, path, *, data=None, headers=None):
    request = urllib.request.Request(f"{address}{path}", data=data, headers=headers or {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, dict(answer.headers.items()), answer.read()


def test_it_answers_over_the_loopback(process, atlas):
    _, address = process
    assert address.startswith("http://127.0.0.1:")
    status, headers, body = asked(address, "api/atlas")
    assert (status, json.loads(body)["n_tracks"]) == (200, len(atlas.catalog))
    assert "server" not in {name.lower() for name in headers}
    status, headers, body = asked(address, "api/points", headers={"Accept-Encoding": "gzip"})
    assert headers["content-encoding"] == "gzip"
    assert len(gzip.decompress(body)) > len(body)
    assert b"main.js" in asked(address, "")[2]


def test_another_host_is_refused_there_too(process):
    _, address = process
    with pytest.raises(urllib.error.HTTPError) as refused:
        asked(address, "api/atlas", headers={"Host": "evil.example"})
    assert refused.value.code == 421
    assert json.loads(refused.value.read())["error"]["code"] == "host"


def test_sixteen_clients_at_once(process):
    _, address = process
    gate = threading.Barrier(16)

    def work(client):
        gate.wait()
        told = json.dumps({"like": [f"row:{20 + client}"], "length": 5}).encode()
        made = asked(address, "api/playlists", data=told, headers={"Content-Type": "application/json"})
        return made[0], asked(address, f"api/tracks/{client}")[0], asked(address, "api/search?q=lo")[0]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(16))) == [(200, 200, 200)] * 16


@pytest.mark.skipif(sys.platform != "linux", reason="only there all of 127.0.0.0/8 is this machine")
def test_it_listens_on_one_address_only(process):
    _, address = process
    port = int(address.rstrip("/").rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", port), timeout=2):
        pass


def test_a_port_that_is_taken_is_told(process, atlas_folder):
    _, address = process
    port = address.rstrip("/").rpartition(":")[2]
    done = subprocess.run([*COMMAND, str(atlas_folder), "--port", port], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == (
        f"Error: Port {port} on 127.0.0.1 is taken by another program. Choose another one: --port {int(port) + 1}\n"
    )


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_ends_it_quietly(process):
    """The last test of this process."""
    running, _ = process
    running.send_signal(signal.SIGINT)
    out, error = running.communicate(timeout=20)
    assert (running.returncode, out, error) == (0, "", "")


@pytest.mark.parametrize("port", [-1, 65_536, "80", 8000.5])
def test_a_port_that_is_none(atlas, port):
    with pytest.raises(ParameterError, match=r"'port' parameter must be an int in \[0, 65535\]"):
        songscape.serve(atlas, port=port)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid", "x" * 300])
def test_an_address_of_another_machine(atlas, host):
    with pytest.raises(ServiceError, match="is no address of this machine"):
        songscape.serve(atlas, host=host, port=0)


def test_an_atlas_that_is_damaged_or_too_new(atlas, tmp_path):
    with pytest.raises(AtlasError, match="does not exist"):
        songscape.serve(tmp_path / "nothing", port=0)
    folder = atlas.save(tmp_path / "atlas")
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps(run | {"schema_version": 999}), encoding="utf-8")
    done = subprocess.run([*COMMAND, str(folder), "--port", "0"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "in form 999" in done.stderr
    assert done.stderr.count("\n") == 1
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    (folder / "arrays.npz").write_bytes(b"nothing")
    with pytest.raises(AtlasError, match=r"damaged: arrays\.npz"):
        songscape.serve(folder, port=0)


@pytest.mark.parametrize("name", ["fastapi", "uvicorn"])
def test_without_the_extra_it_says_what_to_install(atlas, monkeypatch, name):
    given = builtins.__import__

    def without(module, *words, **more):
        if module.partition(".")[0] == name:
            raise ImportError(module)
        return given(module, *words, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"pip install 'songscape\[server\]'"):
        songscape.serve(atlas, port=0)


def test_serving_is_imported_only_when_something_is_served():
    code = "import songscape, sys; songscape.serve; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"fastapi", "starlette", "uvicorn"} & set(names)


def test_the_browser_opens_once_it_answers(atlas, monkeypatch):
    opened, told = [], []

    class StopError(Exception):
        pass

    def open_page(address):
        opened.append(asked(address, "api/atlas")[0])
        raise StopError

    monkeypatch.setattr(serving.webbrowser, "open", open_page)
    with pytest.raises(StopError):
        songscape.serve(atlas, port=0, open_browser=True, ready=told.append)
    assert opened == [200]
    assert told[0].startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("host", "name"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "localhost"), ("::1", "[::1]"), ("[::1]", "[::1]")]
)
def test_the_address_can_be_opened(host, name):
    class Listener:
        def getsockname(self):
            return ("", 8123)

    assert serving._address(host, Listener()) == f"http://{name}:8123/"
