"""One row as a whole: strict JSON, the schema, and what it holds or what is wrong and where.

This is the authority on what a row is. The accelerator spares most rows a look.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NoReturn

import orjson
import xxhash

from ...diagnostics import Aim, Finding, KeyPath, codes
from ..reading.blocks import BLANK
from ..reading.integers import LongInteger, integer, may_have_long
from ..reading.json_mistakes import not_json
from ..reading.small_objects import DEEPEST
from .conversation import CONVERSATIONS
from .explaining import long_integer, named
from .grouping import Familiar, Findings
from .kind import RowKind
from .verdict import LargeVerdict, Verdict, at, is_error, is_error_code

if TYPE_CHECKING:
    from ..reading.blocks import LargeLine


class _NotFinite(Exception):  # noqa: N818 - it carries a finding, and never leaves this module
    """``NaN`` or ``Infinity`` stands in the text."""


class _Objects:
    """Makes the objects of one row, and notices when a key stands twice in one.

    Attributes:
        twice: by the identity of such an object, the object and these keys.

    """

    def __init__(self) -> None:
        self.twice: dict[int, tuple[dict[str, Any], list[str]]] = {}

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)  # the last value of a key is kept
        if len(value) < len(pairs):
            times = Counter(key for key, _ in pairs)
            self.twice[id(value)] = value, [key for key, count in times.items() if count > 1]
        return value


def _refuse(constant: str) -> NoReturn:
    raise _NotFinite(constant)


_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MAYBE_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
"""Escapes of halves of characters. In pairs they are whole ones."""


def validate_row(
    line: bytes,
    kind: RowKind = CONVERSATIONS,
    *,
    offset: int = 0,
    ended: bool = True,
    allowed: frozenset[str] = frozenset(),
    familiar: Familiar | None = None,
) -> Verdict:
    """Return what there is to say of one row.

    Args:
        line: its bytes, without white space behind them.
        kind: the kind of row it is to be.
        offset: where in the file they begin.
        ended: whether a line end follows.
        allowed: the codes that are not looked for.
        familiar: what need only be counted; None: nothing.

    """
    row = _surely_shaped(line, kind)
    if row is not None:
        return _ruled(line.decode("utf-8"), row, [], kind, allowed, familiar)
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        length = _length(line.decode("utf-8", "replace"))
        return Verdict(length, [_not_utf8(error, offset, ended=ended)])
    objects = _Objects()
    decoder = json.JSONDecoder(object_pairs_hook=objects, parse_constant=_refuse, parse_int=integer)
    try:
        row = decoder.decode(text)
    except _NotFinite as found:
        return Verdict(_length(text), [_not_finite(text, str(found))])
    except json.JSONDecodeError as error:
        return Verdict(_length(text), [_not_json(text, error, ended=ended)])
    except RecursionError:
        return Verdict(_length(text), [Finding(codes.ROW_NESTED_TOO_DEEP)])
    if _is_too_deep(row, text):
        return Verdict(_length(text), [Finding(codes.ROW_NESTED_TOO_DEEP)])
    halves = list(_halves(row)) if _MAYBE_HALF.search(text) else []
    findings = [*halves]
    if may_have_long(line):
        findings += _long_integers(row)
    findings += _twice(row, objects) if objects.twice else []
    if halves or not kind.is_row(row):  # then the rules have nothing to go by
        return Verdict(_length(text), [*kind.explain(row), *findings])
    return _ruled(text, row, findings, kind, allowed, familiar)


def _surely_shaped(line: bytes, kind: RowKind) -> Any:
    """Return a row of the right shape in which no key stands twice, or None if it may be another.

    No integer in it is a long one.
    """
    try:
        row = orjson.loads(line)  # as strict as the rules, and several times as fast
        if not kind.is_row(row) or b"\\u0022" in line or may_have_long(line):
            return None
        again = orjson.dumps(row)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):  # it is no JSON, or a deep one
        return None
    # Written again, it has as many quotes as before, unless a key of it was dropped.
    return row if again.count(b'"') == line.count(b'"') else None


def _ruled(
    text: str,
    row: Any,
    findings: list[Finding],
    kind: RowKind,
    allowed: frozenset[str],
    familiar: Familiar | None,
) -> Verdict:
    """Return the verdict on a row of the right shape."""
    broken, contents, known = kind.judge(row, familiar or Familiar())
    findings += broken
    if allowed:
        known = {one: count for one, count in known.items() if one[0] not in allowed}
        findings = [finding for finding in findings if finding.code not in allowed]
    bad = any(map(is_error, findings)) or any(is_error_code(code) for code, *_ in known)
    return Verdict(_length(text), findings, None if bad else contents, known)


def validate_whole(
    line: "LargeLine", most: int | None, allowed: frozenset[str], kind: RowKind
) -> LargeVerdict:
    """Return what there is to say of a large row, which is held in memory as a whole.

    Args:
        line: the line, whose pieces are consumed.
        most: how many kinds of findings of each severity may come to be shown; None: all.
        allowed: the codes that are not looked for.
        kind: the kind of row it is to be.

    """
    text = b"".join(line.pieces)
    row = text.rstrip(BLANK)
    findings = Findings(most)
    if not row:
        return LargeVerdict(0, findings, None, 0)
    ended = text.endswith(b"\n")
    verdict = validate_row(row, kind, offset=line.offset, ended=ended, allowed=allowed)
    for finding in verdict.findings:
        findings.note(0, finding, row)
    digest = xxhash.xxh64_intdigest(row.lstrip(BLANK))
    return LargeVerdict(verdict.length, findings, verdict.contents, digest)


def _length(text: str) -> int:
    return len(text if text[0] == "{" else text.lstrip(" \t\r"))


def _not_utf8(error: UnicodeDecodeError, offset: int, *, ended: bool) -> Finding:
    column = len(error.object[: error.start].decode("utf-8")) + 1
    if not ended and error.reason == "unexpected end of data":
        return Finding(codes.CUT_OFF, span=at(column))
    byte = error.object[error.start]
    words = {"byte": f"{byte:02x}", "offset": f"{offset + error.start:,}"}
    return Finding(codes.ROW_NOT_UTF8, (), words, span=at(column))


def _not_json(text: str, error: json.JSONDecodeError, *, ended: bool) -> Finding:
    problem = not_json(text, error)
    if problem.cut and not ended:
        return Finding(codes.CUT_OFF, span=at(len(text) + 1))
    words = {"problem": problem.words}
    return Finding(codes.ROW_NOT_JSON, (), words, hint=problem.hint, span=at(problem.column))


def _not_finite(text: str, constant: str) -> Finding:
    # Outside of strings: strings are matched first, and skipped.
    pattern = rf'"(?:[^"\\]|\\.)*+"|(?P<found>{re.escape(constant)})'
    place = next(m.start("found") for m in re.finditer(pattern, text) if m["found"])
    span = at(place + 1)._replace(end_column=place + 1 + len(constant))
    return Finding(codes.ROW_NOT_FINITE, (), {"found": constant}, span=span)


def _is_too_deep(row: Any, text: str) -> bool:
    """Whether a row is deeper than any Python follows, wherever in a program it is called."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    level = [row]
    for _ in range(DEEPEST):
        inside = (value.values() if isinstance(value, dict) else value for value in level)
        level = [value for values in inside for value in values if isinstance(value, (dict, list))]
    return bool(level)


def _halves(row: Any) -> Iterator[Finding]:
    """Yield the strings that are no Unicode text."""
    for path, value in _walk(row):
        texts = [value] if isinstance(value, str) else value if isinstance(value, dict) else ()
        for text in texts:
            half = _SURROGATE.search(text)
            if half:
                what = named(path) if text is value else f"a key of {named(path)}"
                words = {"what": what, "point": f"{ord(half[0]):04x}"}
                yield Finding(codes.LONE_SURROGATE, path, words)


def _long_integers(row: Any) -> Iterator[Finding]:
    for path, value in _walk(row):
        if isinstance(value, LongInteger):
            yield long_integer(value.digits, path)


def _twice(row: Any, objects: _Objects) -> Iterator[Finding]:
    for path, value in _walk(row):
        _, keys = objects.twice.get(id(value), (value, []))
        for key in keys:
            words = {"what": named(path), "key": key}
            yield Finding(codes.KEY_TWICE, (*path, key), words, Aim.KEY)


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
