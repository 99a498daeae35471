"""What JSON cannot carry exactly as the TOML has it; and what TOML cannot carry of JSON."""

from collections.abc import Iterator
from math import isfinite
from typing import Any, Final

from ...diagnostics import Finding, KeyPath, Remedy, codes, dotted, type_text

_EXACT_IN_A_DOUBLE: Final = 2**53 - 1
_SMALLEST_INT64: Final = -(2**63)
_LARGEST_INT64: Final = 2**63 - 1


def flaws(value: Any, path: KeyPath) -> Iterator[Finding]:
    """Yield what stands against forwarding a value, or a value inside it."""
    kind = type(value)
    if kind is str or kind is bool:
        return
    if kind is int:
        if not -_EXACT_IN_A_DOUBLE <= value <= _EXACT_IN_A_DOUBLE:
            exact = _SMALLEST_INT64 <= value <= _LARGEST_INT64
            yield Finding(
                codes.INTEGER_INEXACT if exact else codes.INTEGER_TOO_LARGE,
                path,
                {"key": dotted(path)},
            )
    elif kind is float:
        if not isfinite(value):
            yield Finding(codes.NOT_FINITE, path, {"key": dotted(path), "found": str(value)})
    elif kind is dict:
        for key, child in value.items():
            yield from flaws(child, (*path, key))
    elif kind is list:
        for index, child in enumerate(value):
            yield from flaws(child, (*path, index))
    else:
        yield Finding(
            codes.DATE_OR_TIME,
            path,
            {"key": dotted(path), "found": type_text(value)},
            hint="write it as a string, in quotes",
            remedy=Remedy("quote the value", quote=True),
        )


NOTHING: Final = object()


def without_unfit(value: Any) -> Any:
    """Return a JSON value without what TOML does not have, or ``NOTHING``.

    That is null, and integers beyond 64 bits. An array that holds one is left out whole, since
    its items would change their places.
    """
    if isinstance(value, dict):
        pairs = {key: without_unfit(child) for key, child in value.items()}
        kept = {key: child for key, child in pairs.items() if child is not NOTHING}
        return kept if kept or not value else NOTHING
    if isinstance(value, list):
        items = [without_unfit(child) for child in value]
        return NOTHING if any(item is NOTHING for item in items) else items
    large = isinstance(value, int) and not _SMALLEST_INT64 <= value <= _LARGEST_INT64
    return NOTHING if value is None or large else value
