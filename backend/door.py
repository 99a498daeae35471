"""The door of the server: which host a request names, whose key it carries, what goes out.

Every answer, the page's too, leaves with headers that keep a browser from doing more than
the page needs.
"""

from collections.abc import Callable, Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import keys
from .errors import error_body, refuse

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Door:
    """Turns away requests for other hosts, and puts the headers on every answer.

    A page of another site can make a browser send requests to 127.0.0.1 under the site's own
    name (DNS rebinding). A server on a loopback address therefore answers to its names alone.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        """Stand before an app that listens on a host."""
        self._app = app
        self._names = LOOPBACK | {host} if host in LOOPBACK else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        host = _name(Headers(scope=scope).get("host", ""))
        if self._names is not None and host not in self._names:
            from starlette.responses import JSONResponse

            refused = refuse("invalid_host", f"this server is not `{host}`")
            answer = JSONResponse(error_body(refused.problems), refused.status)
            await answer(scope, receive, sending)
            return
        await self._app(scope, receive, sending)


def _name(host: str) -> str:
    """Return the name of a Host header without its port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def owner(request: Request, known: Callable[[], Sequence[str]]) -> str:
    """Return whose key a request carries.

    Raises:
        Refused: there is none, or a wrong one.

    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise refuse("missing_key", "the request has no `Authorization: Bearer KEY` header")
    found = keys.owner(key.strip(), known())
    if found is None:
        raise refuse("invalid_key", "the key is none of this server's")
    return found
