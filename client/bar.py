"""The interface of a progress bar; nothing here draws one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

Bar: TypeAlias = Callable[[str, int | None], AbstractContextManager[Callable[[int], None] | None]]
"""Gives, for a title and a number of bytes, what is told how many are done."""


@contextmanager
def no_bar(_title: str, _total: int | None) -> Iterator[None]:
    """Show nothing."""
    yield None
