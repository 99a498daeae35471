"""TOML as we write it: values, then the tables below headers; a comment behind what has one.

tomlkit spells each key and value; what stands on which line is decided here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ..diagnostics import KeyPath


def write_toml(tree: Mapping[str, Any], comments: Mapping[KeyPath, str], heading: str) -> str:
    """Return a tree as TOML.

    Args:
        tree: tables, lists, texts, numbers and booleans.
        comments: what stands behind the key or header at a path, on one line.
        heading: lines of a comment at the top.

    """
    lines = [f"# {line}".rstrip() for line in heading.splitlines()]
    return "\n".join([*lines, *_table(tree, (), comments)]) + "\n"


def _table(
    table: Mapping[str, Any], path: KeyPath, comments: Mapping[KeyPath, str]
) -> Iterator[str]:
    import tomlkit  # few commands write TOML

    values = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    if path and (values or not table or path in comments):
        yield ""
        yield f"[{'.'.join(_key(str(part)) for part in path)}]{_behind(path, comments)}"
    for key, value in values.items():
        yield f"{_key(key)} = {tomlkit.item(value).as_string()}{_behind((*path, key), comments)}"
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _table(value, (*path, key), comments)


def _key(name: str) -> str:
    import tomlkit  # as above

    return tomlkit.key(name).as_string()


def _behind(path: KeyPath, comments: Mapping[KeyPath, str]) -> str:
    return f"  # {comments[path]}" if path in comments else ""
