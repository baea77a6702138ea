"""The program that listens on the loopback interface and answers."""

from __future__ import annotations

import json
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from ptx_followup.errors import PtxError, UsageError
from ptx_followup.review.addresses import Addresses, Answer, Asked, File, Handler
from ptx_followup.review.guard import Guard, TooLargeError
from ptx_followup.review.refusal import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from ptx_followup.review.session import Session

LOOPBACK = "127.0.0.1"
#: Requests that are answered at a time; a page asks for a dozen at most.
_AT_ONCE = 64
#: Bytes that a request's head may have.
_HEAD_BYTES = 16_384


class Server:
    """The server of one session.

    Args:
        session: The cases.
        token: Without which nothing is answered.
        port: To listen on; 0 for any that is free.

    Raises:
        UsageError: The port is taken.
    """

    def __init__(self, session: Session, token: str, port: int = 0) -> None:
        import uvicorn

        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((LOOPBACK, port))
            self._socket.listen()  # whoever asks before `run` waits for it
        except (OSError, OverflowError):
            self._socket.close()
            raise UsageError(f"port {port} cannot be listened on", "give another with --port") from None
        host = f"{LOOPBACK}:{self._socket.getsockname()[1]}"
        self.address = f"http://{host}/{token}/"
        self._session = session
        app = Guard(_application(Addresses(session, self.stop)), token, host)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,  # addresses hold the token, and errors may quote anything
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=_AT_ONCE,
                h11_max_incomplete_event_size=_HEAD_BYTES,
                timeout_graceful_shutdown=2,
            )
        )

    def run(self) -> None:
        """Answer until told to stop, or by Ctrl-C."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._session.close()

    def stop(self) -> None:
        """End `run` soon."""
        self._server.should_exit = True


def _application(addresses: Addresses) -> ASGIApp:
    from starlette.applications import Starlette
    from starlette.routing import Route

    routes = [Route(path, _served(one), methods=["GET"]) for path, one in addresses.get.items()]
    routes += [Route(path, _served(one), methods=["POST"]) for path, one in addresses.post.items()]
    app = Starlette(routes=routes, exception_handlers={404: _nothing, 405: _nothing})
    app.router.redirect_slashes = False
    return app


def _served(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that answers in a thread of its own."""

    async def endpoint(request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import Response

        try:
            asked = Asked(request.path_params, _body(await request.body()))
            return _response(await run_in_threadpool(handler, asked))
        except TooLargeError:
            return Response(status_code=413)
        except Refusal as refusal:
            return _json(refusal.answer, refusal.status)
        except PtxError as error:
            return _json({"problem": error.problem, "hint": error.hint}, 422)

    return endpoint


def _body(content: bytes) -> dict[str, Any]:
    """The object in a request's body; {} where it has none.

    Raises:
        Refusal: It is no JSON object.
    """
    if not content:
        return {}
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "the request holds no JSON object", "reload the page")
    return body


def _response(answer: Answer) -> Response:
    from starlette.responses import Response

    if not isinstance(answer, File):
        return _json(answer, 200)
    headers = {"Content-Encoding": "gzip"} if answer.gzipped else {}
    return Response(answer.content, media_type=answer.media_type, headers=headers)


def _json(answer: dict[str, Any], status: int) -> Response:
    from starlette.responses import Response

    content = json.dumps(answer, allow_nan=False).encode()
    return Response(content, status, media_type="application/json")


async def _nothing(request: Request, error: Exception) -> Response:
    from starlette.responses import Response

    return Response(status_code=404)
