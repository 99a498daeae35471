"""A recipe as a table for people: what is set, what is noted, what is refused.

It takes the recipe as plain values, as its schema has them, and gives text.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from ..diagnostics import printable

_WIDTH: Final = 80
_KEYS: Final = 33
"""Columns of the names of fields, with the space around them."""
_INDENT: Final = 4
_LONGEST: Final = 76
"""Characters that are shown of a value that is a table."""


def as_text(name: str, recipe: Mapping[str, Any]) -> str:
    """Return a recipe as text that ends with a newline, 80 columns wide where words allow it.

    Args:
        name: the payload's file.
        recipe: what ``recipe.schema.json`` describes.

    """
    lines = [*_head(name, recipe)]
    lines += _part("Set", recipe["set"], _became)
    lines += _part("Noted", recipe["noted"], lambda word: word["reason"])
    lines += _part("Refused", recipe["refused"], lambda word: f"{word['reason']} [{word['code']}]")
    return "".join(f"{line}\n" for line in lines)


def _head(name: str, recipe: Mapping[str, Any]) -> Iterator[str]:
    method = recipe["method"] or "no one method"
    yield from _wrapped(f"{name}: {method} of {recipe['model']['name']}", "", "  ")
    launch, on_cpu = recipe["launch"], recipe["world"]["device"] == "cpu"
    what = ("process" if on_cpu else "GPU", "processes" if on_cpu else "GPUs")
    nodes, each = launch["nodes"], launch["processes_per_node"]
    where = "a CPU" if on_cpu else launch["gpu_type"]
    yield from _wrapped(
        f"{_counted(nodes, 'node', 'nodes')} × {_counted(each, *what)} on {where}; "
        f"{_counted(launch['global_batch'], 'row', 'rows')} a step",
        "  ",
        "  ",
    )
    refused = len(recipe["refused"])
    if refused:
        yield f"  Not trainable: {_counted(refused, 'field is', 'fields are')} refused."


def _part(title: str, words: Sequence[Mapping[str, Any]], said: Any) -> Iterator[str]:
    """Yield one part of the table, by the table of the payload that fields are in."""
    above = None
    for word in words:
        table, _, key = word["pointer"].rpartition("/")
        if above is None:
            yield ""
            yield title
        if table != above:
            yield f"  {printable(table) or '/'}"
            above = table
        yield from _row(printable(key), printable(said(word)))


def _row(key: str, text: str) -> Iterator[str]:
    start = " " * _INDENT + key
    if len(start) < _KEYS:
        yield from _wrapped(text, start.ljust(_KEYS), " " * _KEYS)
    else:
        yield start
        yield from _wrapped(text, " " * _KEYS, " " * _KEYS)


def _wrapped(text: str, first: str, others: str) -> list[str]:
    return textwrap.wrap(
        printable(text),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_on_hyphens=False,
    )


def _became(word: Mapping[str, Any]) -> str:
    name = word["name"].removeprefix("trainer.")
    return f"{name} = {_value(word['value'])}"


def _value(value: Any) -> str:
    if isinstance(value, dict):  # a configuration of many lines: how it begins
        inner = ", ".join(f"{key}: {_value(below)}" for key, below in value.items())
        return textwrap.shorten(f"{{{inner}}}", _LONGEST, placeholder=" …")
    return orjson.dumps(value).decode()


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
