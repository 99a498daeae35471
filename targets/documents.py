"""A text of another system: its values, and where each of them stands.

Whoever wrote it may be hostile: what cannot be read is a finding, and nothing takes long.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..diagnostics import Aim, Finding, KeyPath, Span, codes
from ..diagnostics.json_places import json_span
from ..diagnostics.lines import Lines

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


class UnreadableError(Exception):
    """A text cannot be read."""

    def __init__(self, why: str, span: Span) -> None:
        """Say why, and where."""
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
    lines = Lines(text, name)
    twice: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) < len(items):
            twice.extend(key for key, _ in items if [k for k, _ in items].count(key) > 1)
        return found

    start = Span(1, 1, 1, 1, name)
    try:
        tree = json.loads(
            text, object_pairs_hook=pairs, parse_constant=_refused, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        raise UnreadableError(error.msg, lines.span(error.pos, error.pos)) from None
    except RecursionError:
        raise UnreadableError("it is nested too deep", start) from None
    except ValueError as error:
        raise UnreadableError(str(error), start) from None
    if twice:
        raise UnreadableError(f"the key {twice[0]!r} stands twice in one object", start)
    if not isinstance(tree, dict):
        raise UnreadableError("it is no object", start)
    require_bounded(tree, start)
    return Document(name, tree, lambda path, _aim: json_span(text, name, path))


def _refused(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


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
    raise UnreadableError("it is nested too deep", start)
