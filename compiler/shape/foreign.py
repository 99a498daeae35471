"""TOML files that are no fine-tuning configs, so that a lint can pass over them."""

from collections.abc import Mapping
from typing import Any

from ... import schemas
from ...diagnostics import Finding, key_text, value_text


def foreign(config: Mapping[str, Any]) -> Finding | None:
    """Return the finding that a file is no fine-tuning config, or None if it looks like one.

    It is none if its [algorithm] names another kind of job; or if it has no [job], by any
    spelling, and at least as many tables that are not ours as are.
    """
    # Imported here because only a config that does not compile comes here.
    from ...diagnostics.suggest import nearest

    algorithm = schemas.value_at(config, ("algorithm",))
    if isinstance(algorithm, dict):
        named = {k: v for k in ("type", "method") if isinstance(v := algorithm.get(k), str)}
        if named and not any(_is_ours(key, value) for key, value in named.items()):
            shown = " and ".join(f"{key} = {value_text(value)}" for key, value in named.items())
            return Finding("SFT009", ("algorithm",), {"reason": f"[algorithm] has {shown}"})
    tables = schemas.known_tables()[()]
    ours = [key for key in config if key in tables or nearest(key, tables)]
    has_job = "job" in config or nearest("job", config) is not None
    if has_job or len(ours) > len(config) - len(ours):
        return None
    others = [key for key in config if key not in ours]
    reason = f"it has no [job], and `{key_text(others[0])}` is of another kind of file"
    return Finding("SFT009", words={"reason": reason})


def _is_ours(key: str, value: str) -> bool:
    from ...diagnostics.suggest import nearest

    choices = schemas.key_schema(("algorithm", key))["enum"]
    return value in choices or nearest(value, choices) is not None
