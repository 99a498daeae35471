"""The dataset files that a payload names, and the facts that pin them: digest, size, rows."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

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


def kept_pins(payload: Mapping[str, Any], artifact: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the pins of an artifact for those files that a payload names as well, by use."""
    named, before = dataset_files(payload), dataset_files(artifact)
    same = {use for use in named if named[use]["path"] == before.get(use, {}).get("path")}
    return {use: facts for use, facts in pins(artifact).items() if use in same}


def unpinned(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload that names the same dataset files, and pins none."""
    found = deepcopy(dict(payload))
    for file in dataset_files(found).values():
        for name in file.keys() - {"path"}:
            del file[name]
    return found
