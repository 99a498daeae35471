"""What is fuzzed: for each target a module, which knows no fuzzer.

Its ``check`` takes any bytes and raises if a promise is broken; its ``seeds`` are inputs that reach
deep, and its ``words`` go into the fuzzer's dictionary.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, cast

TARGETS: Final = ("toml", "rows", "artifacts", "journal", "requests")
TESTS: Final = Path(__file__).parents[2]
CORPUS: Final = Path(__file__).parents[1] / "corpus"
"""Inputs that once broke a promise, in a folder for each target."""


class Target(Protocol):
    """A module of this folder."""

    def check(self, data: bytes) -> None:
        """Assert what is promised of these bytes."""

    def seeds(self) -> Iterator[bytes]:
        """Yield inputs to begin with."""

    def words(self) -> Iterable[str]:
        """Return what the inputs are made of."""


def target(name: str) -> Target:
    """Return a target."""
    return cast("Target", import_module(f".{name}", __package__))
