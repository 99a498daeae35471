"""Files that a user named, read once and to their end, whatever they are.

A file that cannot be read is a diagnostic.
"""

import os
import sys
from errno import EBADF
from pathlib import Path
from typing import Final

from ..diagnostics import Diagnostic, Finding, codes
from .descriptors import Readable, read_some

STDIN: Final = "-"
"""The name of a config that stands for standard input."""

MOST: Final = 4 * 1024 * 1024 + 1
"""Bytes that are read of a config: one more than the compiler takes, so that it can refuse it."""

_MOST_OF_AN_ARTIFACT: Final = 64 * 1024 * 1024
"""Bytes that are read of what may be a payload: several times those of its config."""

_PIECE: Final = 64 * 1024
"""Bytes that are read at once of what has no size; a pipe holds no more."""


def shown_name(config: str) -> str:
    """Return the name that diagnostics give a config."""
    return "<stdin>" if config == STDIN else config


def read_config(name: str) -> bytes | Diagnostic:
    """Return the bytes of a config, or the finding that says why there are none."""
    return _read_file(name, MOST)


def read_artifact(name: str) -> bytes | Diagnostic:
    """Return the bytes of what may be a payload, or the finding that says why there are none."""
    return _read_file(name, _MOST_OF_AN_ARTIFACT)


def read_bytes(name: str, most: int) -> bytes:
    """Return what a file holds, or its first bytes if it holds more than ``most``.

    Args:
        name: its path, or ``-`` for standard input.
        most: how many bytes to read of it.

    Raises:
        OSError: it cannot be read.
        ValueError: there is no such name.

    """
    if name == STDIN:
        if sys.stdin is None:  # closed, as `<&-` does
            raise OSError(EBADF, "standard input is closed")
        return _read(sys.stdin.buffer, _PIECE, most)
    with open(name, "rb", buffering=0) as file:
        return _read(file, os.fstat(file.fileno()).st_size + 1, most)


def reason(error: OSError | ValueError) -> str:
    """Return what went wrong with a file, as it follows a colon."""
    text = getattr(error, "strerror", None) or str(error)
    return text[:1].lower() + text[1:]


def _read_file(name: str, most: int) -> bytes | Diagnostic:
    try:
        return read_bytes(name, most)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        return _unreadable(name, reason(error))


def _read(file: Readable, expected: int, most: int) -> bytes:
    """Return what a file holds, to its end or as far as it is read; a pipe gives it in pieces."""
    pieces = [read_some(file, min(expected, most))]
    left = most - len(pieces[0])
    while pieces[-1] and left:
        pieces.append(read_some(file, min(_PIECE, left)))
        left -= len(pieces[-1])
    return b"".join(pieces)


def _unreadable(name: str, why: str) -> Diagnostic:
    from ..diagnostics.catalogue import diagnose  # only a file that cannot be read needs it

    hint = _neighbour(Path(name)) if name != STDIN else None
    finding = Finding(codes.UNREADABLE_FILE, words={"reason": why}, hint=hint)
    return diagnose(finding, shown_name(name))


def _neighbour(path: Path) -> str | None:
    """Say which file was meant, if its name was misspelt."""
    from ..diagnostics.suggest import nearest  # only a wrong name needs it

    try:
        if path.exists():
            return None
        names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    except (OSError, ValueError):
        return None
    meant = nearest(path.name, names)
    return f"did you mean `{path.with_name(meant)}`?" if meant else None
