"""A config as a person would write it: tables under headers, values before tables.

Pure; tomlkit writes every key and value.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from . import schemas
from .diagnostics import KeyPath, dotted

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import Table

SCHEMA_FILE: Final = schemas.file_name("config")
_WIDTH: Final = 88


def config_text(
    values: Mapping[str, Any],
    *,
    heading: Sequence[str] = (),
    described: bool = False,
    schema: str = f"./{SCHEMA_FILE}",
) -> str:
    """Return a config as TOML that names its schema for editors.

    Args:
        values: the values of the config, which are written in the order of the schema.
        heading: lines of a comment at the top.
        described: whether each key has its description above it.
        schema: where its schema is, seen from the config.

    """
    import tomlkit  # few commands write a whole config

    document = tomlkit.document()
    document.add(tomlkit.comment(f":schema {schema}"))
    if heading:
        document.add(tomlkit.nl())
    for line in heading:
        document.add(tomlkit.comment(line))
    if not all(map(_has_header, values.values())):
        document.add(tomlkit.nl())
    _fill(document, values, (), described=described)
    # tomlkit puts a space behind the # of a comment; editors want `#:schema`.
    return tomlkit.dumps(document).replace("# :schema", "#:schema", 1)


def _fill(
    table: "Table | TOMLDocument", values: Mapping[str, Any], path: KeyPath, *, described: bool
) -> None:
    """Write the values of the table at a path, then the tables inside it."""
    import tomlkit

    values = _in_order(values, path)
    for key, value in values.items():
        if not _has_header(value):
            for line in _description((*path, key)) if described else ():
                table.add(tomlkit.comment(line))
            table.add(key, value)
    for key, value in values.items():
        if _has_header(value):
            if len(table) or not path:  # else its header is not written, and a gap would be
                table.add(tomlkit.nl())
            if isinstance(value, dict):
                inside = tomlkit.table()
                _fill(inside, value, (*path, key), described=described)
                table.add(key, inside)
            else:
                table.add(key, value)


def _in_order(values: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
    """Return the known keys of a table in the order of the schema, and then the others."""
    known = [key for key in schemas.key_schema(path).get("properties", {}) if key in values]
    return {key: values[key] for key in (*known, *values)}


def _has_header(value: Any) -> bool:
    """Whether a value is a table, or an array of tables."""
    tables = isinstance(value, list) and value and all(isinstance(v, dict) for v in value)
    return isinstance(value, dict) or bool(tables)


def _description(path: KeyPath) -> list[str]:
    from textwrap import wrap

    return wrap(schemas.key_schema(path).get("description", ""), _WIDTH)


def with_value(text: str, path: KeyPath, value: Any) -> str:
    """Return a TOML text with another value at a path of keys; nothing else changes.

    Raises:
        ValueError: the text is not TOML, or something at the path is no table.

    """
    import tomlkit  # few commands write into a config
    from tomlkit.exceptions import TOMLKitError

    *tables, key = map(str, path)
    try:
        document = tomlkit.parse(text)
        table: Any = document
        for name in tables:
            if name not in table:
                table[name] = tomlkit.table()
            table = table[name]
        table[key] = value
    except (TOMLKitError, TypeError) as error:
        reason = "a part of it is no table" if isinstance(error, TypeError) else str(error)
        raise ValueError(f"`{dotted(path)}` cannot be set: {reason}") from None
    return tomlkit.dumps(document)
