"""The careful path: what exactly a value misses in a schema, by the same reading of types."""

from functools import cache
from typing import Any

from . import load


@cache
def validator(name: str) -> Any:
    """Return a validator of schema ``name``, to which 2.0 is no integer."""
    # Imported here because it takes as long as all the rest, and a good file needs none of it.
    from jsonschema import Draft202012Validator, validators

    types = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    extend: Any = validators.extend  # untyped in its stubs
    return extend(Draft202012Validator, type_checker=types)(load(name))
