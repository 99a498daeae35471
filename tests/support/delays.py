"""A proxy before the backend that holds each answer back, for a while or until it is told."""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

Delay = Callable[[str], float]


def random_delays(seed: int, longest: float) -> Delay:
    """Return delays of the API's answers that are drawn anew for each; files come at once."""
    drawn = random.Random(seed)
    return lambda path: drawn.uniform(0, longest) if path.startswith("/api/") else 0


class Proxy:
    """What has passed: the paths asked for, and how many were under way at once.

    Attributes:
        address: where it listens.
        paths: of all requests that the server has answered, in order.
        most: the largest number of requests of one kind (``kind``) under way at once.

    """

    def __init__(self, address: str, delay: Delay) -> None:
        """Stand before a server."""
        self._target = urlsplit(address)
        self._delay = delay
        self._under_way: dict[str, int] = {}
        self.address = ""
        self.paths: list[str] = []
        self.most: dict[str, int] = {}

    @staticmethod
    def kind(path: str) -> str:
        """Return the view that a request belongs to: the list, a job, or a file of the page."""
        if not path.startswith("/api/"):
            return "file"
        return "job" if "/jobs/" in path else "list"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one request on; each has a connection of its own."""
        try:
            await self._pass(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the browser opens connections ahead of need, and leaves those that it gives up
        except asyncio.CancelledError:
            pass  # the proxy ends; asyncio would log it for each connection
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].decode()
        kind = self.kind(path)
        self._under_way[kind] = self._under_way.get(kind, 0) + 1
        self.most[kind] = max(self.most.get(kind, 0), self._under_way[kind])
        gone = asyncio.ensure_future(reader.read())
        try:
            answer = await self._answer(head)
            self.paths.append(path)
            await asyncio.wait([gone], timeout=self._delay(path))
            if not gone.done():
                writer.write(answer)
                await writer.drain()
        finally:
            self._under_way[kind] -= 1
            gone.cancel()

    async def _answer(self, head: bytes) -> bytes:
        first, *fields = head.rstrip(b"\r\n").split(b"\r\n")
        kept = [field for field in fields if not field.lower().startswith(b"connection:")]
        reader, writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        try:
            writer.write(b"\r\n".join([first, *kept, b"Connection: close", b"", b""]))
            return await reader.read()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@contextmanager
def delaying(address: str, delay: Delay) -> Iterator[Proxy]:
    """Run a proxy before a server."""
    proxy = Proxy(address, delay)
    listening, loops = threading.Event(), []
    ended = asyncio.Event()

    async def listen() -> None:
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
        proxy.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        loops.append(asyncio.get_running_loop())
        listening.set()
        await ended.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(listen()))  # it cancels what is left
    thread.start()
    listening.wait()
    try:
        yield proxy
    finally:
        loops[0].call_soon_threadsafe(ended.set)
        thread.join()
