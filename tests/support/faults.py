"""A proxy between a submitter and a backend that fails on command, over real sockets."""

import json
import re
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Literal
from urllib.parse import urlsplit

PASSED = ("Content-Type", "Content-Range", "ETag")
"""Headers of answers that are passed on."""

Action = Literal[
    "answer",  # of its own, and the backend is not asked
    "cut request",  # half of the request reaches the backend, then the connection is reset
    "lose answer",  # the backend does what it is asked, then the connection is reset
    "cut answer",  # half of the answer, then the connection is closed
    "garble answer",  # half of the answer as if it were all
    "trickle answer",  # a byte now and then
    "hold request",  # until the test lets go
    "hold answer",  # the backend does what it is asked, and nobody is told
]


@dataclass
class Fault:
    """What happens to requests whose ``METHOD /path`` matches, that many times."""

    pattern: str
    action: Action
    times: int = 1
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    held: Event = field(default_factory=Event)


class Proxy(ThreadingHTTPServer):
    """Passes requests on, but for the faults."""

    daemon_threads = True

    def __init__(self, backend: str, faults: list[Fault]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.backend = urlsplit(backend)
        self.faults = faults
        self.lock = Lock()
        self.done: list[str] = []
        """Requests that the backend has answered with a success."""
        self.tried: list[str] = []
        self.times: list[float] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def count(self, pattern: str) -> int:
        """Return how many requests that match the backend has answered with a success."""
        return sum(bool(re.fullmatch(pattern, asked)) for asked in self.done)

    def fault(self, asked: str) -> Fault | None:
        """Return the fault that a request meets, and count it."""
        with self.lock:
            self.tried.append(asked)
            self.times.append(time.monotonic())
            for fault in self.faults:
                if fault.times > 0 and re.fullmatch(fault.pattern, asked):
                    fault.times -= 1
                    return fault
        return None

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that are killed leave broken pipes."""


class _Handler(BaseHTTPRequestHandler):
    server: Proxy
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        self.close_connection = True
        asked = f"{self.command} {self.path.removeprefix('/api').partition('?')[0]}"
        fault = self.server.fault(asked)
        action = fault.action if fault else None
        if fault and action == "hold request":
            fault.held.set()
            self.rfile.read(1 << 30)  # until the client has gone
            return
        if fault and action == "answer":
            self._read()
            self._answer(fault.status, fault.headers, json.dumps({"detail": "a fault"}).encode())
            return
        answer = self._forward(cut=action == "cut request")
        if answer and answer[0] < 300:
            self.server.done.append(asked)
        if answer is None or action == "lose answer":
            self._reset()
            return
        status, headers, body = answer
        if fault and action == "hold answer":
            fault.held.set()
            self.rfile.read(1)  # until the client has gone
        elif action == "cut answer":
            self._answer(status, headers, body[: len(body) // 2], length=len(body))
        elif action == "garble answer":
            self._answer(status, headers, body[: len(body) // 2])
        elif action == "trickle answer":
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 10_000:
                self.wfile.write(bytes([byte]))
                time.sleep(0.05)
        else:
            self._answer(status, headers, body)

    def _read(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _forward(self, *, cut: bool) -> tuple[int, dict[str, str], bytes] | None:
        body = self._read()
        where = self.server.backend
        connection = HTTPConnection(str(where.hostname), where.port, timeout=60)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, text in self.headers.items():
            if name != "Connection":
                connection.putheader(name, text if name != "Host" else where.netloc)
        connection.endheaders()
        if cut:
            connection.send(body[: len(body) // 2])
            connection.close()
            return None
        connection.send(body)
        response: HTTPResponse = connection.getresponse()
        headers = {name: response.headers[name] for name in PASSED if name in response.headers}
        answer = response.status, headers, response.read()
        connection.close()
        return answer

    def _answer(
        self, status: int, headers: dict[str, str], body: bytes, length: int | None = None
    ) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        """Close the connection with a reset, as a network does that fails."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def finish(self) -> None:
        with suppress(OSError, ValueError):  # it was reset
            super().finish()

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests' output is theirs."""


@contextmanager
def proxy(backend: str, *faults: Fault) -> Iterator[Proxy]:
    """Run such a proxy on a free port of this machine."""
    with Proxy(backend, list(faults)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
