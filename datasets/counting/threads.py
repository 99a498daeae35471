"""Several threads that judge blocks and one that hashes, while this one reads and adds up.

The accelerator and SHA-256 let go of Python's lock, so they do run at the same time. Tallies
come back in the order of the blocks, so that the result is that of one thread.
"""

import hashlib
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ..reading.blocks import Block, LargeLine
from .tally import Tally
from .tallying import Judge

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

_WAITING: Final = 2
"""Blocks of a thread: one that it works on, and one that waits."""
_UNHASHED: Final = 8
"""Pieces that may wait to be hashed."""
_LARGE: Final = 1024 * 1024
"""Bytes from which on a block does not wait."""


def available() -> int:
    """Return how many threads can work at the same time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _HashingThread:
    """SHA-256, in a thread of its own."""

    def __init__(self, pool: "ThreadPoolExecutor") -> None:
        self._pool = pool
        self._hash = hashlib.sha256()
        self._waiting: deque[Future[None]] = deque()

    def update(self, piece: bytes, /) -> None:
        """Take the next bytes, and wait if too many are still to be hashed."""
        if len(self._waiting) == _UNHASHED:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(self._hash.update, piece))

    def hexdigest(self) -> str:
        """Return the digest of the bytes so far."""
        while self._waiting:
            self._waiting.popleft().result()
        return self._hash.hexdigest()


@contextmanager
def hashing(jobs: int) -> Iterator[_HashingThread | None]:
    """Start a thread that hashes, if there are several to judge."""
    if jobs == 1:
        yield None
        return
    # Imported here because few files are worth threads.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        yield _HashingThread(pool)


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
