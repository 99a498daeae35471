"""The config against its schema: yes in microseconds, or findings in the words of TOML.

The schema is the authority for both validators. The fast one says yes and stops; only when
it does not is the careful one loaded to say where and why.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ...diagnostics import Finding, KeyPath
from ...schemas.accepting import acceptor

__all__ = [
    "accepts",
    "check",
    "check_payload",
    "explain",
    "require_payload",
]


def check(config: Mapping[str, Any], claimed: Collection[KeyPath] = ()) -> list[Finding]:
    """Return what the schema says of a config.

    Args:
        config: the values of the config.
        claimed: required keys of which something is said already.

    """
    return [] if accepts(config) else explain(config, claimed)


def accepts(config: Mapping[str, Any]) -> bool:
    """Whether the fast path says yes."""
    return acceptor("config")(config)


def explain(config: Mapping[str, Any], claimed: Collection[KeyPath] = ()) -> list[Finding]:
    """Return what the careful path says of a config; of each value one thing."""
    from ...schemas.explaining import misses  # a good config needs none of these
    from .missing import missing
    from .wrong import wrong

    findings: dict[KeyPath, Finding] = {}
    for miss in misses("config", config):
        for path in miss.places:
            if path not in findings and not (miss.absent and path in claimed):
                findings[path] = missing(path) if miss.absent else wrong(miss, path)
    return list(findings.values())


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
    from ...schemas.explaining import misses  # a good config needs neither
    from .wrong import wrong

    findings: dict[KeyPath, Finding] = {}
    for miss in misses("payload", payload):
        path = key_of(miss.path)
        if path is not None and path not in findings:
            findings[path] = wrong(miss, path)
    return list(findings.values())


def require_payload(payload: Mapping[str, Any]) -> None:
    """Hold a compiled payload against its schema.

    Raises:
        AssertionError: it does not match. That is a bug of sftc's, not of the config's.

    """
    if not acceptor("payload")(payload):
        raise AssertionError("sftc compiled a payload that does not match its own schema")
