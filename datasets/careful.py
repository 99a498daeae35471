"""Rows by the careful path: strict JSON, and the schema, to say what is wrong and where.

It sees only what the fast path did not accept. It is the authority on what a row is, so it
loads the libraries that take their time.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from ..diagnostics import Finding, KeyPath, Span
from .batch import Batch
from .explain import explain, named
from .parts import IMAGES
from .syntax import not_json


@dataclass(frozen=True, slots=True)
class Look:
    """What a careful look at one row gave.

    Attributes:
        findings: everything to say of it.
        batch: what is known of it if it is good.

    """

    findings: list[Finding] = field(default_factory=list)
    batch: Batch | None = None


class _NotFinite(Exception):  # noqa: N818 - it carries a finding, and never leaves this module
    """``NaN`` or ``Infinity`` stands in the text."""


class _Twice(dict[str, Any]):
    """An object in which a key stands twice; the last value is kept."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        times = Counter(key for key, _ in pairs)
        self.keys_twice = [key for key, count in times.items() if count > 1]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else _Twice(pairs)


def _refuse(constant: str) -> NoReturn:
    raise _NotFinite(constant)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=_refuse,
    # The values of numbers do not matter, only that they are some.
    parse_int=lambda _: 0,
    parse_float=lambda _: 0.0,
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def look(line: bytes, *, offset: int = 0, ended: bool = True) -> Look:
    """Return what there is to say of one row.

    Args:
        line: its bytes, without white space around them.
        offset: where in the file they begin.
        ended: whether a line end follows.

    """
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        if not ended and error.reason == "unexpected end of data":
            return Look([Finding("SFT409", span=at(len(line[: error.start].decode()) + 1))])
        words = {"byte": f"{line[error.start]:02x}", "offset": f"{offset + error.start:,}"}
        column = len(line[: error.start].decode("utf-8")) + 1
        return Look([Finding("SFT407", (), words, span=at(column))])
    try:
        row = _DECODER.decode(text)
    except _NotFinite as found:
        return Look([_not_finite(text, str(found))])
    except json.JSONDecodeError as error:
        problem = not_json(text, error)
        if problem.cut and not ended:
            return Look([Finding("SFT409", span=at(len(text) + 1))])
        words = {"problem": problem.words}
        return Look([Finding("SFT408", (), words, hint=problem.hint, span=at(problem.column))])
    except RecursionError:
        return Look([Finding("SFT412")])
    return judge(row)


def judge(row: Any) -> Look:
    """Return what there is to say of a row that is JSON."""
    findings = list(_halves(row))
    findings += explain(row, "row", ())
    warnings = list(_twice(row))
    if findings:
        return Look(findings + warnings)
    batch = describe(row)
    return Look(warnings, batch)


def at(column: int) -> Span:
    """Return a place in the line that is looked at."""
    return Span(1, column, 1, column + 1)


def _not_finite(text: str, constant: str) -> Finding:
    # Outside of strings: strings are matched first, and skipped.
    pattern = rf'"(?:[^"\\]|\\.)*+"|(?P<found>{re.escape(constant)})'
    place = next(m.start("found") for m in re.finditer(pattern, text) if m["found"])
    span = Span(1, place + 1, 1, place + 1 + len(constant))
    return Finding("SFT410", (), {"found": constant}, span=span)


def _halves(row: Any) -> Iterator[Finding]:
    """Yield the strings that are no Unicode text."""
    for path, value in _walk(row):
        texts = [value] if isinstance(value, str) else value if isinstance(value, dict) else ()
        for text in texts:
            half = _SURROGATE.search(text)
            if half:
                what = named(path) if text is value else f"a key of {named(path)}"
                words = {"what": what, "point": f"{ord(half[0]):04x}"}
                yield Finding("SFT411", path, words)


def _twice(row: Any) -> Iterator[Finding]:
    for path, value in _walk(row):
        if isinstance(value, _Twice):
            for key in value.keys_twice:
                yield Finding("SFT440", (*path, key), {"what": named(path), "key": key})


def _walk(row: Any) -> Iterator[tuple[KeyPath, Any]]:
    """Yield every value of a row with its path, parents first, in the order of the text."""
    stack: list[tuple[KeyPath, Any]] = [((), row)]
    while stack:
        path, value = stack.pop()
        yield path, value
        if isinstance(value, dict):
            stack.extend(((*path, key), value[key]) for key in reversed(value))
        elif isinstance(value, list):
            below = range(len(value) - 1, -1, -1)
            stack.extend(((*path, index), value[index]) for index in below)


def describe(row: dict[str, Any]) -> Batch:
    """Return what is known of one good row, as ``rows.accept`` does."""
    messages = row["messages"]
    batch = Batch(1, Counter(message["role"] for message in messages))
    batch.tools = int(bool(row.get("tools")))
    batch.images = int(any(has_image(message.get("content")) for message in messages))
    batch.reasoning = int(any(not _blank(message.get("reasoning")) for message in messages))
    if messages[-1]["role"] != "assistant":
        code = "SFT442" if batch.roles["assistant"] else "SFT441"
        batch.warned.append((0, code, ("messages",)))
    for index, message in enumerate(messages):
        said = (message.get(key) for key in ("content", "reasoning", "raw_content"))
        quiet = message["role"] == "assistant" and not message.get("tool_calls")
        if quiet and all(map(_blank, said)):
            batch.warned.append((0, "SFT443", ("messages", index)))
    return batch


def _blank(value: Any) -> bool:
    return not (value.strip() if isinstance(value, str) else value)


def has_image(content: Any) -> bool:
    """Whether a content has a part that is an image."""
    parts = content if isinstance(content, list) else [content]
    return any(isinstance(part, dict) and _type(part) in IMAGES for part in parts)


def _type(part: dict[str, Any]) -> str:
    kind = part.get("type")
    return kind if isinstance(kind, str) else ""


def warning(code: str, path: KeyPath) -> Finding:
    """Return the finding for a warning that the fast or the careful path noted."""
    return Finding(code, path, {"what": named(path)})
