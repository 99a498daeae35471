"""A dataset brought to the backend: found by its digest or uploaded, and waited for."""

import asyncio
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

from ..client import (
    Answer,
    BackendError,
    Bar,
    Client,
    Lost,
    Request,
    diagnosed,
    identifier,
    problems,
    refusal,
    text,
)
from ..diagnostics import Finding, codes
from .cache import Cache
from .form import Source
from .requests import Prepared, upload

_NOT_FOUND: Final = 404
_NO_ACCESS: Final = frozenset({401, 403})
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0
_NOTE_EVERY: Final = 15.0
_GROWTH: Final = 1.5


@dataclass(frozen=True, slots=True)
class DatasetUpload:
    """What it takes to bring the datasets of one submission to its backend."""

    client: Client
    prepared: Prepared
    cache: Cache
    bar: Bar

    async def arrive(self, source: Source) -> str:
        """See to it that a dataset is at the backend and ready, and return its id."""
        file_id = self.cache.file(source.pin.sha256)
        if file_id is not None:
            answer = await self.client.call(Request(self.client.dialect.file.to(file=file_id)))
            if answer.status == _NOT_FOUND or answer.state in self.client.dialect.broken:
                file_id = None
        if file_id is None:
            file_id = await self._upload(source)
            self.cache.keep_file(source.pin.sha256, file_id)
        await self._ready(source, file_id)
        return file_id

    async def _upload(self, source: Source) -> str:
        """Send a dataset, unless its bytes are there already, and return its id."""
        request = upload(self.client.dialect, source)
        left = self.client.patience.attempts
        with self.bar(f"uploading {source.shown}", source.pin.bytes) as progress:

            async def attempt() -> str | Answer:
                nonlocal left
                left -= 1
                there = await self._found(source, is_last=left <= 0)
                return there or await self.client.once(request, progress)

            sent = await self.client.retried(attempt, request)
        if isinstance(sent, str):
            self.client.note(f"{source.shown} was already uploaded: {sent}")
            return sent
        file_id = self._id(sent, f"{source.use} dataset", self.client.dialect.file_ids)
        rows = f"{source.pin.examples:,} row{'s' if source.pin.examples > 1 else ''}"
        self.client.note(f"uploaded {source.shown}: {rows}, file {file_id}")
        return file_id

    async def _found(self, source: Source, *, is_last: bool) -> str | None:
        """Return the id of a file that has the bytes of a dataset, if the backend can tell.

        One that fails is asked again, but for the last time: then it does not know how.
        """
        dialect = self.client.dialect
        if dialect.find is None:
            return None
        try:
            answer = await self.client.once(Request(dialect.find.to(sha256=source.pin.sha256)))
        except Lost as lost:
            if lost.answer is None or (lost.transient and not is_last):
                raise
            return None
        if answer.status in _NO_ACCESS:
            raise refusal(answer, f"{source.use} dataset", self.client.address.shown)
        for item in dialect.listed(answer.object, "files") if answer.ok else ():
            is_it = item.get("sha256") == source.pin.sha256
            if is_it and text(item.get("status")) not in dialect.broken:
                return self._id(replace(answer, value=item), "file", dialect.file_ids)
        return None

    async def _ready(self, source: Source, file_id: str) -> None:
        """Wait until an uploaded dataset can be used."""
        dialect, patience = self.client.dialect, self.client.patience
        begun = noted = monotonic()
        pause = _FIRST_PAUSE
        while True:
            answer = await self.client.call(Request(dialect.file.to(file=file_id)))
            if not answer.ok and answer.status != _NOT_FOUND:
                raise refusal(answer, f"{source.use} dataset", self.client.address.shown)
            if answer.state in dialect.ready:
                return
            words = {"use": source.use, "path": source.shown}
            if answer.state in dialect.broken:
                self.cache.keep_file(source.pin.sha256, None)
                wrong = problems(answer.object, dialect)
                words["detail"] = wrong[0].detail if wrong else ""
                raise self._error(Finding(codes.FILE_REFUSED, words=words), source.shown)
            waited = monotonic() - begun
            if waited > (patience.ready if answer.ok else patience.answer):
                words["what"] = f"the {source.use} dataset `{source.shown}`"
                words["seconds"] = f"{waited:.0f}"
                raise self._error(Finding(codes.NOT_READY, words=words), source.shown)
            if monotonic() - noted > _NOTE_EVERY:
                noted = monotonic()
                so_far = f"{answer.state}, {waited:.0f} s"
                self.client.note(f"{source.shown} is not ready yet ({so_far})")
            await asyncio.sleep(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE)

    def _id(self, answer: Answer, what: str, names: tuple[str, ...]) -> str:
        """Return the id that a successful answer gives, or raise what it means."""
        if not answer.ok:
            raise refusal(answer, what, self.client.address.shown, self.prepared)
        return identifier(answer, names, self.client.address.shown)

    def _error(self, finding: Finding, place: str = "") -> BackendError:
        return BackendError([diagnosed(finding, place or self.client.address.shown)])
