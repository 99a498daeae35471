"""One call for each of many files, on all cores when there are enough of them."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

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
    if len(items) < ENOUGH or cores == 1:
        yield from map(function, items)
        return
    from multiprocessing import Pool  # few runs need it

    with Pool(cores) as pool:
        yield from pool.imap(function, items, chunksize=max(1, len(items) // 16))
