"""The ways back, for those who review payloads: to configs, to places, to what it all means.

Apart from the pipeline, because compiling and linting need none of it.
"""

from collections.abc import Mapping
from typing import Any

from ..diagnostics import Edit, Finding, KeyPath
from ..diagnostics.pointers import pointer
from ..diagnostics.toml_places import Places
from ..payloads import canonical
from . import source
from .edits import apply
from .lower import FromConfig, FromDefault, FromOption, Origin
from .lower.fate import Destination, Fate
from .lower.inverse import lift
from .lower.provenance import leaves

__all__ = [
    "Destination",
    "Fate",
    "FromConfig",
    "FromDefault",
    "FromOption",
    "Origin",
    "Places",
    "apply",
    "canonical_bytes",
    "edits_that_set",
    "leaves",
    "lift",
    "places",
    "pointer",
    "values",
]


def canonical_bytes(payload: dict[str, Any]) -> bytes:
    """Return a payload as canonical JSON, whoever wrote it.

    Raises:
        TypeError: it has an integer beyond 64 bits.

    """
    return canonical.encode(payload)


def places(text: str | bytes, document: str) -> Places:
    """Return where each key and value of a config stands, as far as it can be read."""
    return Places(source.decode(text, document)[0], document)


def values(text: str | bytes, document: str) -> tuple[dict[str, Any] | None, list[Finding]]:
    """Return the values of any TOML text, or None and the findings that say why there are none."""
    decoded, found = source.decode(text, document)
    if found:
        return None, found
    return source.parse(decoded, document)


def edits_that_set(
    text: str | bytes, document: str, settings: Mapping[KeyPath, Any]
) -> tuple[Edit, ...] | None:
    """Return the edits that set keys of a config; None if they cannot be written into its text.

    Args:
        text: the config.
        document: its name.
        settings: the values, by key path: switches, numbers and texts.

    """
    from .mending.setting import setting  # a diff needs none of it

    read, _ = values(text, document)
    return None if read is None else setting(places(text, document), read, settings)
