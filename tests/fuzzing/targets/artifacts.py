"""Payloads: one strict reader, whatever the bytes are; and reviews that are never at a loss."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import sftc
from sftc import payloads, review, schemas
from sftc.compiler.inspection import canonical_bytes
from sftc.payloads import canonical, kept_pins
from sftc.report import Format
from sftc.review.lifting import lift_payload

from .table import TESTS


def check(data: bytes) -> None:
    """Read, compare, explain, lift."""
    found = payloads.read(data, name="job.json")
    if isinstance(found, tuple):
        _is_refused(data, found)
        return
    payload = found.value
    assert canonical.encode(json.loads(canonical.encode(payload))) == canonical.encode(payload)
    assert payloads.read(canonical.encode(payload), name="job.json") == payloads.Payload(
        "job.json", canonical.encode(payload).decode(), payload
    )
    _is_compared(payload)
    _is_lifted(payload)


def _is_refused(data: bytes, found: tuple[sftc.Diagnostic, ...]) -> None:
    """There is a reason, in a line that exists, and in words that can be printed."""
    assert found
    lines = data.decode("utf-8", "replace").split("\n")
    for diagnostic in found:
        assert 1 <= diagnostic.span.line <= diagnostic.span.end_line <= len(lines)
        assert diagnostic.span.column <= len(lines[diagnostic.span.line - 1]) + 1
        diagnostic.message.encode()
    for read in (review.read_side, review.read_payload):
        side = read(data, "job.json")
        if isinstance(side, tuple):
            assert side


@cache
def _other() -> bytes:
    return (TESTS / "cases" / "minimal" / "job.json").read_bytes()


def _is_compared(payload: dict[str, Any]) -> None:
    text = canonical.encode(payload)
    same = sftc.diff(text, text)
    assert not same.is_shown
    for before, after in ((text, _other()), (_other(), text)):
        comparison = sftc.diff(before, after)
        assert comparison.is_change == (text != _other())
        for form in (Format.TEXT, Format.JSON, Format.MARKDOWN):
            review.render(form, [comparison]).encode()
        review.summary(comparison).encode()


def _is_lifted(payload: dict[str, Any]) -> None:
    """Require that an exact lift compiles to the payload, and any other says what is missing."""
    for described in (False, True):
        lifted = lift_payload(payload, "job.json", described=described)
        assert lifted.exact or lifted.diagnostics
        compiled = sftc.compile_config(lifted.text)
        if compiled.payload is None:
            assert not lifted.exact
            continue
        pins = kept_pins(compiled.payload, payload)
        again = sftc.compile_config(lifted.text, pins=pins).payload_bytes
        assert (again == canonical_bytes(payload)) == lifted.exact
        sftc.explain(lifted.text)


def seeds() -> Iterator[bytes]:
    """Yield the payloads of the cases, good ones and bad ones."""
    for pattern in ("cases/*/job.json", "payloads/cases/*/job.json"):
        for path in sorted(TESTS.glob(pattern)):
            if path.stat().st_size < 8192:
                yield path.read_bytes()


def words() -> list[str]:
    """Return the marks of JSON, and the names in a payload."""
    names: set[str] = set()
    todo: list[Any] = [schemas.load("payload")]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            names |= (
                {*value.get("properties", {})}
                if isinstance(value.get("properties"), dict)
                else set()
            )
            todo += value.values()
        elif isinstance(value, list):
            todo += value
    marks = [
        *("{", "}", "[", "]", ": ", ",\n", "null", "true", "false", "1.0", "1e5", "-0.0", "1e400"),
        *(
            "18446744073709551615",
            "-9223372036854775809",
            '"\\ud800"',
            "NaN",
            '"a/b~c"',
            '""',
            "[]",
            "{}",
        ),
        '"more": {"a": 1},',
    ]
    return [*marks, *(f'"{name}": ' for name in sorted(names))]
