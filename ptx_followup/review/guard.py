"""What stands before every request: token, Host, Origin, size of the body, and the headers of every answer.

The server listens on the loopback interface alone, where any page of any browser and any user of the machine
can still reach it. The token keeps out who was not given the address, Host a name that was rebound to
127.0.0.1, Origin a page of another site; see `docs/security.md`.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Bytes of a request's body: a stroke over a whole film of 8,192 x 8,192 pixels, and anything else.
MOST_STROKE_BYTES, MOST_BYTES = 16_000_000, 64_000

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class TooLargeError(Exception):
    """A body is larger than what was asked for may be."""


class Guard:
    """Lets through requests of the page that was opened with the token, and no other.

    Args:
        app: What serves them; it sees addresses without the token.
        token: In the address, `/TOKEN/...`.
        host: That the Host header must state, with the port.
    """

    def __init__(self, app: ASGIApp, token: str, host: str) -> None:
        self._app = app
        self._token = token.encode()
        self._host = host.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on, one request."""
        if scope["type"] != "http":
            return  # no sockets, and nothing to start
        status, path = self._judge(scope)
        if status != 200:
            await _refuse(send, status)
            return
        most = MOST_STROKE_BYTES if path.endswith("/stroke") else MOST_BYTES
        inner = {**scope, "path": path, "raw_path": path.encode("utf-8", "replace"), "root_path": ""}

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", ()), *own]}
            await send(message)

        if _stated_length(scope) > most:
            await _refuse(send, 413)
            return
        await self._app(inner, _bounded(receive, most), headed)

    def _judge(self, scope: Scope) -> tuple[int, str]:
        """Status of a refusal, or 200, and the address without the token."""
        headers = [(name.lower(), value) for name, value in scope["headers"]]
        if [value for name, value in headers if name == b"host"] != [self._host]:
            return 404, ""
        token, slash, path = scope["path"].removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self._token) or not slash:
            return 404, ""
        known = dict(headers)
        own = b"http://" + self._host
        led_here = path == "" and known.get(b"sec-fetch-mode") == b"navigate"
        if known.get(b"sec-fetch-site", b"none") not in (b"same-origin", b"none") and not led_here:
            return 403, ""
        if scope["method"] == "GET":
            return (200 if known.get(b"origin", own) == own else 403), "/" + path
        if scope["method"] != "POST":
            return 405, ""
        if known.get(b"origin") != own:
            return 403, ""
        if known.get(b"content-type", b"").split(b";")[0].strip() != b"application/json":
            return 415, ""
        return 200, "/" + path


def _stated_length(scope: Scope) -> int:
    """Bytes that the body will have, as its sender says; 0 where that is not said."""
    stated = dict(scope["headers"]).get(b"content-length", b"0")
    return int(stated) if stated.isdigit() else 0


def _bounded(receive: Receive, most: int) -> Receive:
    """Give the parts of a body on as long as they are not too many; then `TooLargeError` is raised."""
    left = most

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLargeError
        return message

    return bounded


async def _refuse(send: Send, status: int) -> None:
    """Answer without a word."""
    headers = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
    headers += [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
