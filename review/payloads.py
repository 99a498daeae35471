"""Files of a review: which of them are payloads, and what is in those."""

from typing import Any

from .. import payloads
from ..diagnostics import Diagnostic


def is_payload(data: bytes, name: str) -> bool:
    """Whether a file is meant as a payload, and not as a config, which no brace begins."""
    return name.endswith(".json") or data.lstrip().startswith(b"{")


def read_payload(data: bytes, name: str) -> dict[str, Any] | tuple[Diagnostic, ...]:
    """Return the payload in a file, or the findings that say why it is none.

    Args:
        data: the bytes of the file.
        name: its name in diagnostics.

    """
    payload = payloads.read(data, name=name)
    return payload.value if isinstance(payload, payloads.Payload) else payload
