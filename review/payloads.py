"""Payloads in files: which they are, and what pins their datasets."""

from collections.abc import Mapping
from typing import Any

from .. import payloads
from ..diagnostics import Diagnostic
from ..payloads import dataset_files


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


def pins(payload: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the facts that pin the dataset files of a payload, by use; only pinned ones."""
    return {
        use: {name: fact for name, fact in file.items() if name != "path"}
        for use, file in dataset_files(payload).items()
        if len(file) > 1
    }


def kept_pins(payload: Mapping[str, Any], artifact: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the pins of an artifact for those files that a payload names as well, by use."""
    named, before = dataset_files(payload), dataset_files(artifact)
    same = {use for use in named if named[use]["path"] == before.get(use, {}).get("path")}
    return {use: facts for use, facts in pins(artifact).items() if use in same}
