"""A file of a result as an answer: in pieces, from wherever a broken download goes on."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from .errors import refuse
from .records import Artifact

_PIECE: Final = 256 * 1024
_RANGE: Final = re.compile(r"bytes=([0-9]{1,18})-([0-9]{0,18})")
_PARTIAL: Final = 206


class Download(StreamingResponse):
    """Sends an open file, or a part of it, and closes it."""

    def __init__(self, artifact: Artifact, descriptor: int, wanted: Headers) -> None:
        """Answer a request with some headers; the descriptor is of the artifact.

        Raises:
            Refused: the range begins after the end.

        """
        etag = f'"{artifact.sha256}"'
        parts = _RANGE.fullmatch(wanted.get("range", "").strip())
        if wanted.get("if-range", etag) != etag:  # it has another file, and needs all of this one
            parts = None
        first, last = 0, artifact.bytes - 1
        if parts:
            first, last = int(parts[1]), min(int(parts[2] or last), last)
            if first > last:
                message = f"the file has {artifact.bytes:,} bytes, and none from {first:,} on"
                raise refuse("invalid_range", message)
        headers = {
            "Accept-Ranges": "bytes",
            "Content-Length": str(last - first + 1),
            "ETag": etag,
        }
        if parts:
            headers["Content-Range"] = f"bytes {first}-{last}/{artifact.bytes}"
        self._descriptor = descriptor
        pieces = self._pieces(first, last + 1)
        status = _PARTIAL if parts else 200
        super().__init__(pieces, status, headers, media_type="application/octet-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; for HEAD, only what it is."""
        if scope["method"] == "HEAD":
            self.body_iterator = _nothing()
        try:
            await super().__call__(scope, receive, send)
        finally:
            os.close(self._descriptor)

    async def _pieces(self, place: int, end: int) -> AsyncIterator[bytes]:
        while place < end:
            size = min(_PIECE, end - place)
            piece = await asyncio.to_thread(os.pread, self._descriptor, size, place)
            if not piece:
                raise OSError("the file became shorter while it was sent")
            place += len(piece)
            yield piece


async def _nothing() -> AsyncIterator[bytes]:
    yield b""
