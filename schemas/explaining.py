"""The careful path: what exactly a value misses in a schema, by the same reading of types."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from . import load
from .accepting import is_among


@cache
def validator(name: str) -> Any:
    """Return a validator of schema ``name``, to which 2.0 is no integer, nor true a 1."""
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
    return strict(load(name))
