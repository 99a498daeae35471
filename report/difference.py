"""What two datasets differ in: for people, and an object for programs.

It takes plain values and gives text; it reads nothing and prints nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from ..diagnostics import dotted, encodable, printable

_COLOURS: Final = {"+": "32", "-": "31", "~": "33"}
_WIDEST: Final = 100
"""Characters that are shown of a row, and of a text that changed."""
_AROUND: Final = 24
"""Characters that are shown of what is the same before and behind a change."""
_CHANGES: Final = 5
"""Changes that are shown of one row."""
_LINES: Final = 5


Changes = Sequence[Mapping[str, Any]] | None
"""What differs in a row: ``path``, ``role``, ``before`` and ``after`` of each place."""


def as_text(
    facts: Mapping[str, Any], shown: Mapping[str, Sequence[Any]], *, colour: bool = False
) -> str:
    """Return the difference as text that ends with a newline.

    Args:
        facts: what ``Difference.facts`` gives.
        shown: what ``Difference.shown`` gives.
        colour: whether to use ANSI colours.

    """
    return "".join(f"{line}\n" for line in _lines(facts, shown, colour=colour))


def _lines(
    facts: Mapping[str, Any], shown: Mapping[str, Sequence[Any]], *, colour: bool
) -> Iterator[str]:
    old, new = printable(facts["old"]["file"]), printable(facts["new"]["file"])
    counts = [
        f"{len(facts[kind]):,} {kind}" for kind in ("added", "removed", "changed") if facts[kind]
    ]
    counts.append(f"{facts['same']:,} the same")
    yield f"{old} → {new}: {', '.join(counts)}"
    yield f"  rows  {facts['old']['rows']:,} → {facts['new']['rows']:,}"
    for line, text in shown["removed"]:
        yield _ink(f"- {old}:{line}", "-", colour=colour) + f"  {_cut(text)}"
    yield from _more(len(facts["removed"]), len(shown["removed"]), "removed")
    for line, text in shown["added"]:
        yield _ink(f"+ {new}:{line}", "+", colour=colour) + f"  {_cut(text)}"
    yield from _more(len(facts["added"]), len(shown["added"]), "added")
    for row, changes in zip(facts["changed"], shown["changed"], strict=False):
        yield _ink(f"~ {old}:{row['old']} → {new}:{row['new']}", "~", colour=colour)
        yield from _changes(changes, colour=colour)
    yield from _more(len(facts["changed"]), len(shown["changed"]), "changed")
    for side, name in (("old", old), ("new", new)):
        yield from _as_bytes(facts[side]["as_bytes"], name)


def _more(count: int, shown: int, kind: str) -> Iterator[str]:
    if count > shown:
        more = " more" if shown else ""
        yield f"  {count - shown:,}{more} {kind}; see --max-rows"


def _as_bytes(lines: Sequence[int], name: str) -> Iterator[str]:
    if not lines:
        return
    first = ", ".join(f"{line:,}" for line in lines[:_LINES]) + (
        ", …" if len(lines) > _LINES else ""
    )
    is_one = len(lines) == 1
    rows = f"1 row of {name} is" if is_one else f"{len(lines):,} rows of {name} are"
    where = "line" if is_one else "lines"
    yield f"  = {rows} not JSON, or too large, and compared byte for byte: {where} {first}"


def _changes(changes: Changes, *, colour: bool) -> Iterator[str]:
    if changes is None:
        yield "    too large to show"
        return
    for change in changes[:_CHANGES]:
        role = f" ({printable(change['role'])})" if change["role"] else ""
        yield f"    {printable(dotted(change['path']))}{role}: {_inline(change, colour=colour)}"
    if len(changes) > _CHANGES:
        yield f"    and {len(changes) - _CHANGES:,} more places"


def _inline(change: Mapping[str, Any], *, colour: bool) -> str:
    """Return a change on one line: what is the same at both ends is cut short."""
    old, new = change["before"], change["after"]
    if old is None:
        return _mark("+", new, colour=colour)
    if new is None:
        return _mark("-", old, colour=colour)
    start = _word(old, _common(old, new))
    rest, other = old[start:][::-1], new[start:][::-1]
    end = _word(rest, _common(rest, other))
    stop, new_stop = len(old) - end, len(new) - end
    return "".join(
        (
            "…" if start > _AROUND else "",
            printable(old[max(start - _AROUND, 0) : start]),
            _mark("-", old[start:stop], colour=colour),
            _mark("+", new[start:new_stop], colour=colour),
            printable(old[stop : stop + _AROUND]),
            "…" if end > _AROUND else "",
        )
    )


def _word(text: str, place: int) -> int:
    """Return a place in front of the word in whose middle a place is, if it is not a long one."""
    for back in range(min(place, _AROUND) + 1):
        if back == place or not text[place - back - 1].isalnum():
            return place - back
    return place


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # whole stretches are compared, which is many times as fast as characters
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _mark(sign: str, text: str, *, colour: bool) -> str:
    shown = _cut(text)
    if colour or not text:
        return _ink(shown, sign, colour=colour)
    return f"{{+{shown}+}}" if sign == "+" else f"[-{shown}-]"


def _cut(text: str) -> str:
    return printable(text[:_WIDEST]) + ("…" if len(text) > _WIDEST else "")


def _ink(text: str, sign: str, *, colour: bool) -> str:
    return f"\x1b[{_COLOURS[sign]}m{text}\x1b[0m" if colour else text


def as_json(facts: Mapping[str, Any], changed: Iterable[Changes]) -> str:
    """Return the difference as one JSON object on one line, as in ``data-diff.schema.json``.

    Args:
        facts: what ``Difference.facts`` gives.
        changed: what differs in the first changed rows.

    """
    rows = [dict(row) for row in facts["changed"]]
    for row, changes in zip(rows, changed, strict=False):
        if changes is not None:
            row["changes"] = [_as_object(change) for change in changes]
    sides = {
        side: {**facts[side], "file": encodable(facts[side]["file"])} for side in ("old", "new")
    }
    found = {"format": 1, **facts, **sides, "changed": rows}
    return orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE).decode()


def _as_object(change: Mapping[str, Any]) -> dict[str, Any]:
    said = {word: change[word] for word in ("role", "before", "after")}
    return {
        "path": [encodable(step) if isinstance(step, str) else step for step in change["path"]],
        **{word: text if text is None else encodable(text) for word, text in said.items()},
    }
