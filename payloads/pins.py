"""The dataset files that a payload names, and the facts that pin them: digest, size, rows."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from . import fields


def dataset_files(payload: Mapping[str, Any]) -> Mapping[str, dict[str, Any]]:
    """Return the dataset files that a payload names, by use, with what pins them."""
    return fields.value_at(payload, fields.FILES) or {}


def pins(payload: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the facts that pin the dataset files of a payload, by use; only pinned ones."""
    return {
        use: {name: fact for name, fact in file.items() if name != "path"}
        for use, file in dataset_files(payload).items()
        if len(file) > 1
    }


_OF_BYTES: Final = frozenset(("sha256", "bytes", "examples", "head"))


def of_bytes(pin: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a pin that follow from the bytes of its file, whatever the job."""
    return {name: fact for name, fact in pin.items() if name in _OF_BYTES}


def of_tokens(pin: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a pin that follow from a tokenizer and a sequence length as well."""
    return {name: fact for name, fact in pin.items() if name not in _OF_BYTES and name != "path"}


def kept_pins(payload: Mapping[str, Any], artifact: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the pins of an artifact for those files that a payload names as well, by use.

    Those of tokens are kept only if the model and the sequence length are the same.
    """
    named, before = dataset_files(payload), dataset_files(artifact)
    same = {use for use in named if named[use]["path"] == before.get(use, {}).get("path")}
    counted = all(
        fields.value_at(payload, field) == fields.value_at(artifact, field)
        for field in (fields.MODEL, fields.SEQUENCE_LENGTH)
    )
    return {
        use: facts if counted else of_bytes(facts)
        for use, facts in pins(artifact).items()
        if use in same
    }


def unpinned(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload that names the same dataset files, and pins none."""
    found = deepcopy(dict(payload))
    for file in dataset_files(found).values():
        for name in file.keys() - {"path"}:
            del file[name]
    return found
