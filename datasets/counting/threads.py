"""Several threads that judge blocks, while this one reads and hashes.

The accelerator and SHA-256 let go of Python's lock, so they do run at the same time. Tallies
come back in the order of the blocks, so that the result is that of one thread.
"""

import os
from collections import deque
from collections.abc import Generator, Iterable

from ..reading.blocks import Block, LargeLine
from .tally import Tally
from .tallying import tally_block

_WAITING = 2
"""Blocks of a thread: one that it works on, and one that waits."""


def available() -> int:
    """Return how many threads can work at the same time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def tallies(blocks: Iterable[Block | LargeLine], most: int, jobs: int) -> Generator[Tally]:
    """Yield the tally of each block, in order.

    Args:
        blocks: the blocks of a stream.
        most: how many findings each tally keeps.
        jobs: how many threads to start.

    """
    # Imported here because few files are worth threads.
    from concurrent.futures import Future, ThreadPoolExecutor

    waiting: deque[Future[Tally]] = deque()
    pool = ThreadPoolExecutor(jobs)
    try:
        for block in blocks:
            # A large line is read piece by piece, by this thread, after what is before it.
            large = isinstance(block, LargeLine)
            while waiting and (large or len(waiting) == _WAITING * jobs):
                yield waiting.popleft().result()
            if large:
                yield tally_block(block, most)
            else:
                waiting.append(pool.submit(tally_block, block, most))
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
