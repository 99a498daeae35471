"""What ``sftc data convert`` and ``sftc data fix`` share: where rows go, and what is said."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeAlias

import typer

from .. import report
from ..diagnostics import printable
from ..disk import files, writing
from ..report import Format, TextOrJson
from .streams import colour, put, put_bytes, say, show, usage

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic, Severity

Write: TypeAlias = Callable[[bytes], None]

SourceFile = Annotated[
    str,
    typer.Argument(
        metavar="DATASET",
        help="A JSONL file or a JSON array, also .gz or .zst; `-` reads standard input.",
    ),
]
Summary = Annotated[
    TextOrJson,
    typer.Option(
        "--format",
        help="Format of the summary, which goes to standard error if rows go to standard output.",
    ),
]
MostErrors = Annotated[
    int,
    typer.Option(
        "--max-errors",
        metavar="N",
        min=0,
        help="Show at most N errors, N warnings and N notes; equal findings count once.",
    ),
]


class Abandon(Exception):  # noqa: N818 - what is to be done, not that something failed
    """What was written so far is not to become a file."""


def target(name: str, out: str) -> Path | None:
    """Return the file to write; None is standard output. Exit with 2 if it is the one to read."""
    if out == files.STDIN:
        return None
    path = Path(out)
    try:
        same = name != files.STDIN and path.samefile(name)
    except (OSError, ValueError):  # one of them is not there, which is said elsewhere
        same = False
    if same:
        usage(f"{out} is the input: write to another file")
    if not out or path.is_dir():
        usage(f"-o {out} is a folder: name a file in it" if out else "-o needs a file name")
    return path


@contextmanager
def _exit_on_sigterm() -> Iterator[None]:
    """Make SIGTERM an exit with 143, so that what is half written is removed on the way out."""

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    # Only the main thread may ask for signals; who ignores or handles them already has a reason.
    is_ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if is_ours:
        signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        if is_ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def writer(path: Path | None) -> Iterator[Write]:
    """Give a function that writes rows to a file, or to standard output.

    A regular file is there as a whole, or as it was before if ``Abandon`` leaves the block or
    SIGTERM ends it. Exit with 1 if it cannot be written.
    """
    if path is None:
        with suppress(Abandon):
            yield put_bytes
        return
    try:
        with _exit_on_sigterm(), writing.replacing(path) as write:
            yield write
    except Abandon:
        pass
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        say(f"sftc: cannot write {printable(str(path))}: {files.reason(error)}")
        raise typer.Exit(1) from None


def tell(
    form: TextOrJson,
    path: Path | None,
    facts: dict[str, Any],
    text: str,
    found: Sequence["Diagnostic"],
    unseen: "Mapping[Severity, int]",
    *,
    written: bool,
) -> None:
    """Say what became of a file."""
    from ..report import conversion

    if path is not None and writing.is_stream(path):  # where rows went as they came
        path = None
    stream = sys.stderr if path is None else sys.stdout
    if form is Format.JSON:
        output = str(path) if path is not None and written else None
        line = conversion.as_json(facts, output, found, unseen)
        if stream is sys.stdout:
            put(line)
        else:
            show(line, stream)
        return
    show(report.render(form, found, {}, colour=colour(sys.stderr)), sys.stderr)
    show(report.unseen(unseen, "--max-errors"), sys.stderr)
    show(text, stream)
    if path is not None and not written:
        say(f"{printable(str(path))} was not written.")
