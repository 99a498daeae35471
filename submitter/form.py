"""A dataset as a multipart form, streamed: whatever its size, a few pieces are in memory.

The last piece is sent only when the digest of all of them is the measured one. So a backend
never has a whole file that nobody reviewed.
"""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .. import datasets
from ..client import DatasetError, Dialect, diagnosed
from ..diagnostics import Finding, codes

_COMPRESSED: Final = (".gz", ".zst")


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset to upload."""

    use: str  # ``training`` or ``validation``
    shown: str  # its path as the payload, the config or the user names it
    path: Path  # where it is read
    pin: datasets.Pin  # the digest, size and rows of the bytes to upload
    pinned: bool  # whether the payload pins it

    @property
    def upload_name(self) -> str:
        """The file name that the backend is told: what is uploaded is not compressed."""
        path = Path(self.shown)
        return path.stem if path.suffix in _COMPRESSED else path.name


class DatasetForm:
    """A dataset on its way (RFC 7578); it can be sent again."""

    def __init__(self, source: Source, dialect: Dialect) -> None:
        self._source = source
        boundary = secrets.token_hex(16)
        name = source.upload_name
        for char in '"\r\n':
            name = name.replace(char, f"%{ord(char):02X}")
        self._before = (
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="purpose"\r\n\r\n'
            f"{dialect.purpose}\r\n"
            f"--{boundary}\r\n"
            f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: {dialect.media_type}\r\n\r\n"
        ).encode("utf-8", "replace")
        self._behind = f"\r\n--{boundary}--\r\n".encode()
        length = len(self._before) + source.pin.bytes + len(self._behind)
        self.headers: Mapping[str, str] = {
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
        source, pin = self._source, self._source.pin
        digest, done, last = hashlib.sha256(), 0, self._before
        try:
            for piece in datasets.upload_bytes(str(source.path), head=pin.head):
                yield last
                digest.update(piece)
                done += len(piece)
                if done > pin.bytes:
                    break
                last = piece
                if progress:
                    progress(done)
        except datasets.Unreadable:
            done = -1
        if (digest.hexdigest(), done) != (pin.sha256, pin.bytes):
            words = {"use": source.use, "path": source.shown}
            finding = Finding(codes.CHANGED_WHILE_SENT, words=words)
            raise DatasetError([diagnosed(finding, source.shown)])
        yield last + self._behind
        sent.set()
