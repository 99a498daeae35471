"""Multipart uploads, straight from the socket into a file of the data directory.

The bytes are hashed on their way; memory holds a few mebibytes of them, whatever the size.
"""

import asyncio
import contextlib
import hashlib
import os
from dataclasses import dataclass
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from .bodies import pieces
from .directory import Directory
from .errors import Refused, refuse

PURPOSE: Final = "fine-tune"

_CHUNK: Final = 1024 * 1024
"""Bytes that are written at once: enough to be worth a thread."""

_SYNCED: Final = 64 * 1024 * 1024
"""Bytes after which they are synced, while more arrive."""

_MOST_PARTS: Final = 21
_LONGEST_FIELD: Final = 1024
_LARGEST_HEADERS: Final = 4096
_LONGEST_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has arrived and is on the disk under its digest."""

    sha256: str
    bytes: int
    filename: str


class _Form:
    """The parts of a multipart form: one file, and a few small fields."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise _invalid("it is not multipart/form-data with a boundary")
        self.data = bytearray()
        self.filename: str | None = None
        self.fields: dict[str, str] = {}
        self.complete = False
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        self._header_bytes = 0
        self._parts = 0
        self._field: str | None = None
        self._value = bytearray()
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": lambda data, start, end: self._add(0, data[start:end]),
                    "on_header_value": lambda data, start, end: self._add(1, data[start:end]),
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": self._add_data,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise _invalid(str(error)) from None

    def feed(self, piece: bytes) -> None:
        """Parse the next bytes of the body.

        Raises:
            Refused: they are not a form, or not the one that the API asks for.

        """
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise _invalid(str(error)) from None

    def _begin_part(self) -> None:
        self._headers.clear()
        self._header_bytes = 0
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise _invalid(f"it has more than {_MOST_PARTS} parts")

    def _add(self, which: int, text: bytes) -> None:
        self._header_bytes += len(text)
        if self._header_bytes > _LARGEST_HEADERS:
            raise _invalid(f"a part has more than {_LARGEST_HEADERS:,} bytes of headers")
        self._header[which].extend(text)

    def _end_header(self) -> None:
        name, value = self._header
        self._headers[bytes(name).lower()] = bytes(value)
        name.clear()
        value.clear()

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        self._value.clear()
        self._field = name
        if b"filename" in options or name == "file":
            if name != "file" or self.filename is not None:
                raise _invalid("it has a file part that is not named `file`")
            filename = options.get(b"filename", b"").decode("utf-8", "replace")
            if not filename:
                raise _invalid("its part `file` has no file name")
            self.filename = filename[:_LONGEST_NAME]
            self._field = None

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._field is None:
            self.data += memoryview(data)[start:end]
        elif len(self._value) + end - start > _LONGEST_FIELD:
            raise _invalid(
                f"its field `{self._field[:_LONGEST_NAME]}` is longer than {_LONGEST_FIELD} bytes"
            )
        else:
            self._value += data[start:end]

    def _end_part(self) -> None:
        if self._field is not None:
            self.fields[self._field] = self._value.decode("utf-8", "replace")

    def _end(self) -> None:
        self.complete = True


class _Sink:
    """Hashes and writes one chunk in a thread while the next one arrives, and syncs in another.

    A large file that is synced as it arrives has little left to sync at its end.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._digest = hashlib.sha256()
        self._unsynced = 0
        self._writing: asyncio.Future[None] | None = None
        self._syncing: asyncio.Future[None] | None = None

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    async def put(self, data: bytearray) -> None:
        """Write a chunk, once the one before it is written; raise what went wrong with that."""
        loop = asyncio.get_running_loop()
        if self._writing:
            await self._writing
        self._writing = loop.run_in_executor(None, self._write, data)
        self._unsynced += len(data)
        if self._unsynced >= _SYNCED and (self._syncing is None or self._syncing.done()):
            self._unsynced = 0
            self._syncing = loop.run_in_executor(None, os.fsync, self._descriptor)

    async def settle(self) -> None:
        """Wait until everything is written and synced; raise what went wrong."""
        under_way = [future for future in (self._writing, self._syncing) if future]
        self._writing = self._syncing = None
        for ended in await asyncio.gather(*under_way, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended

    def _write(self, data: bytearray) -> None:
        self._digest.update(data)
        with memoryview(data) as left:
            done = 0
            while done < len(left):
                done += os.write(self._descriptor, left[done:])


async def receive(request: Request, directory: Directory, largest: int) -> Upload:
    """Store the file of a form.

    Args:
        request: the request, of which nothing has been read.
        directory: where the file goes.
        largest: how many bytes it may have.

    Raises:
        Refused: it is too large, or the form is not what the API asks for.
        OSError: it cannot be written.
        ClientDisconnect: the client has closed the connection.

    """
    form = _Form(request.headers.get("content-type", ""))
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > largest + _CHUNK:
        raise _too_large(largest)
    descriptor, path = directory.begin()
    try:
        upload = await _store(request, form, descriptor, largest)
        await asyncio.to_thread(directory.keep, descriptor, path, upload.sha256)
    finally:
        os.close(descriptor)
        with contextlib.suppress(FileNotFoundError):  # it has been moved to its place
            path.unlink()
    return upload


async def _store(request: Request, form: _Form, descriptor: int, largest: int) -> Upload:
    sink = _Sink(descriptor)
    try:
        size = received = 0
        async for piece in pieces(request):
            received += len(piece)
            if received > largest + _CHUNK:  # what surrounds the file has bounds, too
                raise _too_large(largest)
            form.feed(piece)
            if len(form.data) >= _CHUNK:
                data, form.data = form.data, bytearray()
                size += len(data)
                if size > largest:
                    raise _too_large(largest)
                await sink.put(data)
        size += len(form.data)
        if size > largest:
            raise _too_large(largest)
        await sink.put(form.data)
    finally:
        await sink.settle()
    if not form.complete:
        raise _invalid("it ends before its final boundary")
    if form.filename is None:
        raise _invalid("it has no part `file`")
    purpose = form.fields.get("purpose")
    if purpose != PURPOSE:
        found = "`purpose` is missing" if purpose is None else f"`purpose` is {purpose!r}"
        raise refuse("unsupported_purpose", f"{found}; this server supports `{PURPOSE}` only")
    return Upload(sink.sha256, size, form.filename)


def _invalid(reason: str) -> Refused:
    return refuse("invalid_upload", f"the upload is invalid: {reason}")


def _too_large(largest: int) -> Refused:
    return refuse("file_too_large", f"the file is larger than {largest:,} bytes")
