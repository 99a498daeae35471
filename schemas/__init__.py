"""The JSON Schemas of sftc's formats, as data, and their only loader.

They define every shape in this project. This package does not use them itself.
"""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from .deriving import add_routed_keys, lend

_BORROWS: Final = "x-sftc-borrows"
"""The keyword that names the schema whose definitions a schema uses."""


class Name(StrEnum):
    """The formats: config, settings, payload, a row of a dataset, and what commands print.

    ``forwarded`` has the hyperparameters that a trainer takes beyond the payload's schema, and
    ``journal`` is what a trainer writes; ``serve`` has the settings of the backend.
    """

    CONFIG = "config"
    CONVERT = "convert"
    DATA = "data"
    DATA_DIFF = "data-diff"
    DIFF = "diff"
    FETCH = "fetch"
    FINDINGS = "findings"
    FIX = "fix"
    FOLLOW = "follow"
    FORWARDED = "forwarded"
    JOBS = "jobs"
    JOURNAL = "journal"
    LOGS = "logs"
    PAYLOAD = "payload"
    PLAN = "plan"
    RECIPE = "recipe"
    REQUESTS = "requests"
    ROW = "row"
    SERVE = "serve"
    SETTINGS = "settings"
    SOURCE_MAP = "source-map"
    STATUS = "status"
    SUBMISSION = "submission"
    TARGETS = "targets"
    TRAINER_LOG = "trainer-log"


def file_name(name: str) -> str:
    """Return the file name of a schema, e.g. ``config.schema.json``."""
    return f"{name}.schema.json"


def shipped(name: str) -> bytes:
    """Return the file of a schema: all of it, but for what it takes from another schema.

    Raises:
        ValueError: there is no schema of that name; see ``Name``.

    """
    return Path(__file__).with_name(file_name(Name(name))).read_bytes()


@cache
def text(name: str) -> bytes:
    """Return a schema that stands alone (UTF-8 JSON, draft 2020-12).

    Raises:
        ValueError: there is no schema of that name; see ``Name``.

    """
    file = shipped(name)
    if _BORROWS not in json.loads(file):
        return file
    return (json.dumps(load(name), ensure_ascii=False, indent=2) + "\n").encode()


@cache
def load(name: str) -> dict[str, Any]:
    """Return a schema as plain values; the same object each time, to be read only.

    Raises:
        ValueError: there is no schema of that name; see ``Name``.

    """
    schema: dict[str, Any] = json.loads(shipped(name))
    lender = schema.pop(_BORROWS, None)
    if lender is not None:
        if name == Name.PAYLOAD:
            add_routed_keys(schema, load(lender))
        lend(schema, load(lender)["$defs"])
    return schema


def resolved(name: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a part of schema ``name`` with the definition that it refers to put in."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    return {**load(name)["$defs"][reference.removeprefix("#/$defs/")], **schema}


def key_schema(path: tuple[str | int, ...], name: str = "config") -> Mapping[str, Any]:
    """Return what a schema says of the key at a path; empty for an unknown key."""
    schema: Mapping[str, Any] = load(name)
    for part in path:
        schema = resolved(name, schema.get("properties", {}).get(part, {}))
    return schema


@cache
def known_tables() -> Mapping[tuple[str | int, ...], Mapping[str, Any]]:
    """Return the keys that the config's schema knows, by the path of their table."""
    parts = _parts(load("config"), ())
    return {path: schema["properties"] for path, schema in parts if "properties" in schema}


@cache
def dataset_files() -> dict[str, tuple[str, ...]]:
    """Return where a payload names its dataset files: the path of the field, by use."""
    return {
        use: (*path, use)
        for path, schema in _parts(load("payload"), ())
        if schema.get("x-sftc-datasets")
        for use in schema["properties"]
    }


def _parts(
    schema: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    yield path, schema
    for key, below in schema.get("properties", {}).items():
        yield from _parts(below, (*path, key))


def value_at(config: Mapping[str, Any], path: tuple[str | int, ...]) -> Any:
    """Return the value of a config at a path of table keys; None where there is none."""
    value: Any = config
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value
