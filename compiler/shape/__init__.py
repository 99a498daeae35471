"""The config against its schema: yes in microseconds, or findings in the words of TOML.

The schema is the authority for both validators. The fast one says yes and stops; only when
it does not is the careful one loaded to say where and why.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...diagnostics import Finding, KeyPath
from ...schemas.accepting import acceptor

__all__ = [
    "Shape",
    "accepts",
    "check",
    "check_payload",
    "explain",
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
    from ...schemas.explaining import validator  # a good config needs none of these
    from .missing import missing
    from .wrong import wrong

    findings: list[Finding] = []
    unsound: set[KeyPath] = set()
    for error in validator("config").iter_errors(config):
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
    from ...schemas.explaining import validator
    from .wrong import wrong  # a good config does not need it

    findings: dict[KeyPath, Finding] = {}
    for error in validator("payload").iter_errors(payload):
        path = key_of(tuple(error.absolute_path))
        if path is not None:
            findings.setdefault(path, wrong(error, path))
    return list(findings.values())


def require_payload(payload: Mapping[str, Any]) -> None:
    """Hold a compiled payload against its schema.

    Raises:
        AssertionError: it does not match. That is a bug of sftc's, not of the config's.

    """
    if not acceptor("payload")(payload):
        raise AssertionError("sftc compiled a payload that its own schema refuses")
