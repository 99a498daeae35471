"""The rows of one file without their texts: a line and a digest each."""

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Final

from ...diagnostics import Finding, Span, codes
from ..reading.opening import Unreadable
from .lines import rows

WIDTH: Final = 16
"""Bytes of a digest: nobody finds two rows that have the same one."""


class Digests:
    """The rows of one file, counted from 0."""

    def __init__(self, name: str, progress: Callable[[int], None] | None = None) -> None:
        """Read a file.

        Args:
            name: its path.
            progress: called now and then with how many bytes were read.

        Attributes:
            name: the file.
            lines: the line of each row, from 1.
            digests: the digest of the content of each row, one behind the other.
            bytes: how many the file has, once decompressed.
            as_bytes: the lines of the rows whose content is their bytes.

        Raises:
            Unreadable: the file cannot be read; its finding says which file.

        """
        self.name = name
        self.lines, self.as_bytes = array("Q"), array("Q")
        self.digests = bytearray()
        self.bytes = 0

        def count(done: int) -> None:
            self.bytes = done
            if progress:
                progress(done)

        with _named(name):
            for row in rows(name, progress=count):
                text, is_json = row.content()
                self.lines.append(row.line)
                self.digests += _digest(text)
                if not is_json:
                    self.as_bytes.append(row.line)

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.lines)

    def digest(self, row: int) -> bytes:
        """Return the digest of a row."""
        return bytes(self.digests[row * WIDTH : (row + 1) * WIDTH])

    def contents(self, wanted: Iterable[int]) -> Iterator[tuple[int, bytes, bool]]:
        """Read rows again, and yield each with its content, and whether that is JSON.

        Args:
            wanted: the rows, in ascending order.

        Raises:
            Unreadable: the file is not what it was.

        """
        ahead = iter(wanted)
        number = next(ahead, None)
        if number is None:
            return
        with _named(self.name), closing(rows(self.name)) as again:
            for at, row in enumerate(again):
                if at != number:
                    continue
                text, is_json = row.content()
                if _digest(text) != self.digest(number):
                    break
                yield number, text, is_json
                number = next(ahead, None)
                if number is None:
                    return
            raise Unreadable(Finding(codes.CHANGED_WHILE_READ))


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()[:WIDTH]


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Say which file it is that cannot be read."""
    try:
        yield
    except Unreadable as error:
        finding = replace(error.finding, span=Span(1, 1, 1, 1, name))
        raise Unreadable(finding) from error
