"""The bytes of a request: read piece by piece, with an end to patience and to size."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final, NoReturn

from starlette.requests import ClientDisconnect, Request

from .errors import refuse

PATIENCE: Final = 30.0
"""Seconds without a byte after which a body is given up."""

LARGEST_JSON: Final = 4 * 1024 * 1024
"""Bytes of a JSON body: a payload is some kilobytes."""

_LONGEST_INTEGER: Final = len(str(-(2**63)))
_DRAINED: Final = 64 * 1024 * 1024
_DRAINING: Final = 2.0


async def pieces(request: Request) -> AsyncIterator[bytes]:
    """Yield the body as it arrives.

    Raises:
        Refused: nothing arrives any more.
        ClientDisconnect: the client has gone.

    """
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(PATIENCE):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            message = f"no byte of the body arrived for {PATIENCE:.0f} seconds"
            raise refuse("request_timeout", message) from None
        if piece:
            yield piece


async def drain(request: Request) -> None:
    """Read and forget what is left of a body that is refused, within bounds.

    A client that is still sending would otherwise find the connection reset, and never read
    why it was refused.
    """
    left = _DRAINED
    try:
        async with asyncio.timeout(_DRAINING):
            async for piece in request.stream():
                left -= len(piece)
                if left < 0:
                    return
    except (TimeoutError, ClientDisconnect, RuntimeError):  # RuntimeError: it was all read
        return


async def json_value(request: Request) -> Any:
    """Return the body as plain values that can be written as JSON again.

    Raises:
        Refused: it is too large, or no JSON.

    """
    body = bytearray()
    async for piece in pieces(request):
        body += piece
        if len(body) > LARGEST_JSON:
            message = f"the body is larger than {LARGEST_JSON // 1024**2} MiB"
            raise refuse("body_too_large", message)
    try:
        value = json.loads(body.decode(), parse_int=_integer, parse_constant=_no_constant)
        canonical(value)
    except (ValueError, RecursionError) as error:  # ValueError: Unicode errors, too
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise refuse("invalid_json", f"the body is no JSON: {reason}") from None
    return value


def _integer(text: str) -> int:
    if len(text) > _LONGEST_INTEGER:
        message = "it has an integer beyond 64 bits"
        raise ValueError(message)
    return int(text)


def _no_constant(name: str) -> NoReturn:
    message = f"{name} is no number of JSON"
    raise ValueError(message)


def canonical(value: Any) -> bytes:
    """Return the one text of a value, whatever the order of its keys.

    Raises:
        ValueError: it holds a number or a character that JSON cannot carry.

    """
    text = json.dumps(value, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return text.encode()
