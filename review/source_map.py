"""A config explained: where each field of its payload comes from, and where each key went."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..compiler.inspection import Destination, Fate, FromConfig, FromDefault, leaves
from ..diagnostics import Aim, KeyPath, Span, codes, dotted, printable, table_text
from ..diagnostics.pointers import pointer
from ..diagnostics.suggest import nearest
from .side import Side, Source
from .words import value_text


class Leaf(NamedTuple):
    """One leaf of the payload, and where it comes from."""

    path: KeyPath
    value: Any
    source: Source


class Key(NamedTuple):
    """One leaf of the config, and where it went."""

    path: KeyPath
    span: Span
    destination: Destination


class SourceMap(NamedTuple):
    """Both ways through a config.

    Attributes:
        config: its name.
        leaves: the leaves of the payload, in the order of its bytes.
        keys: the leaves of the config, in the order of its text.

    """

    config: str
    leaves: list[Leaf]
    keys: list[Key]

    def below(self, path: KeyPath) -> "SourceMap":
        """Return what explains the fields at a path of the payload, or inside it."""
        inside = [leaf for leaf in self.leaves if leaf.path[: len(path)] == path]
        return SourceMap(self.config, inside, [])

    def at_key(self, path: KeyPath) -> "SourceMap":
        """Return what explains the keys at a path of the config, or inside it."""
        inside = [key for key in self.keys if key.path[: len(path)] == path]
        return SourceMap(self.config, [], inside)


def source_map(side: Side) -> SourceMap:
    """Return the source map of a side that is a config."""
    found = [Leaf(path, value, side.source(path)) for path, value in leaves(side.payload)]
    destinations = side.compiled.destinations if side.compiled else {}
    keys = [
        Key(path, side.places.span(path, Aim.VALUE), destination)
        for path, destination in destinations.items()
    ]
    return SourceMap(
        side.name,
        sorted(found, key=lambda leaf: [(str(type(part)), part) for part in leaf.path]),
        sorted(keys, key=lambda key: key.span),
    )


def as_text(found: SourceMap) -> str:
    """Return a source map as text: a line for each field, then one for each key.

    Keys that are forwarded are told by their fields, unless there are no fields to show.
    """
    shown = [(f"{pointer(leaf.path)} = {value_text(leaf.value)}", leaf) for leaf in found.leaves]
    width = min(max((len(text) for text, _ in shown), default=0), 64)
    lines = [f"{text:<{width}}  {_from(leaf.source)}" for text, leaf in shown]
    lines += (
        f"{found.config}:{key.span.line}:{key.span.column}: {_key(key.path)} {_went(key)}"
        for key in found.keys
        if not found.leaves or key.destination.fate is not Fate.FORWARDED
    )
    return "".join(f"{printable(line)}\n" for line in lines)


def _from(source: Source) -> str:
    match source.origin:
        case FromConfig(path):
            return f"{_key(path)}, {source}"
        case FromDefault():
            return f"default, {source.file}"
        case _:
            return str(source)


def _key(path: KeyPath) -> str:
    """Return a key with its table: ``[training.validation].eval_steps``."""
    names = next((n for n, part in enumerate(path) if isinstance(part, int)), len(path))
    table = path[: names - 1]
    return f"{table_text(table)}.{dotted(path[names - 1 :])}" if table else dotted(path)


def _went(key: Key) -> str:
    fate, target, winner = key.destination
    match fate:
        case Fate.FORWARDED:
            return f"→ {pointer(target)}"
        case Fate.CLIENT:
            return "stays with the client"
        case Fate.SHADOWED if isinstance(winner, FromConfig):
            return f"goes nowhere: {_key(winner.path)} sets {pointer(target)} ({codes.SHADOWED})"
        case Fate.OPENS:
            return "is an empty table: there is nothing to forward"
        case _:
            return f"goes nowhere: nothing reads it ({codes.NOT_FORWARDED})"


def as_objects(found: SourceMap) -> dict[str, Any]:
    """Return a source map as plain values, as ``source-map.schema.json`` has it."""
    from .as_json import source_object

    return {
        "format": 1,
        "config": found.config,
        "fields": [
            {
                "pointer": pointer(leaf.path),
                "value": leaf.value,
                "source": source_object(leaf.source),
            }
            for leaf in found.leaves
        ],
        "keys": [_key_object(key) for key in found.keys],
    }


def _key_object(key: Key) -> dict[str, Any]:
    from .as_json import place  # text does without

    fate, target, winner = key.destination
    return {
        "path": list(key.path),
        **place(key.span),
        "fate": str(fate),
        "pointer": pointer(target) if target else None,
        "winner": list(winner.path) if isinstance(winner, FromConfig) else None,
    }


def resolve(found: SourceMap, asked: str) -> SourceMap | None:
    """Return the part of a source map that is asked for; None if there is no such thing.

    Args:
        found: the whole.
        asked: a JSON Pointer into the payload, a key path of the config as it is written
            (``training.validation.eval_steps``) or as it is shown
            (``[training.validation].eval_steps``), or a dotted path of the payload.

    """
    wanted = asked.translate({ord("["): None, ord("]"): None}) if asked.startswith("[") else asked
    for path in _prefixes(key.path for key in found.keys):
        if wanted == dotted(path):
            return found.at_key(path)
    for path in _prefixes(leaf.path for leaf in found.leaves):
        if asked in (pointer(path), dotted(path)):
            return found.below(path)
    return None


def meant(found: SourceMap, asked: str) -> list[str]:
    """Return what can be asked for and somebody meant by a name that cannot: a slip, or its end.

    ``learning_rate`` is the end of ``hyperparameters.learning_rate``. Keys come before fields.
    """
    keys = list(_prefixes(key.path for key in found.keys))
    fields = list(_prefixes(leaf.path for leaf in found.leaves))
    for paths, spelt in ((keys, dotted), (fields, pointer)):
        if ending := [spelt(path) for path in paths if path[-1] == asked]:
            return ending
    slip = nearest(asked, [*map(dotted, keys), *map(pointer, fields)])
    return [slip] if slip else []


def _prefixes(paths: Iterator[KeyPath]) -> dict[KeyPath, None]:
    return {path[:length]: None for path in paths for length in range(1, len(path) + 1)}
