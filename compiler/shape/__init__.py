"""The config against its schema: yes in microseconds, or findings in the words of TOML.

The schema is the authority for both validators. The fast one says yes and stops; only when
it does not is the careful one loaded to say where and why.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ... import schemas
from ...diagnostics import Finding, KeyPath
from .accept import acceptor

__all__ = [
    "Shape",
    "accepts",
    "check",
    "check_payload",
    "explain",
    "payload_problem",
    "require_payload",
]


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
    """Whether the fast path says yes."""
    return acceptor("config")(config)


def explain(config: Mapping[str, Any]) -> Shape:
    """Return what the careful path says of a config."""
    from .missing import missing  # a good config needs neither
    from .wrong import wrong

    findings: list[Finding] = []
    unsound: set[KeyPath] = set()
    for error in _careful_validator("config").iter_errors(config):
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
def _careful_validator(name: str) -> Any:
    # Imported here because it takes as long as all the rest, and a good config needs none of it.
    from jsonschema import Draft202012Validator, validators

    types = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    extend: Any = validators.extend  # untyped in its stubs
    return extend(Draft202012Validator, type_checker=types)(schemas.load(name))


def check_payload(
    payload: Mapping[str, Any], key_of: Callable[[KeyPath], KeyPath | None]
) -> list[Finding]:
    """Return what the payload's schema says, in terms of the config that it was made from.

    That is a key which its own table does not know, and which lands on a field that another
    key owns: ``eval_steps`` in ``[hyperparameters]``.

    Args:
        payload: the compiled payload.
        key_of: from the path of a value in the payload to that of its key in the config, or
            None where no key set it.

    """
    if acceptor("payload")(payload):
        return []
    from .wrong import wrong  # a good config does not need it

    findings: dict[KeyPath, Finding] = {}
    for error in _careful_validator("payload").iter_errors(payload):
        path = key_of(tuple(error.absolute_path))
        if path is not None:
            findings.setdefault(path, wrong(error, path))
    return list(findings.values())


def payload_problem(payload: object) -> tuple[KeyPath, str] | None:
    """Return what the payload's schema does not allow in a JSON value from elsewhere.

    Returns:
        the path and the problem in the words of JSON Schema; None if it is a payload.

    """
    if isinstance(payload, dict) and acceptor("payload")(payload):
        return None
    from jsonschema.exceptions import best_match

    error = best_match(_careful_validator("payload").iter_errors(payload))
    return None if error is None else (tuple(error.absolute_path), error.message)


def require_payload(payload: Mapping[str, Any]) -> None:
    """Hold a compiled payload against its schema.

    Raises:
        AssertionError: it does not match. That is a bug of sftc's, not of the config's.

    """
    if not acceptor("payload")(payload):
        raise AssertionError("sftc compiled a payload that its own schema refuses")
