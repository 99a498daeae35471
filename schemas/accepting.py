"""The fast path: a schema as a function that says yes or no.

It knows the keywords that our schemas use, by TOML's reading of types, and raises on any
other, such as ``anyOf``; the careful path says where and why. No JSON Schema library is
imported: that alone takes longer than a run needs.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial, reduce
from typing import Any, Final, TypeAlias

from . import key_schema, load, resolved

Accept: TypeAlias = Callable[[Any], bool]
_Maker: TypeAlias = Callable[[Mapping[str, Any], Callable[..., Accept]], Accept]

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
_WORDS: Final = {
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "default",
    "deprecated",
    "description",
    "examples",
    "title",
}
"""Keywords that demand nothing."""


@cache
def acceptor(name: str) -> Accept:
    """Return the function that says whether a value is what schema ``name`` allows.

    Raises:
        ValueError: the schema uses a keyword that is not known here.

    """
    return _compiled(name, load(name))


@cache
def key_acceptor(path: tuple[str | int, ...], name: str = "config") -> Accept:
    """Return the function that says whether a schema allows a value for the key at a path.

    Raises:
        ValueError: the schema uses a keyword that is not known here.

    """
    return _compiled(name, key_schema(path, name))


def _compiled(name: str, part: Mapping[str, Any]) -> Accept:
    part = resolved(name, part)
    demands = [
        _demand(keyword)(part, partial(_compiled, name))
        for keyword in part
        if keyword not in _WORDS and keyword != "$ref" and not keyword.startswith("x-sftc-")
    ]
    return reduce(_both, demands) if demands else _anything


def _demand(keyword: str) -> _Maker:
    try:
        return _KEYWORDS[keyword]
    except KeyError:
        message = f"schemas may not use `{keyword}`: only the careful path would know it"
        raise ValueError(message) from None


def _anything(_: Any) -> bool:
    return True


def _both(one: Accept, other: Accept) -> Accept:
    return lambda value: one(value) and other(value)


def _type(part: Mapping[str, Any], _: Callable[..., Accept]) -> Accept:
    named = part["type"] if isinstance(part["type"], list) else [part["type"]]
    types = {kind for name in named for kind in _TYPES[name]}
    return lambda value: type(value) in types


def _properties(part: Mapping[str, Any], compiled: Callable[..., Accept]) -> Accept:
    known = {key: compiled(below) for key, below in part["properties"].items()}

    def accept(value: Any) -> bool:
        if type(value) is dict:
            for key, child in value.items():
                demand = known.get(key)
                if demand is not None and not demand(child):
                    return False
        return True

    return accept


def _items(part: Mapping[str, Any], compiled: Callable[..., Accept]) -> Accept:
    demand = compiled(part["items"])
    return lambda value: type(value) is not list or all(demand(item) for item in value)


def _closed(part: Mapping[str, Any], compiled: Callable[..., Accept]) -> Accept:
    known = part.get("properties", {}).keys()
    if part["additionalProperties"] is False:
        return lambda value: type(value) is not dict or value.keys() <= known
    demand = compiled(part["additionalProperties"])
    return lambda value: (
        type(value) is not dict
        or all(demand(child) for key, child in value.items() if key not in known)
    )


def _required(part: Mapping[str, Any], _: Callable[..., Accept]) -> Accept:
    wanted = part["required"]
    return lambda value: type(value) is not dict or all(key in value for key in wanted)


def _dependent(part: Mapping[str, Any], _: Callable[..., Accept]) -> Accept:
    wanted: Mapping[str, Sequence[str]] = part["dependentRequired"]
    return lambda value: (
        type(value) is not dict
        or all(other in value for key, others in wanted.items() if key in value for other in others)
    )


def _filled(part: Mapping[str, Any], _: Callable[..., Accept]) -> Accept:
    least = part["minProperties"]
    return lambda value: type(value) is not dict or len(value) >= least


def _choice(part: Mapping[str, Any], _: Callable[..., Accept]) -> Accept:
    choices = part["enum"] if "enum" in part else [part["const"]]
    return lambda value: is_among(value, choices)


def is_among(value: Any, choices: Sequence[Any]) -> bool:
    """Whether a value is one of the choices, by type too: neither 1.0 nor true is 1."""
    return any(type(value) is type(choice) and value == choice for choice in choices)


def _pattern(part: Mapping[str, Any], _: Callable[..., Accept]) -> Accept:
    search = re.compile(part["pattern"]).search
    return lambda value: type(value) is not str or search(value) is not None


def _minimum(part: Mapping[str, Any], _: Callable[..., Accept]) -> Accept:
    least = part["minimum"]
    return lambda value: type(value) not in (int, float) or not value < least


def _maximum(part: Mapping[str, Any], _: Callable[..., Accept]) -> Accept:
    most = part["maximum"]
    return lambda value: type(value) not in (int, float) or not value > most


def _above(part: Mapping[str, Any], _: Callable[..., Accept]) -> Accept:
    limit = part["exclusiveMinimum"]
    return lambda value: type(value) not in (int, float) or not value <= limit


def _below(part: Mapping[str, Any], _: Callable[..., Accept]) -> Accept:
    limit = part["exclusiveMaximum"]
    return lambda value: type(value) not in (int, float) or not value >= limit


_KEYWORDS: Final[dict[str, _Maker]] = {
    "additionalProperties": _closed,
    "const": _choice,
    "dependentRequired": _dependent,
    "enum": _choice,
    "exclusiveMaximum": _below,
    "exclusiveMinimum": _above,
    "items": _items,
    "maximum": _maximum,
    "minProperties": _filled,
    "minimum": _minimum,
    "pattern": _pattern,
    "properties": _properties,
    "required": _required,
    "type": _type,
}
