"""Pushing to Spotify, against a server on this machine that speaks the same API, through spotipy itself."""

import base64
import builtins
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from songscape.errors import InputError, MissingExtraError, ServiceError
from songscape.playlist.formats import PlaylistFile, PlaylistItem
from songscape.playlist.spotify import CREDENTIALS, connect, plan_push, push

ME = {"SPOTIPY_CLIENT_ID": "app", "SPOTIPY_CLIENT_SECRET": "secret", "SPOTIPY_REDIRECT_URI": "http://127.0.0.1:9/cb"}


class Service:
    """What the server holds: playlists, the tokens it takes, and answers that are to come before the true ones."""

    def __init__(self):
        self.playlists = {}
        self.requests = []
        self.tokens = {"fresh"}
        self.failures = []  # (path prefix, status, headers, body)


class Handler(BaseHTTPRequestHandler):
    def log_message(self, format, *args):
        pass

    def do_POST(self):
        service = self.server.service
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        service.requests.append((self.path, body))
        for at, (prefix, status, headers, answer) in enumerate(service.failures):
            if self.path.startswith(prefix):
                del service.failures[at]
                return self.answer(status, answer, headers)
        if self.path == "/api/token":
            return self.token(parse_qs(body))
        if self.headers["Authorization"].removeprefix("Bearer ") not in service.tokens:
            return self.answer(401, {"error": {"status": 401, "message": "The access token expired"}})
        if self.path == "/v1/me/playlists":
            playlist = {"id": f"list{len(service.playlists)}", **json.loads(body), "uris": []}
            service.playlists[playlist["id"]] = playlist
            return self.answer(201, {**playlist, "external_urls": {"spotify": f"https://x/{playlist['id']}"}})
        playlist = service.playlists.get(self.path.split("/")[3])
        uris = json.loads(body)
        if playlist is None or not self.path.endswith("/items"):
            return self.answer(404, {"error": {"status": 404, "message": "Not found"}})
        if len(uris) > 100 or any(len(uri) != len("spotify:track:") + 22 for uri in uris):
            return self.answer(400, {"error": {"status": 400, "message": "Bad uris"}})
        playlist["uris"] += uris
        return self.answer(201, {"snapshot_id": "s"})

    def token(self, form):
        user = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
        if user != "app:secret" or form["refresh_token"] != ["again"]:
            return self.answer(400, {"error": "invalid_client", "error_description": "Invalid client"})
        return self.answer(200, {"access_token": "fresh", "token_type": "Bearer", "expires_in": 3600})

    def answer(self, status, body, headers=None):
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def server(monkeypatch):
    for name, value in {**ME, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}.items():
        monkeypatch.setenv(name, value)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.service = Service()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client(server, tmp_path):
    return client_of(server, tmp_path, expires_at=time.time() + 3000)


def client_of(server, folder, *, public=False, expires_at, access="fresh", refresh="again"):
    scope = "playlist-modify-public" if public else "playlist-modify-private"
    token = {"access_token": access, "refresh_token": refresh, "expires_at": int(expires_at), "scope": scope}
    (folder / "token.json").write_text(json.dumps(token))
    here = f"http://127.0.0.1:{server.server_port}/"
    return connect(public=public, token_file=folder / "token.json", api=f"{here}v1/", accounts=here)


def track_ids(count):
    return [f"{number:022d}" for number in range(count)]


def playlist_of(count, **fields):
    return PlaylistFile(tuple(PlaylistItem(f"T{one}", id=one) for one in track_ids(count)), **fields)


def test_a_playlist_arrives_in_order_in_batches_of_a_hundred_and_private(server, client):
    mine = playlist_of(250, name="Ночь \n 夜", note="made\nhere")
    pushed = push(plan_push(mine), client)
    (made,) = server.service.playlists.values()
    assert made["uris"] == [f"spotify:track:{one}" for one in track_ids(250)]
    assert (made["name"], made["description"], made["public"]) == ("Ночь 夜", "made here", False)
    assert (pushed.id, pushed.link, pushed.n_added, pushed.left_out) == ("list0", "https://x/list0", 250, ())
    assert len(server.service.requests) == 4


def test_a_public_playlist_asks_for_that_consent(server, tmp_path):
    client = client_of(server, tmp_path, public=True, expires_at=time.time() + 3000)
    push(plan_push(playlist_of(1), public=True), client)
    assert server.service.playlists["list0"]["public"] is True
    assert client.auth_manager.scope == "playlist-modify-public"


def test_an_old_token_is_renewed_and_kept_for_nobody_else(server, tmp_path):
    push(plan_push(playlist_of(1)), client_of(server, tmp_path, expires_at=0, access="stale"))
    kept = tmp_path / "token.json"
    assert json.loads(kept.read_text())["access_token"] == "fresh"
    assert kept.stat().st_mode & 0o077 == 0


