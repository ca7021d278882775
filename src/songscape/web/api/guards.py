"""What every request passes before a route sees it, and every answer on its way out.

A request must name a host that this server is known by: a page of another site whose name was made to point at this
machine (DNS rebinding) names that site. Its body must not be larger than allowed, and must come in time. Answers get
headers that forbid the browser everything that the page does not need.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from songscape.web.api.errors import error_response

MAX_BODY = 512 * 1024
"""Most bytes of a request's body: the longest list that may be put in order, with long names, fits."""

_PATIENCE = 20.0  # seconds in which a body must be here
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:/@\s]+))(?::[0-9]{0,5})?")
_ANY = ("0.0.0.0", "::", "")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class Hosts:
    """The names under which a server may be asked for.

    Parameters
    ----------
    host : str
        What the server listens on. Loopback names always count; where it listens on every address, so do the
        machine's own name and addresses in digits, which no foreign site can be rebound from.

    Examples
    --------
    >>> [Hosts("127.0.0.1").allow(name) for name in ("localhost:8000", "[::1]:8000", "evil.example", "10.0.0.7")]
    [True, True, False, False]
    >>> Hosts("0.0.0.0").allow("10.0.0.7:8000"), Hosts("music.local").allow("Music.local.")
    (True, True)
    """

    def __init__(self, host: str) -> None:
        own = host.strip("[]").lower()
        self._digits = own in _ANY
        names = {*_LOOPBACK, own}
        if self._digits:
            names |= {socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"}
        self._names = names - set(_ANY)

    def allow(self, header: str | None) -> bool:
        """Tell whether the value of a ``Host`` header names this server, with any port."""
        name = _name_of(header or "")
        return bool(name) and (name in self._names or (self._digits and _is_address(name)))


def _name_of(header: str) -> str:
    """Return the name in a ``Host`` header in lower case, without port; empty where it is none."""
    found = _HOST.fullmatch(header)
    return (found[1] or found[2]).lower().removesuffix(".") if found else ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """An ASGI app around another one; see the head of this module.

    Parameters
    ----------
    app : ASGI app
    hosts : Hosts
    policy : str
        The content security policy.
    """

    def __init__(self, app: ASGIApp, hosts: Hosts, policy: str) -> None:
        self._app = app
        self._hosts = hosts
        headers = {**_HEADERS, "Content-Security-Policy": policy}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":  # no websockets here; the server has nothing to start or to end
            return

        asks_head = scope["method"] == "HEAD"

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *self._headers]}
            elif asks_head:
                message = {**message, "body": b""}
            await send(message)

        if asks_head:  # is answered as GET, without the body
            scope = {**scope, "method": "GET"}

        named = _values(scope["headers"], b"host")
        if len(named) != 1 or not self._hosts.allow(named[0]):
            refusal = error_response(
                421, "host", "This server does not answer under that name. Open it by the address that it printed."
            )
            await refusal(scope, receive, guarded)
            return
        await self._pass(scope, receive, guarded)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body up to its limit, then let the app answer."""
        told = _values(scope["headers"], b"content-length")
        if any(not length.isdecimal() or int(length[:20]) > MAX_BODY for length in told):
            await _too_large(scope, receive, send)
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                messages = await _body(receive)
        except TimeoutError:
            slow = error_response(
                408, "too_slow", f"The body did not come within {_PATIENCE:g} seconds. Send it again."
            )
            await slow(scope, receive, send)
            return
        if messages is None:
            await _too_large(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, replay, send)


async def _body(receive: Receive) -> list[Message] | None:
    """Return the messages of a body, or None where it is too large."""
    messages: list[Message] = []
    size = 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > MAX_BODY:
            return None
        if message["type"] != "http.request" or not message.get("more_body", False):
            return messages


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    refusal = error_response(
        413,
        "too_large",
        f"The body is larger than {MAX_BODY // 1024} KB. Ask for less at once.",
        {"max_bytes": MAX_BODY},
    )
    await refusal(scope, receive, send)


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key == name]
