"""The server's process: the socket, the limits, the signals, the first line on standard output."""

import asyncio
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any, Final, cast

import uvicorn
from starlette.types import ASGIApp

from .connections import Connection, Room
from .logs import log_to_stderr

_GRACE: Final = 0.7
"""Seconds in which requests under way are answered when the server stops."""

_RELEASED: Final = 0.05
"""Seconds in which those end whose client did not read the answer."""

_CLEANUP: Final = 0.4
"""Seconds in which the others are answered that they were given up, and clean up."""

_LAST: Final = 1.7
"""Seconds after which the process ends, whatever still runs: what was answered is on the disk."""

_MOST_REQUESTS: Final = 512
_BATCH: Final = 100
_QUEUE: Final = 1024
_OWN_DESCRIPTORS: Final = 64
_THREADS: Final = 32
_FORCED: Final = 130


class _Server(uvicorn.Server):
    """Says when it accepts connections, and stops in less than two seconds."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        threads = ThreadPoolExecutor(_THREADS, "request")
        asyncio.get_running_loop().set_default_executor(threads)
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(_QUEUE)  # asyncio takes the length of the queue for that of a batch
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; at a second Ctrl-C at once."""
        if self.should_exit and sig == signal.SIGINT:
            os._exit(_FORCED)
        if not self.should_exit:
            signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
            signal.setitimer(signal.ITIMER_REAL, _LAST)
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, answer what is under way, give up what takes too long."""
        self._stopping()
        deadline = time.monotonic() + _GRACE + _CLEANUP
        for server in self.servers:
            server.close()
        connections = cast("set[Any]", self.server_state.connections)
        for connection in [*connections]:
            connection.shutdown()
        late = await self._ended(_GRACE)
        for connection in [*connections]:
            if connection.flow.write_paused:  # its client does not read
                connection.transport.abort()
        if late:
            late = await self._ended(_RELEASED)
        for task in late:
            task.cancel()
        await self._ended(_CLEANUP)
        # The last answers are on their way; uvicorn has no event for it.
        while connections and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        for connection in [*connections]:
            connection.transport.abort()
        await super().shutdown(sockets)

    async def _ended(self, seconds: float) -> "set[asyncio.Task[None]]":
        """Wait for the requests under way, and return those that have not ended."""
        tasks = self.server_state.tasks
        return (await asyncio.wait([*tasks], timeout=seconds))[1] if tasks else set()


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises:
        OSError: the address is in use, or does not belong to this machine.

    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    # With the protocol: asyncio turns Nagle's algorithm off only where it knows that this is TCP,
    # and each answer would wait 40 ms for an acknowledgement.
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError:
        listening.close()
        raise
    return listening


def address(host: str, listening: socket.socket) -> str:
    """Return the URL of a socket that listens on a host."""
    port = listening.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(
    app: ASGIApp,
    listening: socket.socket,
    ready: Callable[[], None],
    stopping: Callable[[], None],
) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are answered, work is interrupted.

    Args:
        app: what to serve.
        listening: a bound socket.
        ready: is called when connections are accepted.
        stopping: is called when they are no longer, and must return at once.

    """
    log_to_stderr()
    requests, batch = _limits(_descriptors())
    config = uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", partial(Connection, Room(requests))),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        ws="none",
        backlog=batch,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )
    # uvicorn sends itself the signal again when it has stopped: then there is only the exit.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        asyncio.run(_Server(config, ready, stopping).serve(sockets=[listening]))
    except KeyboardInterrupt:
        return
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)  # Python drops its handlers before it ends


def _descriptors() -> int:
    """Return how many files this process may open, after raising that as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return _MOST_REQUESTS * 4 if soft == resource.RLIM_INFINITY else soft


def _limits(descriptors: int) -> tuple[int, int]:
    """Return how many requests are taken at once, and how many connections are accepted at once.

    A request has its connection, and an upload a file as well. While asyncio accepts a batch of
    connections, two batches before it may wait to be let in or to be closed.
    """
    batch = max(8, min(_BATCH, descriptors // 10))
    requests = (descriptors - _OWN_DESCRIPTORS - 3 * batch) // 2
    return max(8, min(_MOST_REQUESTS, requests)), batch
