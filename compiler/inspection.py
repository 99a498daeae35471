"""The ways back, for those who review payloads: to configs, to places, to what it all means.

Apart from the pipeline, because compiling and linting need none of it.
"""

from typing import Any

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
