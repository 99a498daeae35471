"""Standard output and standard error of the process, which may be anything, or closed.

``open_streams`` replaces both at the start, so that all who print take one way: our commands,
the command line library, progress bars, the log of a server. What is written is written at
once and as a whole, so nothing is left to fail when the interpreter shuts down.
"""

import codecs
import io
import os
import sys
from errno import EBADF
from typing import Any, Final, TextIO

from ..disk.descriptors import write_all
from ..disk.files import reason

_ERRORS: Final = "sftc"
"""The name under which codecs find what to do with characters that an encoding lacks."""

_FALLBACKS: Final = str.maketrans(
    {
        "→": "->",
        "×": "x",
        "÷": "/",
        "−": "-",
        "\N{EN DASH}": "-",
        "…": "...",
        "≥": ">=",
        "≤": "<=",
        "≠": "!=",
        "±": "+-",
        "‘": "'",
        "’": "'",
        "─": "-",
        "┤": "|",
        "⟦": "[[",
        "⟧": "]]",
        **dict.fromkeys("▏▎▍▌▋▊▉█", "#"),
        **{chr(dots): "*" for dots in range(0x2801, 0x2900)},  # Braille: a curve's points
        "\N{REPLACEMENT CHARACTER}": "?",
    }
)
"""ASCII for the characters that our own messages use; any other becomes an escape."""


class OutputError(Exception):
    """Standard output cannot be written to.

    Not an ``OSError``: code that handles those means some other file.

    Attributes:
        reader_gone: whether nobody reads it any longer, as when ``head`` has seen enough.

    """

    def __init__(self, error: OSError) -> None:
        super().__init__(reason(error))
        self.reader_gone = isinstance(error, BrokenPipeError)


class _Standard(io.RawIOBase):
    """Standard error: it takes everything at once; if it fails, what follows is dropped.

    Nobody is left to be told, and what the command came to is still true, so nothing is raised
    and the exit code stays.
    """

    def __init__(self, stream: TextIO | None, name: str) -> None:
        self.name = f"<{name}>"
        self._closed = OSError(EBADF, f"{name} is closed") if stream is None else None
        # The unbuffered file, which with -u is what the interpreter writes to anyway.
        self._file: Any = getattr(stream.buffer, "raw", stream.buffer) if stream else None
        self._failed = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        if self._closed:
            raise io.UnsupportedOperation(str(self._closed.strerror))
        return int(self._file.fileno())

    def isatty(self) -> bool:
        return not self._closed and bool(self._file.isatty())

    def write(self, data: Any, /) -> int:
        if len(data) and not self._failed:
            try:
                if self._closed:
                    raise self._closed
                write_all(self._file, data)
            except OSError as error:
                self._failed = True
                self._fail(error)
        return len(data)

    def _fail(self, error: OSError) -> None:
        """Say nothing."""


class _Output(_Standard):
    """Standard output: whoever asked for it is told that it failed, once."""

    def _fail(self, error: OSError) -> None:
        raise OutputError(error)


def open_streams() -> None:
    """Put the streams in place that everything is printed to, once in a process.

    The encoding is that of the locale, or of ``PYTHONIOENCODING``. What it cannot show is
    written in ASCII instead.
    """
    codecs.register_error(_ERRORS, _instead)
    _occupy()
    sys.stdout = _text(sys.stdout, _Output(sys.stdout, "standard output"))
    sys.stderr = _text(sys.stderr, _Standard(sys.stderr, "standard error"))


def _text(stream: TextIO | None, raw: _Standard) -> io.TextIOWrapper:
    encoding = stream.encoding if stream else "utf-8"
    return io.TextIOWrapper(raw, encoding, _ERRORS, write_through=True)


def _occupy() -> None:
    """Keep the numbers of closed output streams from the files that are opened from now on.

    Otherwise ``-o /dev/stdout``, or what a library in C prints, would end up in one of them.
    """
    for number in (1, 2):
        try:
            os.fstat(number)
        except OSError:
            unwritable = os.open(os.devnull, os.O_RDONLY)
            if unwritable != number:
                os.dup2(unwritable, number, inheritable=False)
                os.close(unwritable)


def _instead(error: UnicodeError) -> tuple[str, int]:
    """Return what is written for characters that an encoding lacks, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_FALLBACKS)
    return text.encode("ascii", "backslashreplace").decode(), error.end
