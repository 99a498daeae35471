"""YAML as the systems read it, with places, and without what a hostile text could do.

They read with PyYAML's safe loader, so its scanner and its rules for plain scalars decide here,
too: YAML 1.1, in which ``no`` is false and ``2e-5`` a text. Values are built from its events,
so that depth, aliases and size are bounded before anything grows.
"""

import re
from typing import TYPE_CHECKING, Any, Final

import yaml  # the one module that imports it

from ..diagnostics import Aim, Finding, KeyPath, Related, Span, codes
from ..diagnostics.lines import Lines
from .documents import DEEPEST, LONGEST_NUMBER, MOST, Document, UnreadableError, wrong_value

if TYPE_CHECKING:
    from collections.abc import Iterator

_MERGE: Final = "tag:yaml.org,2002:merge"
_TAG: Final = "tag:yaml.org,2002:"
_TAKEN: Final = {"str", "int", "float", "bool", "null"}


class _Builder:
    """One document, built from its events."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.lines = Lines(text, name)  # YAML ends lines at more characters than editors do
        self.events = self.parse(text)
        self.scanned = 0
        self.resolver = yaml.SafeLoader("")
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.open: set[str] = set()
        self.keys: dict[KeyPath, Span] = {}
        self.values: dict[KeyPath, Span] = {}
        self.findings: list[Finding] = []
        self.count = 0

    def span(self, event: Any) -> Span:
        return self.lines.span(event.start_mark.index, event.end_mark.index)

    def parse(self, text: str) -> "Iterator[Any]":
        """Yield the events of a text, and keep how far it was read."""
        loader: Any = yaml.SafeLoader(text)
        try:
            while loader.check_event():
                yield loader.get_event()
        finally:
            self.scanned = loader.index

    def grow(self, by: int, event: Any) -> None:
        self.count += by
        if self.count > MOST:
            raise UnreadableError(f"it has more than {MOST:,} values", self.span(event))

    def value(self, event: Any, path: KeyPath) -> Any:
        """Return the value that begins with an event."""
        self.values[path] = self.span(event)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        if len(path) > DEEPEST:
            raise UnreadableError("it is nested too deeply", self.span(event))
        before = self.count
        self.grow(1, event)
        anchor = event.anchor
        if anchor:
            self.open.add(anchor)
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event)
        else:
            self.require_plain(event)
            is_map = isinstance(event, yaml.MappingStartEvent)
            value = self.mapping(path) if is_map else self.sequence(path)
        if anchor:
            self.open.discard(anchor)
            self.anchors[anchor] = value, self.count - before
        return value

    def alias(self, event: Any) -> Any:
        if event.anchor in self.open:
            raise UnreadableError(f"*{event.anchor} refers to itself", self.span(event))
        if event.anchor not in self.anchors:
            raise UnreadableError(f"no anchor &{event.anchor} is defined above", self.span(event))
        value, size = self.anchors[event.anchor]
        self.grow(size, event)
        return value

    def require_plain(self, event: Any) -> None:
        usual = {"!", f"{_TAG}map", f"{_TAG}seq", None}
        if event.tag not in usual:
            raise UnreadableError(f"it has the tag {event.tag}", self.span(event))

    def sequence(self, path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.value(event, (*path, len(items))))
        return items

    def mapping(self, path: KeyPath) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, is_merge = self.key(event)
            here = (*path, key)
            if is_merge:
                merged.update(self.merge(next(self.events), here))  # the last << counts
                continue
            if key in own:
                self.twice(key, here, event)
            self.keys[here] = self.span(event)
            own[key] = self.value(next(self.events), here)
        for name in merged:
            self.keys.setdefault((*path, name), self.values.get((*path, "<<"), self.values[path]))
        return {**merged, **own}

    def key(self, event: Any) -> tuple[str, bool]:
        if not isinstance(event, yaml.ScalarEvent):
            raise UnreadableError("a key is not a string", self.span(event))
        self.grow(1, event)
        self.require_characters(event)
        return event.value, self.tag(event) == _MERGE

    def merge(self, event: Any, path: KeyPath) -> dict[str, Any]:
        """Return what is merged; a list must agree: PyYAML took its first, and now its last."""
        value = self.value(event, path)
        merged: dict[str, Any] = {}
        for source in value if isinstance(value, list) else [value]:
            if not isinstance(source, dict):
                raise UnreadableError("<< merges mappings", self.span(event))
            for name, one in source.items():
                if merged.setdefault(name, one) != one:
                    why = f"<< merges two values of {name!r}, and parsers disagree which wins"
                    raise UnreadableError(why, self.span(event))
        return merged

    def twice(self, key: str, path: KeyPath, event: Any) -> None:
        first = Related(self.keys[path], "it is also defined here")
        words = {"key": key}
        self.findings.append(
            Finding(codes.SOURCE_KEY_TWICE, words=words, span=self.span(event), related=(first,))
        )

    def tag(self, event: Any) -> str:
        if event.tag and event.tag != "!":
            return str(event.tag)
        if event.implicit[0] and not event.tag:
            resolve: Any = self.resolver.resolve
            return str(resolve(yaml.ScalarNode, event.value, (True, False)))
        return f"{_TAG}str"

    def require_characters(self, event: Any) -> None:
        if why := wrong_value(event.value):
            raise UnreadableError(why, self.span(event))

    def scalar(self, event: Any) -> Any:
        """Return the value of a scalar; a date stays the text that it is."""
        tag, text = self.tag(event), event.value
        self.require_characters(event)
        kind = tag.removeprefix(_TAG)
        if kind in {"timestamp", "value", "merge"} and not event.tag:
            return text
        if kind not in _TAKEN or tag == kind:
            raise UnreadableError(f"it has the tag {tag}", self.span(event))
        if kind in {"int", "float"} and len(text) > LONGEST_NUMBER:
            raise UnreadableError("a number is too long", self.span(event))
        node = yaml.ScalarNode(tag, text, event.start_mark, event.end_mark)
        try:
            value = self.resolver.construct_object(node)
        except (yaml.YAMLError, ValueError, OverflowError, KeyError):
            raise UnreadableError(f"it is not a valid {kind}", self.span(event)) from None
        if isinstance(value, float) and not abs(value) < float("inf"):
            raise UnreadableError(f"{text} is not a finite number", self.span(event))
        return value


def read_yaml(text: str, name: str, *, several: bool = False) -> Document:
    """Return what a YAML text says.

    Args:
        text: the text.
        name: what it is called.
        several: whether it has several documents: the tree has each of them under its ``kind``.

    Raises:
        UnreadableError: it cannot be read, is no mapping, or has what no config needs.

    """
    builder = _Builder(text, name)
    try:
        tree = _by_kind(builder) if several else _tree(builder)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        index = mark.index if mark else 0
        why = re.sub(r"\s+", " ", error.problem or "it is not YAML")
        raise UnreadableError(why, builder.lines.span(index, index)) from None
    except yaml.YAMLError:  # a character that YAML does not allow
        raise UnreadableError(
            "it has a character that YAML does not allow", _odd(text, name)
        ) from None
    except (
        ValueError,
        OverflowError,
    ):  # of the scanner, for escapes and versions that are too large
        index = builder.scanned
        why = "it has a number that YAML does not allow"
        raise UnreadableError(why, builder.lines.span(index, index)) from None
    if not isinstance(tree, dict):
        raise UnreadableError("it is not a mapping", Span(1, 1, 1, 1, name))
    return Document(name, tree, lambda path, aim: _place(builder, path, aim), builder.findings)


def _tree(builder: _Builder) -> Any:
    for event in builder.events:
        if isinstance(event, yaml.DocumentStartEvent):
            break
    else:
        return None
    tree = builder.value(next(builder.events), ())
    next(builder.events)  # the end of the document
    after = next(builder.events)
    if isinstance(after, yaml.DocumentStartEvent):
        raise UnreadableError("it has a second document", builder.span(after))
    return tree


def _by_kind(builder: _Builder) -> dict[str, Any]:
    """Return the documents of a text by their kind, as Kubernetes has them."""
    documents: dict[str, Any] = {}
    for event in builder.events:
        if not isinstance(event, yaml.DocumentStartEvent):
            continue
        tree = builder.value(next(builder.events), ("",))
        if tree is None:
            continue
        kind = tree.get("kind") if isinstance(tree, dict) else None
        if not isinstance(kind, str):
            raise UnreadableError("a document has no kind", builder.span(event))
        if kind in documents:
            raise UnreadableError(f"it has a second {kind}", builder.span(event))
        documents[kind] = tree
        for places in (builder.keys, builder.values):
            for path in [path for path in places if path[:1] == ("",)]:
                places[kind, *path[1:]] = places.pop(path)
    return documents


def _odd(text: str, name: str) -> Span:
    match = yaml.reader.Reader.NON_PRINTABLE.search(text)
    before = text[: match.start()] if match else ""
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Span(line, column, line, column, name)


def _place(builder: _Builder, path: KeyPath, aim: Aim) -> Span:
    """Return the place of a key or a value; of what an alias stands for, where the alias is."""
    order = (builder.keys, builder.values) if aim is Aim.KEY else (builder.values, builder.keys)
    for length in range(len(path), 0, -1):
        for places in order:
            if path[:length] in places:
                return places[path[:length]]
    return Span(1, 1, 1, 1, builder.name)
