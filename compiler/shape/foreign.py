"""TOML files that are no fine-tuning configs, so that a lint can pass over them."""

from collections.abc import Mapping
from typing import Any, Final

from ... import schemas
from ...diagnostics import Finding, value_text

_TELLING: Final = ("job", "compute", "training", "hyperparameters")
"""Tables of which a fine-tuning config has at least one."""


def foreign(config: Mapping[str, Any]) -> Finding | None:
    """Return the finding that a file is no fine-tuning config, or None if it looks like one."""
    # Imported here because only a config that does not compile comes here.
    from ...diagnostics.suggest import nearest

    algorithm = schemas.value_at(config, ("algorithm",))
    if isinstance(algorithm, dict):
        named = {key: algorithm.get(key) for key in ("type", "method")}
        if all(isinstance(v, str) and not _is_ours(key, v) for key, v in named.items()):
            shown = " and ".join(f"{key} = {value_text(value)}" for key, value in named.items())
            return Finding("SFT009", ("algorithm",), {"reason": f"[algorithm] has {shown}"})
    if any(key in _TELLING or nearest(key, _TELLING) for key in config):
        return None
    tables = ", ".join(f"[{name}]" for name in _TELLING[:-1])
    reason = f"it has none of {tables} and [{_TELLING[-1]}]"
    return Finding("SFT009", words={"reason": reason})


def _is_ours(key: str, value: str) -> bool:
    from ...diagnostics.suggest import nearest

    choices = schemas.key_schema(("algorithm", key))["enum"]
    return value in choices or nearest(value, choices) is not None
