"""What differs from run to run in the outputs that pages quote, and what a page says of it.

An *id* is replaced consistently: where a page says ``job-5c1f…`` below one command, the command
below it that asks for ``job-5c1f…`` is run with the id that the first one printed. A *measure* is
taken for any other of its kind. A line ``…`` stands for any number of lines.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

IDS: Final = {
    "job": re.compile(r"\bjob-[0-9a-f]{24}\b"),
    "file": re.compile(r"\bfile-[0-9a-f]{24}\b"),
    "address": re.compile(r"\b127\.0\.0\.1:\d+\b"),
    "key": re.compile(r"\bsk-sftc-[\w-]{43}\b"),
}
MEASURES: Final = {
    "moment": re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?"),
    "clock": re.compile(r"\b\d\d:\d\d:\d\d\b"),
    "seconds": re.compile(r"\b\d+(?:\.\d+)? m?s\b(?!/)"),
    "rate": re.compile(r"\b[\d,.]+ (?:s/step|steps/s|tokens/s|rows/s|[kMG]?B/s)"),
    "left": re.compile(r"\babout \d+ (?:s|min|h) left\b"),
}
_ANY: Final = "…"


class Names:
    """The ids of a page and those of this run, by each other."""

    def __init__(self) -> None:
        """Know none."""
        self._documented: dict[str, str] = {}

    def name(self, real: str, documented: str) -> None:
        """Let one id of this run be one of the page."""
        self._documented[real] = documented

    def real(self, command: str) -> str:
        """Return a command of the page with the ids of this run."""
        for real, documented in self._documented.items():
            command = command.replace(documented, real)
        return command

    def documented(self, actual: str, expected: str) -> str:
        """Return an output with the ids of the page, new ones in the order in which they appear."""
        for pattern in IDS.values():
            unknown = [found for found in _once(pattern, actual) if found not in self._documented]
            taken = set(self._documented.values())
            unused = [found for found in _once(pattern, expected) if found not in taken]
            self._documented.update(zip(unknown, unused, strict=False))
        for real, documented in self._documented.items():
            actual = actual.replace(real, documented)
        return actual


def shown(actual: str, expected: str) -> str:
    """Return what a page is to say for an output: what it says, if that holds."""
    masked = _masked(actual)
    lines = [
        r"(?:.*\n)*?" if line.strip() == _ANY else re.escape(line)
        for line in _masked(expected).splitlines(keepends=True)
    ]
    return expected if re.fullmatch("".join(lines), masked) else actual


def _masked(text: str) -> str:
    for name, pattern in MEASURES.items():
        text = pattern.sub(f"<{name}>", text)
    return text


def _once(pattern: re.Pattern[str], text: str) -> Iterable[str]:
    def found() -> Iterator[str]:
        for match in pattern.finditer(text):
            yield match[0]

    return dict.fromkeys(found())
