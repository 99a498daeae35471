"""Configs from disk and artifacts to disk: what the command line reads and writes.

A file that cannot be read is a diagnostic; a file that is written appears whole or not at all.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from ..diagnostics import Diagnostic, Finding, codes

if TYPE_CHECKING:
    import io

STDIN: Final = "-"
"""The name of a config that stands for standard input."""

MOST: Final = 4 * 1024 * 1024 + 1
"""Bytes that are read of a config: one more than the compiler takes, so that it can refuse it."""

_MOST_OF_AN_ARTIFACT: Final = 64 * 1024 * 1024
"""Bytes that are read of what may be a payload: several times those of its config."""

_PIECE: Final = 64 * 1024


def shown_name(config: str) -> str:
    """Return the name that diagnostics give a config."""
    return "<stdin>" if config == STDIN else config


def read_config(name: str) -> bytes | Diagnostic:
    """Return the bytes of a config, or the finding that says why there are none."""
    return _read_file(name, MOST)


def read_artifact(name: str) -> bytes | Diagnostic:
    """Return the bytes of what may be a payload, or the finding that says why there are none."""
    return _read_file(name, _MOST_OF_AN_ARTIFACT)


def _read_file(name: str, most: int) -> bytes | Diagnostic:
    try:
        if name == STDIN:
            if sys.stdin is None:  # closed, as `<&-` does
                return _unreadable(shown_name(name), "standard input is closed")
            return _read(sys.stdin.buffer, _PIECE, most)
        with open(name, "rb", buffering=0) as file:
            return _read(file, os.fstat(file.fileno()).st_size + 1, most)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        return _unreadable(name, reason[0].lower() + reason[1:])


def _read(file: "BinaryIO | io.RawIOBase", expected: int, most: int) -> bytes:
    """Return what a file holds, to its end or as far as it is read; a pipe gives it in pieces."""
    data = file.read(min(expected, most)) or b""
    while len(data) < most and (piece := file.read(min(max(_PIECE, len(data)), most - len(data)))):
        data += piece
    return data


def _unreadable(name: str, reason: str) -> Diagnostic:
    from ..diagnostics.catalogue import diagnose  # only a file that cannot be read needs it

    hint = _neighbour(Path(name))
    return diagnose(Finding(codes.UNREADABLE_FILE, words={"reason": reason}, hint=hint), name)


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


def write(path: Path, data: bytes) -> None:
    """Put bytes into a file, which afterwards holds all of them, or what it held before.

    The folders above it are made. A file that is there keeps its mode.

    Raises:
        OSError: it cannot be written.

    """
    path = path.resolve()  # the file that a symlink names, not the link
    import tempfile  # a lint writes nothing

    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(_mode(path))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o7777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
