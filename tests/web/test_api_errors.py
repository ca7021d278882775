"""What goes wrong comes in one shape, with the right status, and tells nothing that it should not."""

import json

import pytest
from starlette.testclient import TestClient

from songscape.playlist.request import JourneyRequest, PlaylistRequest
from songscape.web.api.bodies import MAX_TRACKS, JourneyBody, OrderBody, PlaylistBody
from songscape.web.api.engine import Engine
from songscape.web.api.errors import BusyError
from songscape.web.api.guards import MAX_BODY, Hosts
from songscape.web.api.workers import Workers
from songscape.web.app import make_app


def problem(answer, status, code):
    """The error of an answer, which is in the one shape."""
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"code", "message", "details"}
    assert answer.json()["error"]["message"]
    return answer.json()["error"]


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/api", "/api/", "/api/nothing", "/api/track", "/api/tracks/", "/docs", "/redoc", "/openapi.json"],
)
def test_an_unknown_address(client, path):
    problem(client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        "/run.json", "/atlas/run.json", "/../pyproject.toml", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
        "/static/../app.py", "//etc/passwd", "/main.js/../../page.py", "/\\..\\..\\etc", "/main.js%00.css",
        "/__init__.py",
    ],
)  # fmt: skip
def test_no_address_leads_to_the_disk(client, path):
    problem(client.get(path), 404, "not_found")


def test_rows_that_are_not_there(client):
    for path in ("/api/tracks/700", "/api/neighbors/2147483647"):
        assert "Rows go from 0 to 699" in problem(client.get(path), 404, "not_found")["message"]


@pytest.mark.parametrize("row", ["x", "-1", "1.0", "+1", "1_0", "٣", "1e3", "2147483648", "9" * 5000, "%00", "nan"])
def test_rows_that_are_none(client, row):
    for kind in ("tracks", "neighbors"):
        assert (
            problem(client.get(f"/api/{kind}/{row}"), 422, "invalid")["details"]["problems"][0]["where"] == "path.row"
        )


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/api/search", "query.q"), ("/api/search?q=", "query.q"), (f"/api/search?q={'x' * 201}", "query.q"),
        ("/api/search?q=a&limit=0", "query.limit"), ("/api/search?q=a&limit=101", "query.limit"),
        ("/api/search?q=a&limit=1.5", "query.limit"), ("/api/search?q=a&lmit=5", "query.lmit"),
        ("/api/neighbors/1?n=0", "query.n"), ("/api/neighbors/1?n=a", "query.n"), ("/api/neighbors/1?k=3", "query.k"),
    ],
)  # fmt: skip
def test_queries_that_do_not_fit(client, path, where):
    assert problem(client.get(path), 422, "invalid")["details"]["problems"][0]["where"] == where


@pytest.mark.parametrize("method", ["put", "delete", "patch", "post", "options"])
def test_a_wrong_method(client, method):
    answer = getattr(client, method)("/api/atlas")
    problem(answer, 405, "method")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"length": "3"}, "body.length"), ({"length": 0}, "body.length"), ({"length": MAX_TRACKS + 1}, "body.length"),
        ({"length": True}, "body.length"), ({"length": 2.5}, "body.length"), ({"variety": 1.5}, "body.variety"),
        ({"like": "row:1"}, "body.like"), ({"like": {"row:1": -1}}, "body.like.row:1"),
        ({"like": [""]}, "body.like.0"),
        ({"like": ["row:1"] * 501}, "body.like"), ({"like": ["x" * 501]}, "body.like.0"),
        ({"lenght": 3}, "body.lenght"), ({"like_files": ["/etc/passwd"]}, "body.like_files"),
        ({"learned": "/etc/passwd"}, "body.learned"), ({"target": {"energy": 2}}, "body.target.energy"),
        ({"target": {"fun": 1}}, "body.target.fun"), ({"arc": {"energy": "up"}}, "body.arc.energy"),
        ({"arc": {"tempo": [1, 2]}}, "body.arc.tempo.0"), ({"places": {"0": "row:1"}}, "body.places.0"),
        ({"years": [1990]}, "body.years"), ({"years": "1990-"}, "body.years"),
        ({"explicit": "maybe"}, "body.explicit"),
        ({"where": "x" * 2001}, "body.where"), ([], "body"), ("text", "body"), (None, "body"), (3, "body"),
    ],
)  # fmt: skip
def test_bodies_that_do_not_fit(client, body, where):
    error = problem(client.post("/api/playlists", content=json.dumps(body), headers=JSON), 422, "invalid")
    assert where in [one["where"] for one in error["details"]["problems"]]


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "text", ['{"variety": NaN}', '{"variety": 1e999}', '{"like": ["\\ud800"]}', "{", "", "nul", "\xff"]
)
def test_bodies_that_are_no_json(client, text):
    answer = client.post("/api/playlists", content=text.encode("latin-1"), headers=JSON)
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code, "invalid" if answer.status_code == 422 else "bad_request")


