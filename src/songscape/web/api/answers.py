"""Bytes that go out: JSON, gzip where it is taken, and an ETag that spares sending what a client has."""

import gzip
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from starlette.requests import Request
from starlette.responses import Response

JSON = "application/json"
BINARY = "application/octet-stream"

_SMALLEST = 1024  # bytes: below, gzip gains nothing
_QUICK, _SMALL = 1, 6  # levels of gzip for what is made at each request, and for what is made once


def json_bytes(data: Any) -> bytes:
    """Return plain data as JSON in UTF-8; halves of characters, which no UTF-8 can hold, become question marks.

    Examples
    --------
    >>> json_bytes({"title": "Ёлка"}).decode()
    '{"title":"Ёлка"}'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """An answer that stays the same while the server runs: its bytes, also packed, and its tag.

    Attributes
    ----------
    body, packed : bytes
        As it is, and gzipped (the same where that gains nothing).
    tag : str
        ETag; a weak one, since it stands for the packed bytes too.
    media_type : str
    """

    body: bytes
    packed: bytes
    tag: str
    media_type: str

    @classmethod
    def of(cls, body: bytes, media_type: str = JSON, *, level: int = _SMALL) -> Self:
        """Return bytes ready to be sent; with `level` 0 they are never packed."""
        packed = gzip.compress(body, level, mtime=0) if level and len(body) >= _SMALLEST else body
        tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        return cls(body, packed if len(packed) < len(body) else body, tag, media_type)

    def answer(self, request: Request) -> Response:
        """Return the response to a request: 304 without a body where the client has it already."""
        headers = {"ETag": self.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if _has(request.headers.getlist("if-none-match"), self.tag):
            return Response(status_code=304, headers=headers)
        return _packed_response(request, self.body, self.packed, self.media_type, headers)


def fresh(request: Request, data: Any) -> Response:
    """Return the response to a GET whose answer is made anew, with its ETag."""
    body = json_bytes(data)
    return Kept.of(body, level=_QUICK if takes_gzip(request) else 0).answer(request)


def made(request: Request, data: Any) -> Response:
    """Return the response to a POST; nobody keeps it."""
    body = json_bytes(data)
    packed = gzip.compress(body, _QUICK, mtime=0) if len(body) >= _SMALLEST and takes_gzip(request) else body
    return _packed_response(request, body, packed, JSON, {"Cache-Control": "no-store", "Vary": "Accept-Encoding"})


def takes_gzip(request: Request) -> bool:
    """Tell whether the client unpacks gzip.

    Examples
    --------
    >>> def asked(value: str) -> bool:
    ...     return takes_gzip(Request({"type": "http", "headers": [(b"accept-encoding", value.encode())]}))
    >>> [asked(value) for value in ("br, gzip", "gzip;q=0.5", "gzip; q=0", "identity", "*")]
    [True, True, False, False, True]
    """
    weights = {}
    for part in _parts(request.headers.getlist("accept-encoding")):
        name, _, weight = part.lower().partition(";")
        weights[name.strip()] = weight.replace(" ", "")
    asked = weights.get("gzip", weights.get("*", "q=0"))
    return not (asked.startswith("q=0") and not asked.removeprefix("q=").strip("0."))


def _packed_response(
    request: Request, body: bytes, packed: bytes, media_type: str, headers: dict[str, str]
) -> Response:
    if packed is not body and takes_gzip(request):
        return Response(packed, media_type=media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(body, media_type=media_type, headers=headers)


def _has(told: Iterable[str], tag: str) -> bool:
    """Tell whether ``If-None-Match`` names a tag; weak and strong ones count the same here."""
    return any(part == "*" or part.removeprefix("W/") == tag.removeprefix("W/") for part in _parts(told))


def _parts(values: Iterable[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]
