"""The body of a request: read in pieces, and bounded in time, size and content."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, ParamSpec, TypeVar

from starlette.requests import Request

from ..payloads import LARGEST, UnreadableError, decoded, parsed
from .errors import Refused, refuse

PATIENCE: Final = 30.0
"""Seconds without a byte after which a body is given up."""

MOST_VALUES: Final = 100_000
"""Values in a JSON body: a payload that people review has some dozens."""

_WHOLE: Final = 60.0
"""Seconds for all of a JSON body."""

_SMALL: Final = 16 * 1024
"""Bytes of JSON that are parsed and checked in a few milliseconds."""

_LARGE_AT_ONCE: Final = 4
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[,\[{]', re.DOTALL)
_SEPARATORS: Final = (b",", b"[", b"{")

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def pieces(request: Request) -> AsyncIterator[bytes]:
    """Yield the body as it arrives.

    Raises:
        Refused: nothing has arrived for too long.
        ClientDisconnect: the client has closed the connection.

    """
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(PATIENCE):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise _late(PATIENCE) from None
        if piece:
            yield piece


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON body: its value, and whether it is so large that work on it takes a while."""

    value: Any
    large: bool


class Bodies:
    """Reads JSON bodies, and does the work on large ones in a thread of their own.

    So the event loop answers others meanwhile, and so few large bodies are in memory at once
    that they cannot fill it.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "large bodies")
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)

    async def read(self, request: Request) -> Body:
        """Return the JSON body of a request, as plain values that JSON can carry unchanged.

        Raises:
            Refused: it is late, too large, or not JSON.
            ClientDisconnect: the client has closed the connection.

        """
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > LARGEST:
            raise _too_large()
        body = bytearray()
        stream = pieces(request)
        try:
            async with asyncio.timeout(_WHOLE):
                async for piece in stream:
                    body += piece
                    if len(body) > _SMALL:
                        async with self._large:
                            return await self._read_large(body, stream)
        except TimeoutError:
            raise _late(_WHOLE) from None
        return Body(_value(bytes(body)), large=False)

    async def _read_large(self, body: bytearray, stream: AsyncIterator[bytes]) -> Body:
        async for piece in stream:
            body += piece
            if len(body) > LARGEST:
                raise _too_large()
        return Body(await self._in_thread(_value, bytes(body)), large=True)

    async def run(
        self, body: Body, function: Callable[_P, _T], *args: _P.args, **options: _P.kwargs
    ) -> _T:
        """Call a function that works on a body, in a thread."""
        call = self._in_thread if body.large else asyncio.to_thread
        return await call(function, *args, **options)

    async def _in_thread(
        self, function: Callable[_P, _T], *args: _P.args, **options: _P.kwargs
    ) -> _T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: function(*args, **options))


def _value(body: bytes) -> Any:
    if sum(map(body.count, _SEPARATORS)) > MOST_VALUES and _values(body) > MOST_VALUES:
        message = f"the body has more than {MOST_VALUES:,} values"
        raise refuse("body_too_large", message)
    try:
        return parsed(decoded(body))
    except UnreadableError as error:
        raise refuse("invalid_json", f"the body is not valid JSON: {error.reason}") from None


def _values(body: bytes) -> int:
    """Return about how many values a JSON text has, without making them.

    It stops soon after there are too many; a text that is not JSON may have many strings and
    nothing between them.
    """
    found = strings = 0
    for token in _TOKEN.finditer(body):
        if body[token.start()] == ord('"'):
            strings += 1
        else:
            found += 1
        if found > MOST_VALUES or strings > 2 * MOST_VALUES + 1:
            return MOST_VALUES + 1
    return found


def _too_large() -> Refused:
    return refuse("body_too_large", f"the body is larger than {LARGEST // 1024**2} MiB")


def _late(seconds: float) -> Refused:
    message = f"the rest of the body did not arrive within {seconds:.0f} seconds"
    return refuse("request_timeout", message)


def canonical(value: Any) -> bytes:
    """Return the one JSON text of a value, whatever the order of its keys.

    Raises:
        ValueError: it holds a number or a character that JSON cannot carry.

    """
    text = json.dumps(value, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return text.encode()