def test_deep_and_long_json(client):
    for text in ("[" * 100_000, '{"length": ' + "9" * 5000 + "}"):
        answer = client.post("/api/playlists", content=text, headers=JSON)
        assert answer.status_code in (400, 422)
        problem(answer, answer.status_code, answer.json()["error"]["code"])


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_is_not_said_to_be_json(client, kind):
    """What a form on another site can send without asking is refused."""
    problem(
        client.post("/api/playlists", content='{"like":["row:1"]}', headers={"Content-Type": kind}), 415, "not_json"
    )


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "Nothing was asked for"),
        ({"where": "year >"}, "In the filter"),
        ({"where": "(" * 1900}, "levels"),
        ({"where": "yaer > 3"}, "yaer"),
        ({"years": [1999, 1990]}, "ends at 1990"),
        ({"like": [" "]}, "not empty"),
        ({"length": 3, "minutes": 10}, "Both"),
        ({"length": 3, "places": {"9": "row:1"}}, "no place 9"),
        ({"like": ["row:1"], "weights": {"nothing": 2}}, "nothing"),
    ],
)
def test_what_fits_and_means_nothing(client, body, told):
    assert told in problem(client.post("/api/playlists", json=body), 400, "parameter")["message"]


def test_names_that_are_not_there_come_with_suggestions(client, engine):
    name = engine._library.finder.name(300)
    error = problem(client.post("/api/playlists", json={"like": [f"{name[:-4]}zzzzzzzz"]}), 404, "not_found")
    assert name in error["details"]["suggestions"]
    problem(client.post("/api/journeys", json={"start": "row:1", "end": "row:700"}), 404, "not_found")
    problem(client.post("/api/reorder", json={"tracks": ["nobody - nothing at all"]}), 404, "not_found")
    problem(client.post("/api/playlists", json={"groups": ["coarse:99"]}), 404, "not_found")


def test_limits_that_clash(client):
    problem(client.post("/api/playlists", json={"where": "year > 2090"}), 409, "limits")
    told = {"like": ["row:1"], "where": "year > 2000", "length": 500}
    error = problem(client.post("/api/playlists", json=told), 409, "limits")
    assert 0 < error["details"]["possible"] < error["details"]["wished"] == 500 < error["details"]["songs"] < 700
    assert f"{error['details']['possible']} of the 500 wished" in error["message"]


def test_a_body_that_is_too_large(client):
    large = b'{"like": ["' + b"x" * MAX_BODY + b'"]}'
    assert problem(client.post("/api/playlists", content=large, headers=JSON), 413, "too_large")["details"] == {
        "max_bytes": MAX_BODY
    }
    pieces = (large[start : start + 65_536] for start in range(0, len(large), 65_536))  # no length is told
    problem(client.post("/api/playlists", content=pieces, headers=JSON), 413, "too_large")
    longest = json.dumps({"tracks": [f"{'ÄÖÜ' * 100}{number}" for number in range(MAX_TRACKS)]}, ensure_ascii=False)
    assert client.post("/api/reorder", content=longest.encode(), headers=JSON).status_code == 404


@pytest.mark.parametrize("told", ["x", "-1", "9" * 5000])
def test_a_length_that_is_none(client, told):
    problem(client.get("/api/atlas", headers={"Content-Length": told}), 413, "too_large")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "10.0.0.7", "", "[::1", "a:b:c"]
)
def test_another_host_is_refused(client, host):
    answer = client.get("/api/atlas", headers={"Host": host})
    problem(answer, 421, "host")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9", "127.0.0.1:8000", "[::1]:8000", "localhost."])
def test_own_names_are_answered(client, host):
    assert client.get("/api/atlas", headers={"Host": host}).status_code == 200


def test_open_to_the_network_addresses_in_digits_are_answered():
    hosts = Hosts("0.0.0.0")
    assert all(hosts.allow(name) for name in ("192.168.1.5:8000", "[fe80::1]:8000", "localhost"))
    assert not any(hosts.allow(name) for name in ("evil.example", "0.0.0.0.evil.example", None, ":8000"))
    assert Hosts("192.168.1.5").allow("192.168.1.5:8000")
    assert not Hosts("192.168.1.5").allow("192.168.1.6:8000")


def test_a_fault_tells_nothing_of_itself(atlas, monkeypatch):
    engine = Engine(atlas)
    monkeypatch.setattr(Engine, "track", lambda *_: 1 / 0)
    app = make_app(engine, Hosts("127.0.0.1"))
    answer = TestClient(app, base_url="http://localhost", raise_server_exceptions=False).get("/api/tracks/1")
    assert "division" not in problem(answer, 500, "internal")["message"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_bodies_have_the_fields_of_the_requests():
    """A field that is declared for the command line is here as well, unless it names a file of the machine."""
    assert set(PlaylistRequest.model_fields) - set(PlaylistBody.model_fields) == {"like_files", "learned"}
    assert set(JourneyRequest.model_fields) == set(JourneyBody.model_fields)
    assert set(OrderBody.model_fields) < set(PlaylistRequest.model_fields)
    for body, request in ((PlaylistBody, PlaylistRequest), (JourneyBody, JourneyRequest)):
        for name, field in body.model_fields.items():
            assert field.description == request.model_fields[name].description
            assert field.is_required() == request.model_fields[name].is_required()


def test_a_server_with_too_much_to_do_says_when_to_ask_again(client, monkeypatch):
    async def run(*_):
        raise BusyError

    monkeypatch.setattr(Workers, "run", run)
    for answer in (client.get("/api/search?q=a"), client.post("/api/playlists", json={"like": ["row:1"]})):
        problem(answer, 503, "busy")
        assert answer.headers["retry-after"] == "2"
