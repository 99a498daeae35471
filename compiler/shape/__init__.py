"""The config against its schema: yes in microseconds, or findings in the words of TOML.

The schema is the authority for both validators. The fast one says yes and stops; only when
it does not is the careful one loaded to say where and why.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from ... import schemas
from ...diagnostics import Finding, KeyPath
from .missing import missing
from .wrong import wrong


@dataclass(frozen=True, slots=True)
class Shape:
    """What the schema says of a config.

    Attributes:
        findings: what it does not allow.
        unsound: the paths whose values must not be looked at any further.

    """

    findings: tuple[Finding, ...] = ()
    unsound: frozenset[KeyPath] = frozenset()


_SOUND = Shape()


def check(config: Mapping[str, Any]) -> Shape:
    """Return what the schema says of a config."""
    return _SOUND if accepts(config) else explain(config)


def accepts(config: Mapping[str, Any]) -> bool:
    """Whether the fast path says yes; a no is not final, see ``explain``."""
    return _fast_validator().is_valid(config) and not any(
        type(schemas.value_at(config, path)) is float for path in _integer_keys()
    )


def explain(config: Mapping[str, Any]) -> Shape:
    """Return what the careful path says of a config."""
    findings: list[Finding] = []
    unsound: set[KeyPath] = set()
    for error in _careful_validator().iter_errors(config):
        path = tuple(error.absolute_path)
        if error.validator == "required":
            absent = [(*path, key) for key in error.validator_value if key not in error.instance]
            fresh = [at for at in absent if at not in unsound]
            unsound.update(fresh)
            findings += (missing(config, at) for at in fresh)
        elif path not in unsound:
            unsound.add(path)
            findings.append(wrong(error, path))
    return Shape(tuple(findings), frozenset(unsound))


@cache
def _fast_validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schemas.load("config"))


@cache
def _integer_keys() -> tuple[KeyPath, ...]:
    """Return the keys that take an integer: JSON Schema lets 4.0 pass for one, TOML does not."""
    return tuple(_integers(schemas.load("config"), ()))


def _integers(schema: Mapping[str, Any], path: KeyPath) -> Iterator[KeyPath]:
    if schemas.resolved("config", schema).get("type") == "integer":
        yield path
    for key, below in schema.get("properties", {}).items():
        yield from _integers(below, (*path, key))


@cache
def _careful_validator() -> Any:
    # Imported here because it takes as long as all the rest, and a good config needs none of it.
    from jsonschema import Draft202012Validator, validators

    types = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    extend: Any = validators.extend  # untyped in its stubs
    return extend(Draft202012Validator, type_checker=types)(schemas.load("config"))


def require_payload(payload: Mapping[str, Any]) -> None:
    """Hold a compiled payload against its schema.

    Raises:
        AssertionError: it does not match. That is a bug of sftc's, not of the config's.

    """
    if not _payload_validator().is_valid(payload):
        message = "sftc compiled a payload that its own schema refuses; please report this config"
        raise AssertionError(message)


@cache
def _payload_validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schemas.load("payload"))
