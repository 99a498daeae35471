"""What a row may take: a template is a stranger's program, which may never end or fill the memory.

For processes that do nothing else: the timer and the limits are the process's.
"""

import signal
from collections.abc import Callable
from functools import cache
from typing import Final, NoReturn, TypeVar

Given = TypeVar("Given")
Answer = TypeVar("Answer")

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


def limited_time(call: Callable[[Given], Answer], given: Given, seconds: float = SECONDS) -> Answer:
    """Return what a call gives, where the platform can in at most so many seconds.

    Whoever waits for this process has a deadline of its own: code in C is not interrupted.

    Raises:
        TimeoutError: it takes longer.

    """
    if not _alarms():
        return call(given)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return call(given)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@cache
def _alarms() -> bool:
    """Make alarms raise, once; whether there are any."""
    if not hasattr(signal, "setitimer"):  # Windows
        return False
    signal.signal(signal.SIGALRM, _late)
    return True


def _late(*_: object) -> NoReturn:
    raise TimeoutError
