"""Around every request, the page's too: its host, the rest of its body, the answer's headers."""

import asyncio
import time
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import Refused, refuse
from .hosts import Hosts

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
"""Keep a browser from doing more with an answer than the page needs."""

_UNREAD: Final = 64 * 1024 * 1024
"""Bytes of a refused body that are read."""

_SECONDS: Final = 2.0
"""Seconds for which a refused body is read."""


class Guard:
    """Refuses requests for other hosts, and completes every exchange in good order."""

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        try:
            self._hosts.check(Headers(scope=scope).getlist("host"))
            await self._app(scope, exchange.receive, exchange.send)
        except Refused as refused:
            await _answer(refused, exchange)
        except asyncio.CancelledError:  # the server stops, and this request has taken too long
            if not exchange.started:
                exchange.unread = False  # it may be endless
                await _answer(refuse("stopping", "the server is stopping"), exchange)


async def _answer(refused: Refused, exchange: "_Exchange") -> None:
    answer = JSONResponse(refused.body(), refused.status)
    await answer(exchange.scope, exchange.receive, exchange.send)


class _Exchange:
    """A request and its answer.

    The answer to a request whose body has not been read waits until it has been, within bounds:
    a client that is still sending would otherwise find the connection reset, and never read the
    answer.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.started = False
        self.unread = True
        self._receive = receive
        self._send = send
        self._received = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._received = True
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self.unread = False
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if not await self._read_rest():
                headers["Connection"] = "close"
            self.started = True
        await self._send(message)

    async def _read_rest(self) -> bool:
        """Read what is left of the body; return whether all of it has been read."""
        if not self._received and "expect" in Headers(scope=self.scope):
            return False  # the client waits for the answer before it sends the body
        left = _UNREAD
        deadline = time.monotonic() + _SECONDS
        try:
            while self.unread and left > 0:
                async with asyncio.timeout(deadline - time.monotonic()):
                    left -= len((await self.receive()).get("body", b""))
        except TimeoutError:
            return False
        return not self.unread
