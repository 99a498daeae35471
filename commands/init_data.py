"""The datasets that ``sftc init`` is given: looked at, and named as the config has to name them."""

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..diagnostics import Diagnostic, Severity
from .progress import progress
from .streams import usage

if TYPE_CHECKING:
    from ..datasets import Measured


class Dataset(NamedTuple):
    """A dataset.

    Attributes:
        wanted: the file that the config names: another one if this one is to be converted.
        line: what it is, in a word.
        conversion: the command that makes our rows of it; empty if they are.
        is_there: whether there is such a file.

    """

    wanted: str
    line: str
    conversion: str = ""
    is_there: bool = True


def dataset_at(name: str) -> Dataset:
    """Return what a file is, read once as ``sftc data check`` reads it."""
    from ..datasets import measure, size  # a config alone needs none

    if Path(name).exists() and not Path(name).is_file():
        usage(f"{name} is not a regular file")
    if not Path(name).is_file():
        return Dataset(name, f"{name}: not there yet.", is_there=False)
    with progress(name, size(name)) as bar:
        measured = measure(name, most=1, progress=bar)
    if measured.valid:
        rows = f"{measured.rows:,} row{'' if measured.rows == 1 else 's'}"
        return Dataset(name, f"{name}: {rows}, valid.")
    return _of_errors(name, measured)


def _of_errors(name: str, measured: "Measured") -> Dataset:
    first = next(one for one in measured.diagnostics if one.severity is Severity.ERROR)
    line = f"{name}:{first.span.line}: {first.message}"
    source = _format(first)
    if source is None:
        return Dataset(name, f"{line}.")
    path = Path(name)
    stem = path.name.split(".jsonl")[0]
    wanted = path.with_name(f"{stem}.converted.jsonl").as_posix()
    command = f"sftc data convert --from {source} {shlex.quote(name)} -o {shlex.quote(wanted)}"
    return Dataset(
        wanted, f"{name}: rows in the {source} format; the config names {wanted}.", command
    )


def _format(error: Diagnostic) -> str | None:
    """Return what ``--from`` takes for the rows, where the finding says so."""
    match = re.search(r"--from ([a-z-]+)", f"{error.hint} {error.message} {error.why}")
    return match[1] if match else None


def base_of(config: Path) -> str:
    """Return the folder from which the paths in a config start."""
    from ..workspace.scopes import Scopes

    return Scopes().of(str(config)).data.path("")


def seen_from_base(name: str, config: Path) -> str:
    """Return a path as a config names it: seen from the folder that its datasets start from."""
    base = Path(base_of(config))
    path = Path(name).absolute()
    inside = path.resolve().is_relative_to(base.resolve())
    return Path(os.path.relpath(path, base)).as_posix() if inside else name
