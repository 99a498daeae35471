"""Several processes that judge blocks, while this one reads and hashes.

Blocks go to the workers in turn and their tallies come back in the same order, so that the
result is that of one process. Memory is shared, anonymous, and gone with the processes.
"""

import gc
import mmap
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import Final, Self

from .blocks import LARGEST, READ, Block, LargeLine
from .judging import judge
from .tally import Tally

_TASK: Final = 1024 * 1024
"""Bytes that a worker is given at once, at least: handing over costs as much as some rows."""
_SLOT: Final = _TASK + LARGEST + READ
_SLOTS: Final = 2
"""Tasks of a worker: one that it works on, and one that waits."""


def available() -> int:
    """Return how many processes can work at the same time."""
    if not hasattr(os, "fork"):
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def tallies(blocks: Iterable[Block | LargeLine], most: int, jobs: int) -> Generator[Tally]:
    """Yield the tally of each block, in order.

    Args:
        blocks: the blocks of a stream.
        most: how many findings each tally keeps.
        jobs: how many workers to start.

    """
    with _Crew(jobs, most) as crew:
        task: list[Block] = []
        size = 0
        for block in blocks:
            if isinstance(block, LargeLine):
                # What is before it in the file comes first; it is read piece by piece, here.
                yield from crew.give(task)
                yield from crew.rest()
                yield judge(block, most)
                task, size = [], 0
                continue
            task.append(block)
            size += len(block.text)
            if size >= _TASK:
                yield from crew.give(task)
                task, size = [], 0
        yield from crew.give(task)
        yield from crew.rest()


class _Crew:
    """Worker processes, each with a pipe and its slots of shared memory."""

    def __init__(self, jobs: int, most: int) -> None:
        self._waiting: deque[Connection] = deque()
        self._pipes: list[Connection] = []
        self._slots: list[list[mmap.mmap]] = []
        self._processes = []
        self._given = 0
        # Forked, so that a worker has the shared memory and the imports of this process.
        context = multiprocessing.get_context("fork")
        for _ in range(jobs):
            ours, theirs = context.Pipe()
            slots = [mmap.mmap(-1, _SLOT) for _ in range(_SLOTS)]
            process = context.Process(
                target=_work, args=(theirs, slots, most, [*self._pipes, ours]), daemon=True
            )
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._slots.append(slots)
            self._processes.append(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._pipes:
            pipe.close()  # a worker ends when its pipe does
        for process in self._processes:
            process.join()
        for slots in self._slots:
            for slot in slots:
                slot.close()

    def give(self, task: list[Block]) -> Generator[Tally]:
        """Hand blocks to the next worker; first yield what it gave for an earlier task."""
        if not task:
            return
        if len(self._waiting) == _SLOTS * len(self._pipes):
            yield from self._receive()
        turn, worker = divmod(self._given, len(self._pipes))
        slot = self._slots[worker][turn % _SLOTS]
        slot.seek(0)
        for block in task:
            slot.write(block.text)
        places = [(block.offset, len(block.text)) for block in task]
        with _noticing_its_end():
            self._pipes[worker].send((turn % _SLOTS, places))
        self._waiting.append(self._pipes[worker])
        self._given += 1

    def rest(self) -> Generator[Tally]:
        """Yield what is still being worked on."""
        while self._waiting:
            yield from self._receive()

    def _receive(self) -> Generator[Tally]:
        with _noticing_its_end():
            found = self._waiting.popleft().recv()
        yield from found


@contextmanager
def _noticing_its_end() -> Iterator[None]:
    try:
        yield
    except (EOFError, OSError) as error:
        raise RuntimeError("a worker process ended unexpectedly") from error


def _work(pipe: Connection, slots: list[mmap.mmap], most: int, others: list[Connection]) -> None:
    """Judge what comes through the pipe, until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends this process
    gc.disable()  # nothing here makes cycles
    for other in others:
        other.close()  # else the pipes of other workers would never end
    with suppress(EOFError, OSError):  # the parent has gone, or needs no more
        while True:
            slot, places = pipe.recv()
            start = 0
            found = []
            for offset, length in places:
                text = slots[slot][start : start + length]
                found.append(judge(Block(text, offset), most))
                start += length
            pipe.send(found)
