"""Whose file a TOML file is: a fine-tuning config, or another tool's, to be passed over.

It is ours if it has what ours have: a key that the schema calls telltale where that key is read
(``job.model``, ``compute.gpu_type``), or the line that names our schema; or if it has known keys,
and no table that we do not know. That some table is called ``job`` says nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .. import schemas
from ..diagnostics import Finding, KeyPath, codes, dotted, key_text, table_text, value_text
from .placement import Placement

_NAME: Final = re.escape(schemas.file_name("config"))
_SCHEMA_LINE: Final = re.compile(rf"(?:[ \t]*(?:#[^\n]*)?\n)*#:schema[ \t]+(?:\S*[/\\])?{_NAME}\s")


def foreign(placed: Placement, text: str) -> Finding | None:
    """Return the finding that a file is no fine-tuning config, or None if it is one."""
    config = placed.config
    other = _other_kind(config)
    if other:
        return other
    if _SCHEMA_LINE.match(text) or any(_has(placed, key) for key in _telltale()):
        return None
    known = _roots().keys() | {source[0] for source in placed.renamed_tables}
    strangers = sorted(config.keys() - known)
    if not strangers and any(_known_leaves(placed.meant, ())):
        return None
    names = " nor ".join(f"`{key[-1]}` in {table_text(key[:-1])}" for key in _required())
    reason = f"it has neither {names}"
    if strangers:
        reason += f", and `{key_text(strangers[0])}` is not a table of such configs"
    return Finding(codes.NOT_A_CONFIG, words={"reason": reason})


def _other_kind(config: Mapping[str, Any]) -> Finding | None:
    """Return the finding that [algorithm] names another kind of job."""
    from ..diagnostics.suggest import nearest  # only a config that does not compile comes here

    for table, known in schemas.known_tables().items():
        values = schemas.value_at(config, table)
        if len(table) != 1 or not isinstance(values, dict):
            continue
        for key, schema in known.items():
            value = values.get(key)
            if "x-sftc-kind" not in schema or not isinstance(value, str):
                continue
            if value not in schema["enum"] and nearest(value, schema["enum"]) is None:
                reason = f"{dotted((*table, key))} is {value_text(value)}"
                return Finding(codes.NOT_A_CONFIG, (*table, key), {"reason": reason})
    return None


def _roots() -> Mapping[str, Any]:
    return schemas.known_tables()[()]


def _telltale() -> Iterator[KeyPath]:
    for table, known in schemas.known_tables().items():
        for key, schema in known.items():
            if schema.get("x-sftc-telltale"):
                yield (*table, key)


def _required() -> list[KeyPath]:
    return [
        key for key in _telltale() if key[-1] in schemas.key_schema(key[:-1]).get("required", ())
    ]


def _has(placed: Placement, key: KeyPath) -> bool:
    """Whether a key is in its table, or in one of ours, by whatever name."""
    value = schemas.value_at(placed.meant, key)
    if value is None or isinstance(value, dict):
        return False
    source = placed.source(key)
    return source[0] in _roots() or source[:1] in placed.renamed_tables or source[-1] != "model"


def _known_leaves(values: Mapping[str, Any], table: KeyPath) -> Iterator[bool]:
    known = schemas.known_tables().get(table, {})
    for key, value in values.items():
        if key in known and not isinstance(value, dict):
            yield True
        elif key in known:
            yield from _known_leaves(value, (*table, key))
