"""The server's process: the socket, the signals, the first line on standard output."""

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Callable
from typing import Final

import uvicorn
from starlette.applications import Starlette

_GRACE: Final = 5
"""Seconds that open connections have when the server stops."""


class _Server(uvicorn.Server):
    """Says when it accepts connections."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises:
        OSError: the address is in use, or none of this machine.

    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    # With the protocol: asyncio turns Nagle off only where it is told that this is TCP, and each
    # answer would wait 40 ms for an acknowledgement.
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


def serve(app: Starlette, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are answered, work is put down.

    Args:
        app: what to serve.
        listening: a bound socket.
        ready: is called when connections are accepted.

    """
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s: %(message)s", level="WARNING")
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        ws="none",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=_GRACE,
    )
    # uvicorn sends itself the signal again when it has stopped: then there is only the exit.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        asyncio.run(_Server(config, ready).serve(sockets=[listening]))
    except KeyboardInterrupt:
        return
