"""Blocks of rows handed to processes, on all cores; whatever a row does to its process.

A process that dies, or does not answer in time, is replaced, and the rows that it had are handed
out again one by one, so that only the row that did it is lost.
"""

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from .limits import SECONDS, limit_memory
from .row import RowReader
from .rows import Lines, split

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

Answer = TypeVar("Answer")
Work = Callable[[RowReader, bytes], Answer]
"""What is done with lines: a function of a module, so that it can be named to a process."""

THREADS: Final = Path("/proc/self/task")
"""What Linux says of the threads of this process."""
_WAITING: Final = 2
"""Blocks of a process: one that it works on, and one that waits."""
_START: Final = 60.0
"""Seconds that a process may take to start, on a machine that is busy."""
_NEW_OBJECTS: Final = 100_000
"""Objects after which a process looks for cycles among them."""
_BY_BYTE: Final = 20e-6
"""Seconds that a byte may take; most take a millionth."""


def answers(
    blocks: Iterable[Lines], work: Work[Answer], reader: Callable[[], RowReader], jobs: int
) -> Generator[tuple[Lines, Answer | None]]:
    """Yield what comes of blocks, in order; None for a row that nothing comes of.

    Args:
        blocks: whole lines.
        work: what to do with them.
        reader: makes what they are read with, in any process.
        jobs: how many processes share the work.

    """
    # Imported here because nobody else needs it.
    from concurrent.futures import ThreadPoolExecutor

    hands: deque[_Hand[Answer]] = deque(_Hand(work, reader) for _ in range(jobs))
    waiting: deque[Future[list[tuple[Lines, Answer | None]]]] = deque()
    everyone = list(hands)
    if _can_fork():
        made = reader()  # once for all of them
        for hand in everyone:
            hand.fork(made)
        del made
    pool = ThreadPoolExecutor(jobs)  # a thread waits for each process
    try:
        for block in blocks:
            if len(waiting) == _WAITING * jobs:
                yield from waiting.popleft().result()
            waiting.append(pool.submit(_answered, hands, block))
        while waiting:
            yield from waiting.popleft().result()
    finally:
        for hand in everyone:
            hand.close()
        pool.shutdown(cancel_futures=True)


def _answered(hands: "deque[_Hand[Answer]]", block: Lines) -> "list[tuple[Lines, Answer | None]]":
    """Return what comes of a block, or of each of its rows."""
    hand = hands.popleft()  # there are as many as threads
    try:
        if block.text is None:
            return [(block, None)]
        answer = hand.ask(block.text)
        if answer is not None:
            return [(block, answer)]
        alone = [Lines(row, block.first + place) for place, row in split(block.text)]
        if len(alone) <= 1:
            return [(block, None)]
        return [(row, hand.ask(row.text or b"")) for row in alone]
    finally:
        hands.append(hand)


class _Hand(Generic[Answer]):
    """One process, and the next one if it dies."""

    def __init__(self, work: Work[Answer], reader: Callable[[], RowReader]) -> None:
        self._work, self._reader = work, reader
        self._process: Any = None
        self._line: Connection[Any, Any] | None = None
        self._closed = False

    def fork(self, reader: RowReader) -> None:
        """Start the process with what this one has, which takes no time."""
        self._start(multiprocessing.get_context("fork"), reader)

    def ask(self, text: bytes) -> Answer | None:
        """Return what comes of lines; None if the process dies of them, or takes too long."""
        if self._closed:
            return None
        wait = SECONDS + _BY_BYTE * len(text)
        if self._line is None:
            self._start(multiprocessing.get_context("spawn"), self._reader)
            wait += _START
        line: Any = self._line
        try:
            line.send_bytes(text)
            if line.poll(wait):
                answer: Answer = line.recv()
                return answer
        except (EOFError, OSError):  # it died, or was ended
            pass
        self._end()
        return None

    def close(self) -> None:
        """End the process; nothing is asked of it again."""
        self._closed = True
        if self._process is not None:
            self._process.kill()

    def _start(self, context: Any, given: RowReader | Callable[[], RowReader]) -> None:
        line, other = context.Pipe()
        ours = line if context.get_start_method() == "fork" else None
        args = (other, self._work, given, ours)
        self._process = context.Process(target=_serve, args=args, daemon=True)
        self._process.start()
        other.close()  # so that the end of the process is the end of the line
        self._line = line

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
        self._process.kill()
        self._process.join()
        self._line = None


def _can_fork() -> bool:
    """Whether a fork is safe: one of a process with threads may hang."""
    try:
        return len(list(THREADS.iterdir())) == 1
    except OSError:  # no Linux
        return False


def _serve(
    line: "Connection[Any, Any]",
    work: Work[Any],
    given: RowReader | Callable[[], RowReader],
    others: "Connection[Any, Any] | None",
) -> None:
    """Answer until nobody asks.

    Args:
        line: where questions come from and answers go.
        work: what is asked.
        given: what to do it with, or what makes that.
        others: the other end of the line, of which a fork has a copy.

    """
    if others is not None:
        others.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asks, who ends this
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # who asks says what happened, in its own words
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # there is a process for each core
    limit_memory()
    reader = given if isinstance(given, RowReader) else given()
    gc.freeze()  # a row makes thousands of tuples and no cycles; looking for some takes a fifth
    gc.set_threshold(_NEW_OBJECTS)
    while True:
        try:
            text = line.recv_bytes()
        except EOFError:
            return
        line.send(work(reader, text))
