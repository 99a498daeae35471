"""The careful path: what exactly a value misses in a schema, by the same reading of types.

Whoever explains a miss in words of its own iterates ``misses``; none of them needs to know the
library that finds them, or how its errors are shaped.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from . import load
from .accepting import is_among

Path: TypeAlias = tuple[str | int, ...]
_Keys: TypeAlias = tuple[str, ...]


class Miss(NamedTuple):
    """One demand of a schema that a value does not meet.

    Attributes:
        path: the value, by keys and indices below the value that was validated.
        keyword: the keyword that demands it, such as ``required``.
        rule: what the schema has for that keyword.
        value: the value at the path.
        schema: the part of the schema that has the keyword, without references.
        absent: the keys that ``required`` or ``dependentRequired`` demands and the value lacks.
        unknown: the keys of the value that ``additionalProperties`` does not allow.
        message: the miss in the words of the library; it may quote all of the value.

    """

    path: Path
    keyword: str
    rule: Any
    value: Any
    schema: Mapping[str, Any]
    absent: _Keys
    unknown: _Keys
    message: str

    @property
    def places(self) -> tuple[Path, ...]:
        """The paths that it is about: of each absent or unknown key, or else of the value."""
        keys = self.absent or self.unknown
        return tuple((*self.path, key) for key in keys) if keys else (self.path,)


def misses(name: str, value: Any, part: str | None = None) -> Iterator[Miss]:
    """Yield what a value misses in a schema, absent keys of one object together.

    Several misses may be about the same path: a value of the wrong type is no choice, either.

    Args:
        name: the name of the schema.
        value: plain values; 2.0 is no integer, nor true a 1.
        part: the definition of the schema that the value is held to; None: the whole schema.

    """
    seen = set()
    for error in validator(name, part).iter_errors(value):
        path, keyword, rule = tuple(error.absolute_path), error.validator, error.validator_value
        absent = _absent(keyword, rule, error.instance)
        if absent:  # the library has an error for each of the keys
            if (path, keyword, absent) in seen:
                continue
            seen.add((path, keyword, absent))
        unknown = _unknown(keyword, error.schema, error.instance)
        yield Miss(
            path, keyword, rule, error.instance, error.schema, absent, unknown, error.message
        )


def _absent(keyword: str, rule: Any, value: Any) -> _Keys:
    if keyword == "required":
        return tuple(key for key in rule if key not in value)
    if keyword == "dependentRequired":
        demanded = {key for name in rule if name in value for key in rule[name]}
        return tuple(sorted(demanded - value.keys()))
    return ()


def _unknown(keyword: str, schema: Mapping[str, Any], value: Any) -> _Keys:
    if keyword != "additionalProperties":
        return ()
    known = schema.get("properties", {})
    return tuple(key for key in value if key not in known)


@cache
def validator(name: str, part: str | None = None) -> Any:
    """Return a validator of schema ``name``, or of one of its definitions.

    To it, 2.0 is no integer, nor true a 1.
    """
    # Imported here because it takes as long as all the rest, and a good file needs none of it.
    from jsonschema import Draft202012Validator, ValidationError, validators

    def among(_: Any, choices: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
        choices = schema.get("enum", [choices])
        if not is_among(value, choices):
            yield ValidationError(f"{value!r} is not one of {choices!r}")

    types = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    extend: Any = validators.extend  # untyped in its stubs
    strict = extend(Draft202012Validator, {"enum": among, "const": among}, type_checker=types)
    schema = load(name)
    definitions = schema.get("$defs", {})
    return strict(_inlined(definitions[part] if part else schema, definitions))


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Return a schema with definitions in place of references: to look one up takes its time."""
    if isinstance(schema, list):
        return [_inlined(value, definitions) for value in schema]
    if not isinstance(schema, dict):
        return schema
    inlined = {key: _inlined(value, definitions) for key, value in schema.items() if key != "$ref"}
    named = schema.get("$ref", "").removeprefix("#/$defs/")
    return {**_inlined(definitions[named], definitions), **inlined} if named else inlined
