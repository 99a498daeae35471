"""Numbers that somebody wrote with a unit, as `4k` or `50%`: what to write instead."""

import re
from decimal import Decimal
from typing import Final

_QUANTITY: Final = re.compile(
    r"([-+]?\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][-+]?\d{1,2})?)[ \t]*(%|[A-Za-z]+)", re.ASCII
)
_DECIMAL: Final = {"k": 1, "K": 1, "M": 2, "G": 3, "B": 3, "T": 4}
_BINARY: Final = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4}
_RADIX: Final = frozenset({"0x", "0o", "0b"})
_LARGEST: Final = 2**63
_SHORT: Final = 100_000
"""Numbers from here on are easier to read with their digits grouped."""


def without_unit(text: str, kind: str = "number") -> str | None:
    """Return what to write instead of a number with a unit; None if the text is no such thing.

    Args:
        text: the number and its unit.
        kind: ``integer`` where a fraction is no answer.

    """
    match = _QUANTITY.fullmatch(text.strip())
    if not match or text.strip().lower() in _RADIX:
        return None
    number, unit = Decimal(match[1].replace("_", "")), match[2]
    if unit == "%" and kind != "integer":
        return f"write a fraction: `{float(number / 100)!r}`"
    if unit in _BINARY and (exact := _integer(number * 1024 ** _BINARY[unit])):
        return f"write `{exact}`"
    if unit in _DECIMAL and (exact := _integer(number * 1000 ** _DECIMAL[unit])):
        if _DECIMAL[unit] == 1 and (binary := _integer(number * 1024)):
            return f"write `{exact}`, or `{binary}` if `{unit}` means 1024"
        return f"write `{exact}`"
    return f"leave `{unit}` out: write the number alone, in the unit of its key"


def _integer(value: Decimal) -> str | None:
    if value != value.to_integral_value() or abs(value) >= _LARGEST:
        return None
    whole = int(value)
    return str(whole) if abs(whole) < _SHORT else f"{whole:_}"
