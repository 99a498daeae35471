"""Keys of a config set to values, as edits that were tried: the text after them says just that."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from ...diagnostics import Edit, KeyPath, dotted, value_text
from ...diagnostics.toml_places import Places
from ..edits import apply
from ..source import parse
from . import same
from .insertion import Block, insertions
from .outline import Outline


def setting(
    places: Places, config: Mapping[str, Any], values: Mapping[KeyPath, Any]
) -> tuple[Edit, ...] | None:
    """Return the edits that set keys of a config; None if they cannot be written into its text.

    A value that is there is replaced where it stands; a new key goes below its table's header, or
    brings one.

    Args:
        places: where everything stands.
        config: the values of the text.
        values: what to set, by key path: switches, numbers and texts.

    """
    found = []
    blocks = []
    for path, value in values.items():
        written = value_text(value)
        if path in places.values:
            found.append((*places.values[path], written))
        else:
            pair = f"{dotted(path[-1:])} = {written}"
            blocks.append(Block(path[:-1], pair, path, len(places.text)))
    found += insertions(Outline(places), blocks, _itself, _itself)
    lines = places.lines
    edits = tuple(Edit(lines.span(start, end), text) for start, end, text in sorted(found))
    after, _ = parse(apply(places.text, edits), places.document)
    return edits if after is not None and same(after, _with(config, values)) else None


def _itself(path: KeyPath) -> KeyPath:
    return path


def _with(config: Mapping[str, Any], values: Mapping[KeyPath, Any]) -> dict[str, Any]:
    found: dict[str, Any] = deepcopy(dict(config))
    for path, value in values.items():
        table: Any = found
        for part in path[:-1]:
            table = table.setdefault(part, {})
        table[path[-1]] = value
    return found
