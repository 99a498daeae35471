"""Checks uploaded files, each in its own process.

The server stays responsive while gigabytes are read, and survives a crash of the reader.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..datasets import measure
from ..diagnostics import Severity

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_SHOWN: Final = 5
_SPAWN: Final = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: the number of rows, or what is wrong with them."""

    rows: int | None
    error: Mapping[str, Any] | None


class Check:
    """The check of one file; it runs from the start."""

    def __init__(self, path: Path) -> None:
        self._answers, answer = _SPAWN.Pipe(duplex=False)
        self._process = _SPAWN.Process(target=_answer, args=(str(path), answer), daemon=True)
        self._process.start()
        answer.close()  # so that the pipe ends with the process

    def verdict(self) -> Verdict | None:
        """Wait for the verdict; None if the process ended without one."""
        with self._answers:
            verdict: Verdict | None = None
            with suppress(EOFError):
                verdict = self._answers.recv()
        self._process.join()
        return verdict

    def stop(self) -> None:
        """Give the check up."""
        self._process.kill()


UNREAD: Final = {
    "code": "invalid_dataset",
    "message": "The file could not be checked: the process that read it crashed. Upload it again.",
}
"""The error of a file whose check ended without a verdict."""


def _answer(path: str, answer: "Connection[Any, Any]") -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    answer.send(check(path))


def _end_with_the_server() -> None:
    """End this process when the server has been killed: nobody waits for the verdict."""
    server = multiprocessing.parent_process()
    if server:
        server.join()
        os._exit(1)


def check(path: str) -> Verdict:
    """Check the rows of a file."""
    measured = measure(path, most=_SHOWN, jobs=1)
    if measured.valid:
        return Verdict(measured.rows, None)
    errors = [found for found in measured.diagnostics if found.severity is Severity.ERROR]
    details = [
        {"code": found.code, "message": found.message, "line": found.span.line} for found in errors
    ]
    count = measured.counts[Severity.ERROR]
    more = f" ({count - 1:,} more)" if count > 1 else ""
    first = (
        f"line {details[0]['line']}: {details[0]['message']}{more}"
        if details
        else (f"{count:,} rows are invalid")
    )
    error = {"code": "invalid_dataset", "message": first, "details": details}
    return Verdict(measured.rows, error)
