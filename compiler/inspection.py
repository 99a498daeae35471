"""The ways back, for those who review payloads: to configs, to places, to what it all means.

Apart from the pipeline, because compiling and linting need none of it.
"""

from typing import Any

from ..diagnostics import Finding
from ..payloads import canonical
from . import source
from .lower import FromConfig, FromDefault, FromOption, Origin
from .lower.fate import Destination, Fate
from .lower.inverse import lift
from .lower.provenance import leaves, pointer
from .source.places import Places

__all__ = [
    "Destination",
    "Fate",
    "FromConfig",
    "FromDefault",
    "FromOption",
    "Origin",
    "Places",
    "canonical_bytes",
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
