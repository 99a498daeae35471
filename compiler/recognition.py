"""Whose file a TOML file is: a fine-tuning config, or another tool's, to be passed over.

It is ours if it has what ours have: a key that the schema calls telltale where that key is read
(``job.model``, ``compute.gpu_type``), the line that names our schema, known keys in two of our
tables; or if it has known keys, and no table that we do not know. That some table is called
``job`` says nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .. import schemas
from ..diagnostics import Finding, KeyPath, codes, dotted, key_text, table_text, value_text
from .placement import Placement

_TELLING_TABLES: Final = 2
"""So many tables of ours with keys of theirs are no accident."""
_NAME: Final = re.escape(schemas.file_name("config"))
_SCHEMA_LINE: Final = re.compile(rf"(?:[ \t]*(?:#[^\n]*)?\n)*#:schema[ \t]+(?:\S*[/\\])?{_NAME}\s")


def foreign(placed: Placement, text: str) -> Finding | None:
    """Return the finding that a file is no fine-tuning config, or None if it is one."""
    other = _other_kind(placed.config)
    if other:
        return other
    known = _roots().keys() | {source[0] for source in placed.renamed_tables}
    strangers = sorted(placed.config.keys() - known)
    ours = {table[:1] for table in _tables_with_known_keys(placed.config, ())}
    if _SCHEMA_LINE.match(text) or any(_has(placed, key) for key in _telltale()):
        return None
    if len(ours) >= _TELLING_TABLES or (not strangers and (ours or placed.claimed)):
        return None
    names = " nor ".join(f"`{key[-1]}` in {table_text(key[:-1])}" for key in _required())
    reason = f"it has neither {names}"
    if strangers:
        reason += f", and `{key_text(strangers[0])}` is not a table of such configs"
    return Finding(codes.NOT_A_CONFIG, words={"reason": reason})


def _other_kind(config: Mapping[str, Any]) -> Finding | None:
    """Return the finding that [algorithm] names another kind of job."""
    from ..diagnostics.suggest import nearest  # only a config that does not compile comes here

    for path, kinds in _kinds().items():
        value = schemas.value_at(config, path)
        if isinstance(value, str) and value not in kinds and nearest(value, kinds) is None:
            reason = f"{dotted(path)} is {value_text(value)}"
            return Finding(codes.NOT_A_CONFIG, path, {"reason": reason})
    return None


def _kinds() -> Mapping[KeyPath, Sequence[str]]:
    """Return the keys that say what kind of job it is, and our kinds; at the top level, any."""
    kinds: dict[KeyPath, Sequence[str]] = {
        (*table, key): schema["enum"]
        for table, known in schemas.known_tables().items()
        for key, schema in known.items()
        if schema.get("x-sftc-kind")
    }
    every = [kind for some in kinds.values() for kind in some]
    return {**kinds, **{path[-1:]: every for path in kinds}}


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
    """Whether a key stands in its table under its name; the table may have another name."""
    value = schemas.value_at(placed.meant, key)
    source = placed.source(key)
    at_home = source[:-1] == key[:-1] or source[:-1] in placed.renamed_tables
    return value is not None and not isinstance(value, dict) and at_home and source[-1] == key[-1]


def _tables_with_known_keys(values: Mapping[str, Any], table: KeyPath) -> Iterator[KeyPath]:
    """Yield the tables of ours in which a key of theirs is written that says whose it is."""
    known = schemas.known_tables().get(table, {})
    if any(
        key in known and not isinstance(value, dict) and not known[key].get("x-sftc-everyones")
        for key, value in values.items()
    ):
        yield table
    for key, value in values.items():
        if key in known and isinstance(value, dict):
            yield from _tables_with_known_keys(value, (*table, key))
