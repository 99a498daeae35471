"""Configs: whatever the bytes are, nothing raises, nothing is lost, and fixes come to an end."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import tomli

import sftc
from sftc import FromConfig, Severity, payloads, schemas
from sftc.payloads import canonical

from .table import TESTS

_SYNTAX = {"SFT004", "SFT005", "SFT006", "SFT007", "SFT008"}


def check(data: bytes) -> None:
    """Compile, lint and fix."""
    compiled = sftc.compile_config(data)
    text = data.decode("utf-8", "replace")
    _is_documented(compiled, text)
    linted = sftc.lint_config(data)
    foreign = [diagnostic.code for diagnostic in linted] == ["SFT009"]
    assert _has_error(linted) == (not compiled.ok) or foreign
    if compiled.payload_bytes is not None:
        assert compiled.diagnostics == linted
        _is_canonical(compiled.payload_bytes)
        if "sftc:" not in text:  # a comment may silence what is said of a key
            _is_accounted_for(compiled, tomli.loads(text))
    try:
        data.decode()
    except UnicodeDecodeError:
        return
    _is_read(text, compiled)
    for unsafe in (False, True):
        _mends(text, linted, unsafe=unsafe)


def _is_documented(compiled: sftc.Compilation, text: str) -> None:
    assert compiled.ok != _has_error(compiled.diagnostics)
    assert (compiled.payload_bytes is None) == (not compiled.ok)
    lines = text.split("\n")
    for diagnostic in compiled.diagnostics:
        span = diagnostic.span
        assert 1 <= span.line <= span.end_line <= len(lines), span
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1, span
        assert (span.end_line, span.end_column) >= (span.line, span.column), span
        assert "\x1b" not in diagnostic.message
        diagnostic.message.encode()


def _has_error(diagnostics: tuple[sftc.Diagnostic, ...]) -> bool:
    return any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)


def _is_canonical(data: bytes) -> None:
    """Require that encoding again changes nothing, and that our own reader takes the payload."""
    assert canonical.encode(json.loads(data)) == data
    assert isinstance(payloads.read(data, name="job.json"), payloads.Payload)


def _is_accounted_for(compiled: sftc.Compilation, config: dict[str, Any]) -> None:
    """Require that each leaf is in the payload, stays with the client, or has a finding."""
    assert compiled.payload_bytes is not None
    sent = json.loads(compiled.payload_bytes)
    forwarded = {
        origin.path: _at(sent, pointer)
        for pointer, origin in compiled.provenance.items()
        if isinstance(origin, FromConfig)
    }
    for path, value in _leaves(config):
        if path in forwarded:
            assert repr(forwarded[path]) == repr(value), path
        else:
            assert (
                _stays(path)
                or (schemas.key_schema(path) or {}).get("type") == "object"
                or any(_names(diagnostic, path) for diagnostic in compiled.diagnostics)
            ), path


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Any]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in inside:
        if isinstance(child, dict | list) and child:
            yield from _leaves(child, (*path, key))
        else:
            yield (*path, key), child


def _at(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        value = value[int(key) if isinstance(value, list) else key]
    return value


def _stays(path: tuple[str | int, ...]) -> bool:
    parts = (path[:n] for n in range(1, len(path) + 1))
    return any((schemas.key_schema(part) or {}).get("x-sftc-client") for part in parts)


def _names(diagnostic: sftc.Diagnostic, path: tuple[str | int, ...]) -> bool:
    about = diagnostic.path
    if path[: len(about)] == about != ():
        return True
    beside = about[:-1] == path[: len(about) - 1] and len(path) >= len(about) > 0
    return beside and f"`{path[len(about) - 1]}`" in diagnostic.message


def _is_read(text: str, compiled: sftc.Compilation) -> None:
    """Require that we call unreadable just what tomli refuses."""
    try:
        readable = bool(tomli.loads(text))
    except tomli.TOMLDecodeError:
        readable = False
    except (ValueError, RecursionError):
        return  # thousands of digits, or of levels, are ours to say something of
    codes = {diagnostic.code for diagnostic in compiled.diagnostics}
    if not codes & {"SFT003", "SFT006", "SFT007"}:
        assert readable == codes.isdisjoint(_SYNTAX), codes


def _mends(text: str, before: tuple[sftc.Diagnostic, ...], *, unsafe: bool) -> None:
    """Require that each fix removes a finding, adds none, and that fixing again does nothing."""
    mended = sftc.fix_config(text, unsafe=unsafe)
    assert len(mended.diagnostics) <= len(before) - len(mended.applied)
    assert _has_error(before) or not _has_error(mended.diagnostics)
    assert mended.applied or mended.text == text
    again = sftc.fix_config(mended.text, unsafe=unsafe)
    assert (again.text, again.applied) == (mended.text, ())
    assert _said(again.diagnostics) == _said(mended.diagnostics)


def _said(diagnostics: tuple[sftc.Diagnostic, ...]) -> Counter[Any]:
    return Counter((each.code, each.path, each.message) for each in diagnostics)


def seeds() -> Iterator[bytes]:
    """Yield the configs of the cases and of the fixes."""
    for folder in ("cases", "fixes"):
        for path in sorted((TESTS / folder).glob("*/*.toml")):
            yield path.read_bytes()


def words() -> list[str]:
    """Return the marks of TOML, and all names that we know."""
    known = schemas.known_tables()
    names = {str(name) for table in known for name in table}
    also: set[str] = set()
    for keys in known.values():
        for key, schema in keys.items():
            names.add(key)
            also |= {*schema.get("x-sftc-also", ()), *map(str, schema.get("enum", ()))}
    headers = [f"\n[{'.'.join(map(str, table))}]\n" for table in known if table]
    marks = [
        *(
            "[[",
            "]]",
            '"""',
            "'''",
            " = ",
            "\n",
            "\r\n",
            "{ ",
            " }",
            ", ",
            "#",
            "\\u00e9",
            "\\U0001f642",
        ),
        *("1979-05-27T07:32:00Z", "07:32:00", "1979-05-27", "inf", "-nan", "0x1f", "0o7", "0b1"),
        *("1e400", "1_000", "true", "false", "[]", "{}", '""', "# sftc: ignore[SFT202]", "\ufeff"),
        *(
            "9223372036854775808",
            "-9223372036854775808",
            "1e-5",
            "2e-4",
            '"2e-4"',
            "# sftc: ignore",
        ),
    ]
    return [*marks, *headers, *sorted(names | also)]
