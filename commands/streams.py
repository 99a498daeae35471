"""What the commands share at their edge: what is printed, what is written, what fails.

Everything that a command prints or writes goes through here. People read text, in the encoding
of their terminal and with nothing in it that steers the terminal; programs read UTF-8.
"""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TextIO

import typer

from ..diagnostics import Diagnostic, Severity, codes, printable
from ..diagnostics.words import printable_lines
from ..disk import files, writing

if TYPE_CHECKING:
    from ..report.rooting import Roots
    from ..workspace.contents import Found
    from ..workspace.scopes import Scopes

_NAMED: Final = 10
"""Files that are named when many were written."""

_UNREAD: Final = frozenset(
    {codes.UNREADABLE_FILE, codes.UNREADABLE_DATASET, codes.UNREADABLE_PAYLOAD, codes.NOT_IN_GIT}
)
"""What is said of a file that cannot be opened or read; what is in it is another question."""


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
        usage(f"no configs in {', '.join(paths)}")
    return found


def fails(diagnostics: Sequence[Diagnostic], *, strict: bool) -> bool:
    """Whether findings fail a command: errors do, and when strict warnings."""
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return any(diagnostic.severity in failing for diagnostic in diagnostics)


def exit_code(found: Iterable[Diagnostic], named: Iterable[str], *, failed: bool) -> int:
    """Return 2 if a file that the user named cannot be read, or else whether something failed."""
    names = {files.shown_name(name) for name in named}
    unread = any(one.code in _UNREAD and one.file in names for one in found)
    return 2 if unread else int(failed)


def colour(stream: TextIO) -> bool:
    """Whether a stream takes colours: NO_COLOR, TERM=dumb, then FORCE_COLOR, then the terminal."""
    if os.environ.get("NO_COLOR") or _is_dumb():
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def width(stream: TextIO) -> int:
    """Return the columns of a terminal; elsewhere 80, or what COLUMNS says."""
    import shutil  # few commands fit their text to a terminal

    if not stream.isatty() and "COLUMNS" not in os.environ:
        return 80
    return shutil.get_terminal_size((80, 24)).columns


def is_live() -> bool:
    """Whether standard error is a terminal on which what was drawn can be drawn over."""
    return sys.stderr.isatty() and not _is_dumb()


def _is_dumb() -> bool:
    return os.environ.get("TERM") in {"dumb", "unknown"}


def roots() -> "Roots | None":
    """Return where names of files are read; None outside of any repository."""
    from ..report.rooting import Roots
    from ..workspace.asking import top_of

    here = str(Path.cwd())
    top = top_of(here)
    return Roots(here, top) if top else None


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
        put_bytes(text.encode("utf-8", "surrogateescape"))


def deliver(payload: bytes, target: Path | None) -> None:
    """Write a payload to a file; None is standard output."""
    if target is not None:
        write(target, payload)
    elif sys.stdout.isatty():
        put(payload.decode())
    else:
        put_bytes(payload)


def put_bytes(data: bytes) -> None:
    """Write bytes for programs to standard output; at a terminal, people read them as ``put``."""
    if sys.stdout.isatty():
        show(printable_lines(data.decode("utf-8", "replace")), sys.stdout)
        return
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


def refuse_inputs(target: Path, inputs: Iterable[str | Path]) -> None:
    """Exit with 2 if a file that is to be written is one that is read."""
    for name in inputs:
        try:
            same = target.samefile(name)
        except (OSError, ValueError):  # one of them is not there, which is said elsewhere
            continue
        if same:
            usage(f"{target} is an input: write to another file")


class Written:
    """Artifacts that a command writes where their repositories may write, one by one.

    Attributes:
        names: those that were written; what held the same bytes already was not.
        problems: why others could not be.

    """

    def __init__(self, scopes: "Scopes") -> None:
        self._scopes = scopes
        self.names: list[str] = []
        self.problems: list[Diagnostic] = []

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write the artifacts of a config that do not hold their data yet: all of them, or none."""
        from ..disk.gate import RefusedError  # a lint writes none
        from ..workspace.problems import unreadable

        before: dict[Path, bytes | None] = {}
        done: list[str] = []
        name = ""
        try:
            places = {}
            for name, data in files.items():
                places[name] = self._stale(name, data)
            for name, data in files.items():
                if found := places[name]:
                    path, before[path] = found
                    writing.write(path, data)
                    done.append(name)
            self.names += done
        except (RefusedError, OSError) as error:
            self.problems.append(unreadable(name, error, "written"))
            for path, old in before.items():
                _restore(path, old)

    def _stale(self, name: str, data: bytes) -> tuple[Path, bytes | None] | None:
        """Return where an artifact is written, and what is there; None if it holds the data."""
        from ..workspace.artifacts import ending
        from ..workspace.reading import unix

        gate = self._scopes.of(name).gate
        path = Path(gate.place(name, ending(name)))
        if not path.exists():
            return path, None
        is_same = unix(gate.read(name, 2 * len(data) + 1)) == data
        return None if is_same else (path, path.read_bytes())


def _restore(path: Path, data: bytes | None) -> None:
    """Put back what was at a path, as far as that can be done."""
    with suppress(OSError):
        if data is None:
            path.unlink(missing_ok=True)
        elif path.read_bytes() != data:
            writing.write(path, data)


def say_written(targets: Sequence[Path | str], done: str = "Wrote") -> None:
    """Say which files were written, the first of them by name; nothing if none was."""
    if targets:
        say(f"{done} {_listed(targets, 'files')}.")


def say_artifacts(found: "Found") -> None:
    """Say which files were named that are artifacts, to a command that takes configs."""
    for name in found.artifacts:
        if name in found.named:
            say(f"Skipped {printable(name)}: it is an artifact; `sftc check` checks it.")


def say_skipped(names: Sequence[str]) -> None:
    """Say which files in folders were skipped, since they are no configs; nothing if none was."""
    if names:
        is_one = len(names) == 1
        kind = "it is not a fine-tuning config" if is_one else "they are not fine-tuning configs"
        say(f"Skipped {_listed(names, 'TOML files', 3)}: {kind}.")


def _listed(paths: Sequence[Path | str], noun: str, most: int = _NAMED) -> str:
    """Return paths in a sentence; of many, how many there are and the first."""
    names = [printable(str(path)) for path in paths]
    if len(names) > most:
        return f"{len(names)} {noun}: {', '.join(names[:most])}, and {len(names) - most} more"
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
