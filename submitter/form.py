"""A dataset as a multipart form, streamed: whatever its size, a few pieces are in memory.

The last piece is sent only when the digest of all of them is the measured one. So a backend
never has a whole file that nobody reviewed.
"""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable

from .. import datasets
from ..diagnostics import Finding, codes
from .errors import DatasetError, told
from .requests import MEDIA_TYPE, PURPOSE, Source


class Form:
    """One sending of a dataset (RFC 7578)."""

    def __init__(self, source: Source) -> None:
        """Make what stands before and behind the file."""
        self._source = source
        boundary = secrets.token_hex(16)
        name = source.upload_name
        for char in '"\r\n':
            name = name.replace(char, f"%{ord(char):02X}")
        self._before = (
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="purpose"\r\n\r\n'
            f"{PURPOSE}\r\n"
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: {MEDIA_TYPE}\r\n\r\n"
        ).encode("utf-8", "replace")
        self._behind = f"\r\n--{boundary}--\r\n".encode()
        length = len(self._before) + source.bytes + len(self._behind)
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(length),
        }

    async def pieces(
        self, progress: Callable[[int], None] | None, sent: asyncio.Event
    ) -> AsyncIterator[bytes]:
        """Yield the body; tell of progress, and at the end set ``sent``.

        Raises:
            DatasetError: the file is not the one that was measured.

        """
        source = self._source
        digest, done, held = hashlib.sha256(), 0, self._before
        try:
            for piece in datasets.upload_bytes(str(source.path), head=source.head):
                yield held
                digest.update(piece)
                done += len(piece)
                if done > source.bytes:
                    break
                held = piece
                if progress:
                    progress(done)
        except datasets.Unreadable:
            raise self._changed() from None
        if (digest.hexdigest(), done) != (source.sha256, source.bytes):
            raise self._changed()
        yield held + self._behind
        sent.set()

    def _changed(self) -> DatasetError:
        words = {"use": self._source.use, "path": self._source.shown}
        return DatasetError(
            [told(Finding(codes.CHANGED_WHILE_SENT, words=words), self._source.shown)]
        )
