"""What the commands share at their edge: what is printed, what is written, what fails.

Everything that a command prints or writes goes through here. People read text, in the encoding
of their terminal and with nothing in it that steers the terminal; programs read UTF-8.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TextIO

import typer

from ..diagnostics import Diagnostic, Severity, printable
from ..diagnostics.words import printable_lines
from ..disk import files, writing

if TYPE_CHECKING:
    from ..disk.gate import Gate
    from ..workspace.contents import Found
    from ..workspace.scopes import Scopes

_NAMED: Final = 10
"""Files that are named when many were written."""


def say(message: str) -> None:
    """Tell people something on standard error; names of files and the like may be a stranger's."""
    show(f"{printable_lines(message)}\n", sys.stderr)


def show(text: str, stream: TextIO) -> None:
    """Show people what a renderer made for them, which has made it printable, and coloured it."""
    stream.write(text)
    stream.flush()


def usage(message: str) -> NoReturn:
    """Say what is wrong with the command, and exit with 2."""
    say(f"sftc: {message}")
    raise typer.Exit(2)


def configs_at(paths: Sequence[str], scopes: "Scopes") -> "Found":
    """Return what there is at paths, or in the workspace; exit with 2 if paths have nothing."""
    from ..workspace.contents import find

    found = find(paths, scopes)
    for note in found.notes:
        say(f"sftc: {note}")
    if paths and not (found.configs or found.artifacts or found.problems or scopes.problems):
        usage(f"there are no configs in {', '.join(paths)}")
    return found


def fails(diagnostics: Sequence[Diagnostic], *, strict: bool) -> bool:
    """Whether findings fail a command: errors do, and when strict warnings."""
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return any(diagnostic.severity in failing for diagnostic in diagnostics)


def colour(stream: TextIO) -> bool:
    """Whether a stream takes colours: NO_COLOR, TERM=dumb, then FORCE_COLOR, then the terminal."""
    if os.environ.get("NO_COLOR") or _is_dumb():
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def is_live() -> bool:
    """Whether standard error is a terminal on which what was drawn can be drawn over."""
    return sys.stderr.isatty() and not _is_dumb()


def _is_dumb() -> bool:
    return os.environ.get("TERM") in {"dumb", "unknown"}


def emit(text: str, stream: TextIO) -> None:
    """Write findings for people to standard error, or for programs to standard output."""
    if stream is sys.stdout:
        put(text)
    else:
        show(text, stream)


def put(text: str) -> None:
    """Write a text for programs to standard output: UTF-8, whatever the locale.

    At a terminal it is people who read it: in the terminal's encoding, and printable.
    """
    if sys.stdout.isatty():
        show(printable_lines(text), sys.stdout)
    else:
        _put_bytes(text.encode("utf-8", "surrogateescape"))


def deliver(payload: bytes, target: Path | None) -> None:
    """Write a payload to a file; None is standard output."""
    if target is not None:
        write(target, payload)
    elif sys.stdout.isatty():
        put(payload.decode())
    else:
        _put_bytes(payload)


def _put_bytes(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def write(target: Path, data: bytes) -> None:
    """Write a file, or say why that failed and exit with 1."""
    try:
        writing.write(target, data)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        say(f"sftc: cannot write {printable(str(target))}: {files.reason(error)}")
        raise typer.Exit(1) from None


def place(name: str, gate: "Gate") -> Path:
    """Return where an artifact can be written, or say why it cannot and exit with 1."""
    from ..disk.gate import RefusedError  # a lint writes none

    try:
        return Path(gate.place(name))
    except RefusedError as refused:
        say(f"sftc: {name} {refused}, so it is not written")
        raise typer.Exit(1) from None


def update(target: Path, data: bytes) -> bool:
    """Write a file that does not hold the data yet; return whether it was written."""
    try:
        same = not writing.is_stream(target) and target.read_bytes() == data
    except (OSError, ValueError):  # `write` says what is wrong with it, if anything
        same = False
    if not same:
        write(target, data)
    return not same


def say_written(targets: Sequence[Path | str], done: str = "Wrote") -> None:
    """Say which files were written, the first of them by name; nothing if none was."""
    names = [printable(str(target)) for target in targets]
    if len(names) > _NAMED:
        rest = len(names) - _NAMED
        say(f"{done} {len(names)} files: {', '.join(names[:_NAMED])}, and {rest} more.")
    elif names:
        first = ", ".join(names[:-1])
        say(f"{done} {first} and {names[-1]}." if first else f"{done} {names[-1]}.")
