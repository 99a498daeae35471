"""What the commands share at their edge: what is printed, what is written, what fails."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

import typer

from ..diagnostics import Diagnostic, Severity, printable
from ..diagnostics.words import printable_lines
from ..disk import files

if TYPE_CHECKING:
    from ..disk.gate import Gate
    from ..workspace.contents import Found
    from ..workspace.scopes import Scopes


def say(message: str) -> None:
    """Say something to people; names of files and the like may be a stranger's."""
    typer.echo(printable_lines(message), err=True)


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


def colour(stream: object) -> bool:
    """Whether a stream takes colours: NO_COLOR, then FORCE_COLOR, then the terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or getattr(stream, "isatty", bool)()


def emit(text: str, stream: TextIO) -> None:
    """Write findings for people to standard error, or for programs to standard output."""
    if stream is sys.stdout:
        put(text)
    else:
        stream.write(text)


def put(text: str) -> None:
    """Write a text for programs to standard output: UTF-8, whatever the locale."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def deliver(payload: bytes, target: Path | None) -> None:
    """Write a payload to a file; None is standard output."""
    if target is None:
        sys.stdout.buffer.write(payload)
        sys.stdout.buffer.flush()
    else:
        write(target, payload)


def write(target: Path, data: bytes) -> None:
    """Write a file, or say why that failed and exit with 1."""
    try:
        files.write(target, data)
    except OSError as error:
        say(f"sftc: cannot write {printable(str(target))}: {error.strerror}")
        raise typer.Exit(1) from None


def place(name: str, gate: "Gate") -> Path:
    """Return where an artifact can be written, or say why it cannot and exit with 1."""
    from ..disk.gate import RefusedError  # a lint writes none

    try:
        return Path(gate.place(name))
    except RefusedError as refused:
        say(f"sftc: {name} {refused}, so it is not written")
        raise typer.Exit(1) from None
