"""Calls a function for each of many files, on all cores if there are enough files."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
Result = TypeVar("Result")

ENOUGH: Final = 200
"""Files from which on the work is worth the start of processes."""


def each(function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Yield ``function`` of each item, in the order of the items, whatever the cores.

    Args:
        function: a function of a module, or a ``functools.partial`` of one, so that it can be
            named to another process.
        items: its arguments.

    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if len(items) < ENOUGH or not cores or cores == 1:
        yield from map(function, items)
        return
    from multiprocessing import Pipe, Process  # few runs need it

    # A process for each slice but the first, which this one does; lighter than a pool.
    size = -(-len(items) // cores)
    others = []
    for start in range(size, len(items), size):
        receiver, sender = Pipe(duplex=False)
        process = Process(target=_serve, args=(sender, function, items[start : start + size]))
        process.start()
        sender.close()  # so that the end of the process is the end of the pipe
        others.append((process, receiver))
    yield from map(function, items[:size])
    for process, receiver in others:
        yield from receiver.recv()
        process.join()


def _serve(
    sender: "Connection[list[Result], None]",
    function: Callable[[Item], Result],
    items: Sequence[Item],
) -> None:
    sender.send([function(item) for item in items])
