"""What a program may ask a plan of: arguments that cannot be right, refused before any work."""

from collections.abc import Mapping
from typing import Any, Final

from ..job.planned import room_of

_MOST_ROWS: Final = 10**12
_HIGHEST_PRICE: Final = 10**6
"""As in the schema of settings."""


def check_facts(filename: Any, gpu: Any, rows: Any, price: Any, model_config: Any) -> None:
    """Refuse facts that no job has.

    Raises:
        TypeError: one is of another type.
        ValueError: one has a value that it cannot have.

    """
    _typed("filename", filename, str, "text")
    _typed("gpu", gpu, str | None, "the name of a GPU")
    _typed("rows", rows, int | None, "an integer")
    _typed("price", price, int | float | None, "a number")
    _typed("model_config", model_config, Mapping | None, "the values of a config.json")
    if gpu is not None and room_of(gpu) is None:
        raise ValueError(f"gpu: there is no GPU called {gpu!r}")
    if rows is not None and not 1 <= rows <= _MOST_ROWS:
        raise ValueError(f"rows must be from 1 to {_MOST_ROWS:,}")
    if price is not None and not 0 <= price <= _HIGHEST_PRICE:
        raise ValueError(f"price must be a number from 0 to {_HIGHEST_PRICE:,}")


def _typed(name: str, value: Any, kinds: Any, words: str) -> None:
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise TypeError(f"{name} must be {words}, not {type(value).__name__}")
