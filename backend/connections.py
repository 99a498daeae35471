"""Connections within bounds: how many, how large a request's head is, how long each may stall.

uvicorn bounds none of these when httptools parses for it. What is refused here never reaches the
app: nothing is read, looked up or logged for it.
"""

import asyncio
import json
from typing import Any, Final, cast

import httptools
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from .errors import CODES, refuse
from .guard import HEADERS

LARGEST_HEAD: Final = 32 * 1024
"""Bytes of all headers of a request."""

_MOST_HEADERS: Final = 100
_LONGEST_TARGET: Final = 8 * 1024
_MOST_PIPELINED: Final = 16
_HEAD_SECONDS: Final = 10.0
_WRITE_SECONDS: Final = 30.0
_LINGER_SECONDS: Final = 5.0
_SPARE: Final = 64


class Room:
    """How many requests and connections a server takes at once.

    Beyond its requests, a server keeps a few more connections open, so that it can say no to a
    request. Beyond those, the connection that has been idle longest makes room for a new one.
    """

    def __init__(self, requests: int) -> None:
        self.requests = requests
        self._open = 0
        self._idle: dict[Connection, None] = {}  # in the order in which they became idle

    def enter(self, connection: "Connection") -> None:
        """Let a new connection in, which is idle until it has sent the head of a request."""
        self._open += 1
        self._idle[connection] = None
        if self._open > self.requests + _SPARE:
            next(iter(self._idle)).drop()

    def begin(self, connection: "Connection") -> None:
        """Note that a connection has a request to answer."""
        self._idle.pop(connection, None)

    def rest(self, connection: "Connection") -> None:
        """Note that a connection is idle."""
        self._idle[connection] = None

    def leave(self, connection: "Connection") -> None:
        """Forget a connection that is closed."""
        self._open -= 1
        self._idle.pop(connection, None)


async def _crowded(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer a request for which there is no room."""
    body, headers = _answer("too_many_connections", "the server is busy; try again in a second")
    headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _answer(code: str, message: str) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    body = json.dumps(refuse(code, message).body()).encode()
    headers = {
        **HEADERS,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    return body, [(name.lower().encode(), value.encode()) for name, value in headers.items()]


class Connection(HttpToolsProtocol):
    """A connection that is closed when it takes more than its share."""

    def __init__(self, room: Room, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._room = room
        self._refusal: tuple[str, str] | None = None
        self._silent = 0  # bytes since the parser last made anything of them
        self._header_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None

    @property
    def _answering(self) -> bool:
        cycle: Any = self.cycle  # None until the first request, which uvicorn's types deny
        return cycle is not None and not cycle.response_complete

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the head of a request."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._room.enter(self)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._room.leave(self)
        self._unset_keepalive_if_required()  # uvicorn leaves it after an error
        for timer in (self._head_timer, self._write_timer, self._linger_timer):
            if timer:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived, if the parser makes something of it."""
        self._silent += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._silent > LARGEST_HEAD:
            self._refuse("header_too_large", "a header, or a chunk header, is incomplete")
            self.send_400_response("")
        elif not self._answering:
            self._expect_head()

    def _expect_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(_HEAD_SECONDS, self._head_is_late)

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self._answering or self.transport.is_closing():
            return
        message = f"the head of the request did not arrive within {_HEAD_SECONDS:.0f} seconds"
        self._refuse("request_timeout", message)
        self.send_400_response("")

    # What the parser finds.

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        super().on_message_begin()
        self._silent = self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the request target."""
        super().on_url(url)
        if len(self.url) > _LONGEST_TARGET:
            message = f"the request target is longer than {_LONGEST_TARGET:,} bytes"
            raise self._refuse("target_too_long", message)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a trailer."""
        self._header_bytes += len(name) + len(value)
        if len(self.headers) >= _MOST_HEADERS or self._header_bytes > LARGEST_HEAD:
            message = f"more than {_MOST_HEADERS} headers, or {LARGEST_HEAD // 1024} KiB of them"
            raise self._refuse("header_too_large", message)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to answer a request, or queue it behind the one before it."""
        if len(self.pipeline) >= _MOST_PIPELINED:
            raise self._refuse("invalid_request", "too many requests are pipelined")
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None
        self._silent = 0
        self._room.begin(self)
        crowded = len(self.tasks) >= self._room.requests
        self.app = cast("Any", _crowded) if crowded else self.config.loaded_app
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._silent = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self._silent = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request, wait for one, or close."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._abort_later()
        elif not self._answering:
            if self.cycle.more_body:  # nobody wants the rest of it, and it may have no end
                self.drop()
            else:
                self._room.rest(self)

    # How it ends.

    def _refuse(self, code: str, message: str) -> httptools.HttpParserError:
        """Choose the answer to what cannot be parsed, and return what stops the parser."""
        self._refusal = self._refusal or (code, message)
        return httptools.HttpParserError(message)

    def send_400_response(self, msg: str) -> None:
        """Say why a request is refused, unless that would fall into another answer; close."""
        code, message = self._refusal or ("invalid_request", msg)
        if not self.pipeline and not (self._answering and self.cycle.response_started):
            body, headers = _answer(code, message)
            lines = [name + b": " + value + b"\r\n" for name, value in headers]
            head = STATUS_LINE[CODES[code].status]
            self.transport.write(b"".join([head, *lines, b"\r\n", body]))
        self.drop()

    def drop(self) -> None:
        """Close the connection, soon even if the client does not read what was sent."""
        self.transport.close()
        self._room.begin(self)  # it is not idle: it is gone
        self._abort_later()

    def _abort_later(self) -> None:
        if self.transport.get_write_buffer_size() and self._linger_timer is None:
            self._linger_timer = self.loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been idle for too long."""
        self.drop()

    def pause_writing(self) -> None:
        """Wait for a client that does not read its answer, but not for ever."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(_WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on writing."""
        super().resume_writing()
        if self._write_timer:
            self._write_timer.cancel()
            self._write_timer = None