def test_a_new_token_file_is_private_before_a_token_is_in_it(server, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    connect()
    kept = tmp_path / "songscape" / "spotify-token.json"
    assert kept.read_bytes() == b""
    assert kept.stat().st_mode & 0o077 == 0


def test_a_plan_sends_nothing_and_names_tracks_without_an_id(server):
    mine = PlaylistFile((*playlist_of(101).items, PlaylistItem("Tape", ("Me",)), PlaylistItem("Row", id="17")), "Mix")
    plan = plan_push(mine)
    assert server.service.requests == []
    assert plan.lines() == [
        "Would make the private playlist 'Mix' in your Spotify account.",
        "Would add 101 tracks in 2 requests.",
        "2 tracks without a Spotify id would be left out:",
        "  Me - Tape",
        "  Row",
    ]
    assert [len(batch) for batch in plan.batches] == [100, 1]


def test_a_plan_needs_something_to_push():
    with pytest.raises(InputError, match="None of the 1 track has a Spotify id"):
        plan_push(PlaylistFile((PlaylistItem("Tape"),)))
    with pytest.raises(InputError, match=r"at most 10 000 tracks\. Got 10001"):
        plan_push(playlist_of(10_001))
    assert len(plan_push(playlist_of(1, name="x" * 500, note="y" * 500)).name) == 100


def test_a_short_wait_is_kept_and_a_long_one_is_told(server, client):
    waits = []
    server.service.failures.append(("/v1/me", 429, {"Retry-After": "2"}, {"error": {"message": "slow"}}))
    assert push(plan_push(playlist_of(1)), client, wait=waits.append).n_added == 1
    assert waits == [2.0]
    server.service.failures.append(("/v1/me", 429, {"Retry-After": "7200"}, {"error": {"message": "slow"}}))
    with pytest.raises(
        ServiceError, match=r"too many requests \(429\). Try again in 7200 seconds. Nothing was changed"
    ):
        push(plan_push(playlist_of(1)), client, wait=waits.append)
    assert waits == [2.0]


def test_waiting_comes_to_an_end(server, client):
    waits = []
    server.service.failures += [("/v1/me", 429, {"Retry-After": "1"}, "slow")] * 9
    with pytest.raises(ServiceError, match="too many requests"):
        push(plan_push(playlist_of(1)), client, wait=waits.append)
    assert waits == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("status", "answer", "message"),
    [
        (
            401,
            {"error": {"message": "Invalid token"}},
            r"refuses the token \(401: Invalid token\). Remove .*token.json",
        ),
        (403, {"error": {"message": "Insufficient scope"}}, r"forbids it \(403: Insufficient scope\)"),
        (500, "", r"answers with an error \(500"),
        (502, {"error": "bad gateway"}, "speaks another language"),
    ],
)
def test_each_refusal_is_one_message(server, client, status, answer, message):
    server.service.failures.append(("/v1/me", status, {}, answer))
    with pytest.raises(ServiceError, match=f"(?s){message}.*Nothing was changed") as caught:
        push(plan_push(playlist_of(1)), client)
    assert "\n" not in str(caught.value)


def test_a_failure_in_the_middle_says_what_was_done(server, client):
    plan = plan_push(playlist_of(250))
    server.service.failures.append(("/v1/playlists", 200, {}, {"snapshot_id": "not kept"}))
    server.service.failures.append(("/v1/playlists", 500, {}, {"error": {"message": "oops"}}))
    with pytest.raises(ServiceError, match="made, with 100 of 250 tracks: https://x/list0"):
        push(plan, client)


def test_an_answer_without_a_playlist_is_told(server, client):
    server.service.failures.append(("/v1/me", 200, {}, {}))
    with pytest.raises(ServiceError, match="without the id of a new playlist"):
        push(plan_push(playlist_of(1)), client)


def test_wrong_credentials_are_one_message(server, tmp_path, monkeypatch):
    monkeypatch.setenv("SPOTIPY_CLIENT_SECRET", "wrong")
    with pytest.raises(ServiceError, match=r"refuses the sign-in: .*invalid_client.*Check SPOTIPY_CLIENT_ID"):
        push(plan_push(playlist_of(1)), client_of(server, tmp_path, expires_at=0))


def test_no_network_is_one_message(server, client):
    client.prefix = "http://127.0.0.1:1/v1/"
    with pytest.raises(ServiceError, match=r"cannot be reached \(ConnectionError\). Check the network"):
        push(plan_push(playlist_of(1)), client)


def test_no_terminal_to_sign_in_is_one_message(server, tmp_path, monkeypatch):
    monkeypatch.setenv("SPOTIPY_REDIRECT_URI", "https://example.org/cb")
    monkeypatch.setattr("webbrowser.open", lambda url: True)
    monkeypatch.setattr(builtins, "input", lambda prompt="": (_ for _ in ()).throw(EOFError))
    client = client_of(server, tmp_path, expires_at=0)
    client.auth_manager.cache_handler.save_token_to_cache(None)
    with pytest.raises(ServiceError, match="sign-in at Spotify was not finished"):
        push(plan_push(playlist_of(1)), client)


@pytest.mark.parametrize("name", CREDENTIALS)
def test_missing_credentials_are_named(server, tmp_path, monkeypatch, name):
    monkeypatch.delenv(name)
    with pytest.raises(ServiceError, match=f"not set: {name}. Make an app"):
        connect(token_file=tmp_path / "token.json")
    assert not (tmp_path / "token.json").exists()


def test_a_place_where_no_token_can_be_kept(server, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ServiceError, match="token cannot be kept in"):
        connect(token_file=tmp_path / "file" / "token.json")


def test_without_the_extra_the_message_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "spotipy", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'songscape\[spotify\]'"):
        connect()
