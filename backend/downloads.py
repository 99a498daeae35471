"""Streams a result file as a response; range requests resume a broken download."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from .errors import Problem, Refused
from .records import Artifact

_PIECE: Final = 256 * 1024
_RANGE: Final = re.compile(r"bytes=([0-9]{0,999})-([0-9]{0,999})", re.IGNORECASE)
"""One range of RFC 9110; of several, the whole file is the answer."""
_PARTIAL: Final = 206


class Download(StreamingResponse):
    """Sends an open file, or a part of it, and closes it."""

    def __init__(self, artifact: Artifact, descriptor: int, wanted: Headers) -> None:
        """Answer a request with some headers; the descriptor is of the artifact.

        Raises:
            Refused: the range has no byte of the file.

        """
        etag = _etag(artifact)
        part = None
        if wanted.get("if-range", etag) == etag:  # else it has another file, and needs all of this
            part = _part(wanted.get("range", "").strip(), artifact.bytes)
        first, last = part or (0, artifact.bytes - 1)
        headers = {
            "Accept-Ranges": "bytes",
            "Content-Length": str(last - first + 1),
            "ETag": etag,
        }
        if part:
            headers["Content-Range"] = f"bytes {first}-{last}/{artifact.bytes}"
        self._descriptor = descriptor
        pieces = self._pieces(first, last + 1)
        status = _PARTIAL if part else 200
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
                raise OSError("the file was truncated while it was being sent")
            place += len(piece)
            yield piece


async def _nothing() -> AsyncIterator[bytes]:
    yield b""


def unchanged(artifact: Artifact, wanted: Headers) -> Response | None:
    """Return what answers a request whose sender has the file already; None if it has not."""
    etag = _etag(artifact)
    known = [each.strip().removeprefix("W/") for each in wanted.get("if-none-match", "").split(",")]
    return Response(status_code=304, headers={"ETag": etag}) if {etag, "*"} & {*known} else None


def _etag(artifact: Artifact) -> str:
    return f'"{artifact.sha256}"'


def _part(wanted: str, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte of a range; None for what RFC 9110 ignores.

    Raises:
        Refused: the file has no byte of it.

    """
    parts = _RANGE.fullmatch(wanted)
    if parts is None or not (parts[1] or parts[2]) or not size:
        return None
    if not parts[1]:
        count = int(parts[2])
        if count:
            return max(size - count, 0), size - 1
        raise _unsatisfiable("the range is empty", size)
    first, last = int(parts[1]), int(parts[2] or size)
    if first > last and parts[2]:
        return None
    if first >= size:
        raise _unsatisfiable(
            f"the range begins after the end of the file, which has {size:,} bytes", size
        )
    return first, min(last, size - 1)


def _unsatisfiable(message: str, size: int) -> Refused:
    return Refused(Problem("invalid_range", message), headers={"Content-Range": f"bytes */{size}"})
