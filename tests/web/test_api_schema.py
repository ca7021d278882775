"""The OpenAPI document is true: schemathesis sends what it allows and what it forbids, and judges the answers by it.

Statuses tell the two apart: 422 is for what does not fit the document, and for nothing else; what fits may mean
nothing to this atlas, which is 400, 404 or 409.
"""

from collections import Counter

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from songscape.errors import LimitsError
from songscape.web.api.engine import Engine
from songscape.web.api.guards import Hosts
from songscape.web.app import make_app

CONFIG = {
    "generation": {"mode": "all", "deterministic": True, "max-examples": 12},
    "phases": {"stateful": {"enabled": False}},
    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "400", "404", "409"]}},
}

ROUTES = {
    "/api/atlas": "get", "/api/points": "get", "/api/text": "get", "/api/groups": "get", "/api/tracks/{row}": "get",
    "/api/search": "get", "/api/neighbors/{row}": "get", "/api/playlists": "post", "/api/journeys": "post",
    "/api/reorder": "post", "/api/tracks": "get",
}  # fmt: skip


def judged(engine, where="/api/"):
    """Let schemathesis ask everything; return how often each check was made, and what failed."""
    app = make_app(engine, Hosts("testserver"))  # the name that schemathesis asks for
    document = schemathesis.openapi.from_asgi("/api/openapi.json", app, config=SchemathesisConfig.from_dict(CONFIG))
    document = document.include(path_regex=where)
    made, failed = Counter(), []
    for event in from_schema(document).execute():
        assert not isinstance(event, events.FatalError | events.NonFatalError), vars(event)
        if isinstance(event, events.ScenarioFinished):
            for check in (check for checks in event.recorder.checks.values() for check in checks):
                made[check.name] += 1
                if check.status.name != "SUCCESS":
                    failed.append(f"{event.recorder.label} {check.name}: {check.failure_info.failure}")
    return made, failed


@pytest.mark.slow
def test_answers_are_as_the_document_says(engine):
    made, failed = judged(engine)
    assert failed == []
    for check in ("response_schema_conformance", "positive_data_acceptance", "negative_data_rejection"):
        assert made[check] > 100


@pytest.mark.slow
def test_a_document_that_is_not_true_is_found_out(engine, monkeypatch):
    """The control: an answer with one field less, and a status that the document does not have."""
    whole = Engine.neighbors

    def refuse(*_):
        raise LimitsError("No search meets this.")

    monkeypatch.setattr(Engine, "neighbors", lambda self, row, n: {"row": whole(self, row, n)["row"]})
    monkeypatch.setattr(Engine, "search", refuse)
    failed = "\n".join(judged(engine, "neighbors|search")[1])
    assert "/api/neighbors/{row} response_schema_conformance" in failed
    assert "/api/search status_code_conformance" in failed


def test_the_document_has_every_route_and_no_more(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    assert {path: next(iter(methods)) for path, methods in paths.items()} == ROUTES
    assert all(len(methods) == 1 for methods in paths.values())


def test_every_error_of_the_document_has_the_one_shape(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    for methods in paths.values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if status != "200":
                    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Failure"}


def test_nothing_in_the_document_lies_elsewhere(client):
    assert "://" not in client.get("/api/openapi.json").text
