"""A payload's values against its schema: accepted in microseconds, or what is wrong, in words."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..diagnostics import KeyPath, dotted
from ..schemas.accepting import acceptor
from . import fields

if TYPE_CHECKING:
    from ..schemas.explaining import Miss

FORMAT_VERSION: Final = 1
"""The version of the payload format that this sftc writes, and reads; in `metadata.sftc.format`."""

_MOST: Final = 50
"""Misfits that are reported: whoever sees that many looks for one cause."""
_LONGEST_VALUE: Final = 60
_LONGEST_MESSAGE: Final = 200
_WORDS: Final = {
    "const": "must be",
    "pattern": "must match",
    "minimum": "must be at least",
    "maximum": "must be at most",
    "exclusiveMinimum": "must be more than",
}
_TYPES: Final = {
    "array": "an array",
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


class Misfit(NamedTuple):
    """One way in which a value misses the schema.

    Attributes:
        path: the value; for absent keys, the table that lacks them.
        reason: what is wrong, on one line.
        absent: the keys that the schema requires there, and that are not there.
        blank: whether it is a text without a character, or null.

    """

    path: KeyPath
    reason: str
    absent: tuple[str, ...] = ()
    blank: bool = False


def misfits(value: Any) -> tuple[Misfit, ...]:
    """Return how a value misses the payload's schema: nothing if it fits, at most fifty misfits.

    Args:
        value: plain values, as a JSON reader gives them; 2.0 is no integer.

    """
    return () if acceptor("payload")(value) else tuple(islice(_found(value), _MOST))


def _found(value: Any) -> Iterator[Misfit]:
    # A payload that fits needs neither this nor jsonschema.
    from ..schemas.explaining import misses

    seen = set()
    for miss in misses("payload", value):
        misfit = _misfit(miss)
        if misfit[:2] not in seen:  # `type` and `pattern` may say the same of one value
            seen.add(misfit[:2])
            yield misfit


def _misfit(miss: "Miss") -> Misfit:
    value = miss.value
    absent = miss.absent if miss.keyword == "required" else ()
    blank = value is None or (isinstance(value, str) and not value.strip())
    return Misfit(miss.path, _reason(miss), absent, blank)


def _reason(miss: "Miss") -> str:
    path, value, rule = miss.path, miss.value, miss.rule
    what = f"`{dotted(path)}`" if path else "the payload"
    if path == fields.FORMAT:
        return (
            f"{what} is {_shown(value)}, but this version of sftc reads payload format "
            f"{FORMAT_VERSION}"
        )
    match miss.keyword:
        case "required":
            return f"{what} has no {_listed(miss.absent)}"
        case "dependentRequired":
            return f"{what} is only partly pinned: it has no {_listed(miss.absent)}"
        case "additionalProperties":
            return f"{what} has the unknown {_listed(miss.unknown)}"
        case "pattern" if not value.strip():
            return f"{what} is blank"
        case "minProperties":
            return f"{what} is empty"
        case "type":
            types = [rule] if isinstance(rule, str) else rule
            allowed = " or ".join(_TYPES[name] for name in types)
            return f"{what} is {_shown(value)}, but must be {allowed}"
        case "enum":
            choices = ", ".join(map(_shown, rule[:_MOST]))
            return f"{what} is {_shown(value)}, but must be one of {choices}"
        case other if other in _WORDS:
            return f"{what} is {_shown(value)}, but {_WORDS[other]} {_shown(rule)}"
        case _:
            return f"{what}: {miss.message[:_LONGEST_MESSAGE]}"


def _listed(keys: Iterable[str]) -> str:
    shown = [f"`{key}`" for key in islice(keys, _MOST)]
    return ", ".join(shown)


def _shown(value: Any) -> str:
    import json  # a payload that fits needs none

    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
