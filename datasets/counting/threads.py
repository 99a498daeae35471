"""Several threads that judge blocks, while this one reads and hashes.

The accelerator and SHA-256 let go of Python's lock, so they do run at the same time. Tallies
come back in the order of the blocks, so that the result is that of one thread.
"""

import os
from collections import deque
from collections.abc import Generator, Iterable

from ..reading.blocks import Block, LargeLine
from .tally import Tally
from .tallying import Judge

_WAITING = 2
"""Blocks of a thread: one that it works on, and one that waits."""
_LARGE = 1024 * 1024
"""Bytes from which on a block does not wait."""


def available() -> int:
    """Return how many threads can work at the same time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def tallies(blocks: Iterable[Block | LargeLine], judge: Judge, jobs: int) -> Generator[Tally]:
    """Yield the tally of each block, in order.

    Args:
        blocks: the blocks of a stream.
        judge: what judges them.
        jobs: how many threads to start.

    """
    # Imported here because few files are worth threads.
    from concurrent.futures import Future, ThreadPoolExecutor

    waiting: deque[Future[Tally]] = deque()
    pool = ThreadPoolExecutor(jobs)
    try:
        for block in blocks:
            # A large line is read by this thread, after what is before it: several in memory
            # would be too much, and what comes in pieces has to be read before the next block.
            alone = isinstance(block, LargeLine) or len(block.text) > _LARGE
            while waiting and (alone or len(waiting) == _WAITING * jobs):
                yield waiting.popleft().result()
            if alone:
                yield judge.tally(block)
            else:
                waiting.append(pool.submit(judge.tally, block))
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
