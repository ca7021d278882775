"""What goes wrong, in one shape: ``{"error": {"code", "message", "details"}}``, whatever the status.

| status | code | when |
| --- | --- | --- |
| 400 | ``parameter`` | it fits the OpenAPI document, and still means nothing here: a filter that cannot be read |
| 404 | ``not_found`` | no such address, track, artist or group; ``details.suggestions`` may say what was meant |
| 405 | ``method`` | the address is there, for another method |
| 408, 413 | ``too_slow``, ``too_large`` | the body took too long, or is too large |
| 409 | ``limits`` | limits of a playlist that no list of songs can meet; ``details`` has the numbers |
| 415 | ``not_json`` | the body is not said to be JSON |
| 421 | ``host`` | the server does not answer under that name |
| 422 | ``invalid`` | it does not fit the OpenAPI document; ``details.problems`` says where |
| 500 | ``internal`` | a fault of the server |
| 503 | ``atlas`` | the files of the atlas were replaced or damaged since the server opened them: start it anew |
| 503 | ``busy`` | too much to do at this moment; ``Retry-After`` says when to ask again |
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from songscape.errors import AtlasError, InputError, LimitsError, NotFoundError, ParameterError, SongscapeError
from songscape.web.api.answers import JSON, json_bytes

_MOST_PROBLEMS = 20
_CODES = {400: "bad_request", 404: "not_found", 405: "method"}
_STATUS: tuple[tuple[type[SongscapeError], int, str], ...] = (
    (NotFoundError, 404, "not_found"),
    (LimitsError, 409, "limits"),
    (ParameterError, 400, "parameter"),
    (InputError, 400, "parameter"),
    (AtlasError, 503, "atlas"),
)


class Problem(BaseModel):
    """What went wrong."""

    code: str
    message: str
    details: dict[str, Any] | None


class Failure(BaseModel):
    """The one shape of errors."""

    error: Problem


class BusyError(Exception):
    """The server has too much to do at this moment."""


def error_response(
    status: int,
    code: str,
    message: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error as a response."""
    body = json_bytes({"error": {"code": code, "message": message, "details": details}})
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, JSON)


def told(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the errors of a route for the OpenAPI document."""
    return {status: {"model": Failure, "description": HTTPStatus(status).phrase} for status in statuses}


def add_error_handlers(app: FastAPI) -> None:
    """Let an app answer in the one shape whatever goes wrong."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(SongscapeError, _meant)
    app.add_exception_handler(BusyError, _busy)
    app.add_exception_handler(Exception, _fault)


def _refused(request: Request, error: Exception) -> Response:
    """Answer what the router refuses: an unknown address, a wrong method, a body that cannot be read."""
    error = cast(HTTPException, error)
    messages = {
        404: "There is nothing at this address. The addresses are listed in /api/openapi.json.",
        405: f"{request.method} does not go here.",
        400: "The body cannot be read as JSON.",
    }
    message = messages.get(error.status_code, error.detail)
    return error_response(error.status_code, _CODES.get(error.status_code, "refused"), message, headers=error.headers)


def _invalid(request: Request, error: Exception) -> Response:
    """Answer what does not fit the OpenAPI document: where, and what would."""
    error = cast(RequestValidationError, error)
    if request.method == "POST" and not _is_json(request):
        return error_response(415, "not_json", "The body must be JSON. Send it with Content-Type: application/json.")
    problems = [{"where": _where(one["loc"]), "message": _sentence(one)} for one in error.errors()]
    shown = problems[:_MOST_PROBLEMS]
    first = f"{shown[0]['where']}: {shown[0]['message']}"
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return error_response(422, "invalid", f"{first}{more}", {"problems": shown})


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == JSON or (kind.startswith("application/") and kind.endswith("+json"))


def _where(place: tuple[int | str, ...]) -> str:
    """Return a place in a request, as in ``body.years.0``, without the names of types that pydantic adds."""
    parts = [str(part) for part in place if not any(mark in str(part) for mark in ("[", "constrained-", "-"))]
    return ".".join(part[:100] for part in parts)


def _sentence(problem: Mapping[str, Any]) -> str:
    return str(problem["msg"]).removeprefix("Value error, ")[:500]


def _meant(request: Request, error: Exception) -> Response:
    """Answer what Songscape raises on purpose with its own sentence."""
    status, code = next(
        ((status, code) for kind, status, code in _STATUS if isinstance(error, kind)), (500, "internal")
    )
    suggestions = list(getattr(error, "suggestions", ()))
    details = {"suggestions": suggestions} if suggestions else dict(getattr(error, "figures", {}))
    return error_response(status, code, str(error), details or None)


def _busy(request: Request, error: Exception) -> Response:
    return error_response(
        503, "busy", "The server has too much to do. Ask again in a moment.", headers={"Retry-After": "2"}
    )


def _fault(request: Request, error: Exception) -> Response:
    """Answer for a fault: nothing of it goes out; it is told on the server's terminal."""
    return error_response(500, "internal", "The server made a mistake. Its terminal tells more.")
