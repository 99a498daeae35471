"""What other systems have for a field of the payload, in words for a table."""

from collections.abc import Iterator
from typing import Final

from sftc.diagnostics import KeyPath
from sftc.targets.target import Remark, Target, load, names

from .markdown import codes

_NOTHING: Final = "nothing"


def expressed(field: KeyPath) -> Iterator[tuple[str, str]]:
    """Yield each system and its keys for a field, or why it has none; a manifest has all fields."""
    for target in map(load, names()):
        if not target.is_manifest:
            yield target.system, _words(target, field)


def _words(target: Target, field: KeyPath) -> str:
    places = [
        _spelt(path)
        for route in target.routes
        if any(field[: len(path)] == path for path in route.fields)
        for path in route.at.values()
    ]
    if places:
        return codes(dict.fromkeys(places))
    if any(field[: len(path)] == path for route in target.routes for path in route.fields):
        return f"part of its command: {codes([str(target.launch['command'])])}"
    remark = _remark(target, field)
    if remark is None:
        return _NOTHING
    nearest = f"; nearest: {remark.nearest}" if remark.nearest else ""
    return f"{_NOTHING}: {remark.why}{nearest}"


def _remark(target: Target, field: KeyPath) -> Remark | None:
    """Return what a system's file says of a field, or of the table that it is in."""
    for length in range(len(field), 0, -1):
        if field[:length] in target.fields:
            return target.fields[field[:length]]
    return None


def _spelt(path: KeyPath) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")
