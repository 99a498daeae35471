"""The bytes of a request: read piece by piece, with an end to patience and to size."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request

from ..payloads import LARGEST, UnreadableError, decoded, parsed
from .errors import refuse

PATIENCE: Final = 30.0
"""Seconds without a byte after which a body is given up."""

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
        if len(body) > LARGEST:
            message = f"the body is larger than {LARGEST // 1024**2} MiB"
            raise refuse("body_too_large", message)
    try:
        return parsed(decoded(bytes(body)))
    except UnreadableError as error:
        raise refuse("invalid_json", f"the body is no JSON: {error.reason}") from None


def canonical(value: Any) -> bytes:
    """Return the one text of a value, whatever the order of its keys.

    Raises:
        ValueError: it holds a number or a character that JSON cannot carry.

    """
    text = json.dumps(value, sort_keys=True, allow_nan=False, ensure_ascii=False)
    return text.encode()
