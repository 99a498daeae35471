"""A text of another system: its values, and where each of them stands.

Whoever wrote it may be hostile: what cannot be read is a finding, and nothing takes long.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from ..diagnostics import Aim, Finding, KeyPath, Span, codes, value_text
from ..diagnostics.json_places import json_spans, repeated_key
from ..diagnostics.lines import Lines
from .paths import leaves

LARGEST: Final = 256 * 1024
"""Bytes of the largest config that is read."""

LARGEST_MANIFEST: Final = 2 * 1024 * 1024
"""Bytes of the largest one that has a whole payload in it."""

DEEPEST: Final = 50
"""Mappings and lists in each other."""

MOST: Final = 20_000
"""Values that a config may have, aliases written out."""

LONGEST_NUMBER: Final = 300
"""Characters of the longest number."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class UnreadableError(Exception):
    """A text cannot be read."""

    def __init__(self, why: str, span: Span) -> None:
        super().__init__(why)
        self.finding = Finding(codes.SOURCE_UNREADABLE, words={"why": why}, span=span)


@dataclass
class Document:
    """What a text says.

    Attributes:
        name: what the text is called.
        tree: its values.
        places: where the key and the value at a path stand.
        findings: what a reader should know of the text itself.

    """

    name: str
    tree: dict[str, Any]
    places: Callable[[KeyPath, Aim], Span]
    findings: list[Finding] = field(default_factory=list)

    def span(self, path: KeyPath, aim: Aim) -> Span:
        """Return where the key, or the value, at a path stands; the start for no path."""
        return self.places(path, aim) if path else Span(1, 1, 1, 1, self.name)


def parse(text: bytes, form: str, name: str, largest: int = LARGEST) -> Document:
    """Return what a text says.

    Args:
        text: the text, UTF-8.
        form: ``yaml``, ``toml`` or ``json``; or ``documents``, several of YAML, by their ``kind``.
        name: what the text is called.
        largest: bytes that it may have.

    Raises:
        UnreadableError: it cannot be read.
        ImportError: it is YAML, and the library for that is not installed.

    """
    start = Span(1, 1, 1, 1, name)
    if len(text) > largest:
        raise UnreadableError(f"it is larger than {largest // 1024} KiB", start)
    try:
        source = text.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UnreadableError("it is not UTF-8", start) from None
    if form == "json":
        return _json(source, name)
    if form == "toml":
        from .toml_reading import read_toml  # few texts are TOML

        return read_toml(source, name)
    from .yaml_reading import read_yaml  # an extra, and slow to import

    return read_yaml(source, name, several=form == "documents")


def _json(text: str, name: str) -> Document:
    twice = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        found = dict(items)
        twice |= len(found) < len(items)
        return found

    start = Span(1, 1, 1, 1, name)
    try:
        tree = json.loads(text, object_pairs_hook=pairs, parse_int=_integer)
    except json.JSONDecodeError as error:
        place = Lines(text, name).span(error.pos, error.pos)
        raise UnreadableError(error.msg, place) from None
    except RecursionError:
        raise UnreadableError("it is nested too deeply", start) from None
    except ValueError as error:
        raise UnreadableError(str(error), start) from None
    if not isinstance(tree, dict):
        raise UnreadableError("it is not an object", start)
    require_bounded(tree, start)
    if twice:
        key, place = repeated_key(text, name)
        raise UnreadableError(f"the key {value_text(key)} is defined twice in one object", place)
    spans = cache(lambda: _spans(text, name, tree))
    for path, value in leaves(tree):
        if why := wrong_value(value) or next(filter(None, map(wrong_value, path)), None):
            raise UnreadableError(why, spans()[path])
    return Document(name, tree, lambda path, _aim: spans()[path])


def _spans(text: str, name: str, tree: dict[str, Any]) -> Mapping[KeyPath, Span]:
    """Return the place of each value, and of what is missing that of the value above it."""
    above = {path[:length] for path, _ in leaves(tree) for length in range(len(path) + 1)}
    paths = sorted(above, key=len)
    return _Nearest(zip(paths, json_spans(text, name, paths), strict=True))


class _Nearest(dict[KeyPath, Span]):
    def __missing__(self, path: KeyPath) -> Span:
        return self[path[:-1]]


def wrong_value(value: Any) -> str | None:
    """Return why a value of a text is none of a config; None if it may be one."""
    if isinstance(value, float) and math.isnan(value):
        return "it is not a number"
    if isinstance(value, float) and math.isinf(value):
        return "a number is too large"
    if isinstance(value, str) and _SURROGATE.search(value):
        return "it has an unpaired surrogate"
    return None


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError(f"a number has more than {LONGEST_NUMBER} digits")
    return int(digits)


def require_bounded(tree: Any, start: Span) -> None:
    """Refuse what is nested too deep, or holds too many values.

    Raises:
        UnreadableError: it is, or it does.

    """
    level, count = [tree], 0
    for _ in range(DEEPEST):
        level = [
            below
            for value in level
            for below in (
                value.values()
                if isinstance(value, Mapping)
                else value
                if isinstance(value, list)
                else ()
            )
        ]
        count += len(level)
        if count > MOST:
            raise UnreadableError(f"it has more than {MOST:,} values", start)
        if not level:
            return
    raise UnreadableError("it is nested too deeply", start)
