"""What a row may take: a template is a stranger's program, which may never end or fill the memory.

For processes that do nothing else: the timer and the limits are the process's.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

SECONDS: Final = 10
"""What one row may take, most of which takes a thousandth."""
_MEMORY: Final = 4 * 1024**3
"""Bytes of address space; a large vocabulary takes half a gigabyte of them."""


def limit_memory() -> None:
    """Let this process have only so much memory, where the platform can."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > _MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, hard))


@contextmanager
def limited_time(seconds: float = SECONDS) -> Iterator[None]:
    """Raise ``TimeoutError`` if what is done here takes too long, where the platform can.

    Whoever waits for this process has a deadline of its own: code in C is not interrupted.
    """
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return
    signal.signal(signal.SIGALRM, _late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _late(*_: object) -> NoReturn:
    raise TimeoutError
