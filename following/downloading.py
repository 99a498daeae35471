"""One file of a result, downloaded: through lost connections, from where it stopped, checked."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from ..client import Answer, BackendError, Client, Lost, Request, Route, diagnosed, refusal
from ..diagnostics import Finding, codes
from ..disk.arriving import Arriving
from .artifacts import Artifact

Told: TypeAlias = Callable[[int], None]
"""Is told how many bytes are done."""

_PART: Final = 206
_NOT_A_PART: Final = 416
_RANGE: Final = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")


@dataclass(frozen=True, slots=True)
class Download:
    """A file, where it comes from, and what is there of it."""

    client: Client
    artifact: Artifact
    route: Route
    file: Arriving
    tell: Told

    async def run(self) -> None:
        """Download the rest of the file.

        Raises:
            BackendError: it cannot be had, or is not the one that was listed.
            OSError: it cannot be written.

        """
        resumed = self.file.size > 0
        await self._fill()
        if self._wrong() and resumed:  # what an earlier run left may be damaged
            self.file.restart()
            await self._fill()
        if reason := self._wrong():
            raise self._damaged(reason)

    def _wrong(self) -> str:
        if self.file.size < self.artifact.bytes:
            return f"the size is {self.file.size:,} bytes, not {self.artifact.bytes:,}"
        if self.file.digest != self.artifact.sha256:
            return f"the SHA-256 is {self.file.digest}, not {self.artifact.sha256}"
        return ""

    def _damaged(self, reason: str) -> BackendError:
        self.file.drop()
        words = {"path": self.artifact.path, "reason": reason}
        finding = Finding(codes.DAMAGED_ARTIFACT, words=words)
        return BackendError([diagnosed(finding, self.client.address.shown)])

    async def _fill(self) -> None:
        """Ask until all bytes are there; as long as some come, lost connections do not end it."""
        if self.file.size > self.artifact.bytes:
            self.file.restart()
        most = self.file.size
        while self.file.size < self.artifact.bytes:
            try:
                answer = await self.client.retried(self._ask, Request(self.route))
            except BackendError:
                if self.file.size <= most:
                    raise
                most = self.file.size
                continue
            if answer.status == _NOT_A_PART:  # it has no more bytes
                return
            if not answer.ok:
                what = f"file {self.artifact.path}"
                raise refusal(answer, what, self.client.address.shown)

    async def _ask(self) -> Answer:
        """Ask once for what is missing.

        Raises:
            Lost: not all of it came.

        """
        begun = self.file.size
        more = {"Accept": "*/*"} | ({"Range": f"bytes={begun}-"} if begun else {})
        answer = await self.client.once(Request(self.route, sink=self, more=more))
        if answer.ok and self.file.size < self.artifact.bytes:
            raise Lost(f"{self.artifact.path} ended after {self.file.size:,} bytes")
        return answer

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Take up the file where an answer does."""
        if status != _PART:
            self.file.restart()
            return
        given = _RANGE.fullmatch(headers.get("Content-Range", ""))
        if given is None or int(given[1]) != self.file.size:
            self.file.restart()
            raise Lost("the backend sent another part of the file")

    def take(self, piece: bytes) -> None:
        """Write a piece, unless the file would be longer than it is said to be."""
        if self.file.size + len(piece) > self.artifact.bytes:
            raise self._damaged(f"the size is more than {self.artifact.bytes:,} bytes")
        self.file.write(piece)
        self.tell(self.file.size)
