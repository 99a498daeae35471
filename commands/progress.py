"""A progress bar on a terminal, for what takes longer than a second.

It draws when it is told of progress and has no thread: processes may be forked meanwhile.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

from .streams import is_live

_PATIENCE: Final = 1.0
"""Seconds after which a bar appears."""
_PAUSE: Final = 0.1
"""Seconds between two drawings of it."""


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Callable[[int], None] | None]:
    """Give a function that is to be told how many bytes are done; None without a terminal.

    Args:
        title: what is being done.
        total: how many bytes there are to do, if anybody knows.

    """
    if not is_live():
        yield None
        return
    # Imported here because most runs are not on a terminal, or over at once.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn(title, markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True)
    task = bar.add_task(title, total=total)
    due = monotonic() + _PATIENCE

    def advance(done: int) -> None:
        nonlocal due
        if monotonic() < due:
            return
        bar.start()
        bar.update(task, completed=done, refresh=True)
        due = monotonic() + _PAUSE

    try:
        yield advance
    finally:
        bar.stop()
