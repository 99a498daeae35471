"""Why settings cannot be used, and why a file is not opened: findings with their places."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .. import schemas, targets
from ..compiler.expected import expected
from ..compiler.inspection import places, values
from ..diagnostics import Aim, Diagnostic, Finding, KeyPath, codes, dotted, type_text, value_text
from ..diagnostics.catalogue import begins_a_code, diagnose
from ..diagnostics.suggest import nearest
from ..disk.files import reason
from ..disk.gate import RefusedError, leads_out
from ..schemas.explaining import Miss, misses

_PATHS: Final = ("configs", "out-dir")
_CODES: Final = ("select", "ignore")


def unreadable(name: str, error: RefusedError | OSError, done: str = "read") -> Diagnostic:
    """Return why a file was not opened.

    Args:
        name: its name.
        error: a ``RefusedError``, or an ``OSError``.
        done: what was not done with it.

    """
    if isinstance(error, RefusedError):
        words = {"name": name, "reason": str(error), "done": done}
        return diagnose(Finding(codes.OUTSIDE_REPOSITORY, words=words), name)
    code = codes.UNREADABLE_FILE if done == "read" else codes.UNWRITABLE_FILE
    return diagnose(Finding(code, words={"reason": reason(error)}), name)


def explain(data: bytes, table: KeyPath, name: str) -> tuple[Diagnostic, ...]:
    """Return what is wrong with settings that cannot be used.

    Args:
        data: the file that has them.
        table: the path of their table in it.
        name: the name of the file.

    """
    read, found = values(data, name)
    if read is not None:
        found = list(_misfits(schemas.value_at(read, table), table).values())
    at = places(data, name)
    return tuple(diagnose(finding, at.span(finding.path, finding.aim)) for finding in found)


def _misfits(settings: Any, table: KeyPath) -> dict[KeyPath, Finding]:
    """Return what is wrong with the values of settings: of each one thing."""
    found = misfits("settings", settings, table)
    for key, *index, text in _texts(settings if isinstance(settings, dict) else {}):
        path = (*table, key, *index)
        if key in _PATHS and leads_out(text):
            words = {"name": text, "reason": "is outside the folder of the settings"}
            found.setdefault(
                path, Finding(codes.OUTSIDE_REPOSITORY, path, {**words, "done": "used"})
            )
        elif key in _CODES and not begins_a_code(text):
            found.setdefault(path, _no_code(path, text))
        elif key == "targets" and text not in targets.names():
            found.setdefault(path, _no_target(path, text))
    return found


def misfits(schema: str, settings: Any, table: KeyPath) -> dict[KeyPath, Finding]:
    """Return where settings miss a schema, by path: of each place one thing.

    Args:
        schema: the name of the schema.
        settings: plain values.
        table: the path of their table in their file.

    """
    found: dict[KeyPath, Finding] = {}
    for miss in misses(schema, settings):
        for place in miss.places:
            path = (*table, *place)
            if miss.unknown:
                found[path] = _unknown(path, miss.schema["properties"])
            elif path not in found:
                found[path] = _wrong(miss, path)
    return found


def _texts(settings: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield each string of the settings: its key, its index in an array, and itself."""
    for key, value in settings.items():
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, list):
            yield from ((key, index, item) for index, item in enumerate(value) if _is_text(item))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _unknown(path: KeyPath, known: Mapping[str, Any]) -> Finding:
    meant = nearest(str(path[-1]), known)
    words = {"key": f"`{dotted(path[-1:])}`", "known": ", ".join(f"`{name}`" for name in known)}
    hint = f"did you mean `{meant}`?" if meant else None
    return Finding(codes.UNKNOWN_SETTING, path, words, Aim.KEY, hint)


def _wrong(miss: Miss, path: KeyPath) -> Finding:
    value, words = miss.value, {"key": dotted(path)}
    if miss.keyword == "pattern":
        return _no_code(path, value) if value.strip() else Finding(codes.BLANK, path, words)
    types = {word: fact for word, fact in miss.schema.items() if word != "pattern"}
    words["expected"] = expected(types)
    if miss.keyword == "type":
        found = f"{type_text(value)} ({value_text(value)})"
        return Finding(codes.WRONG_TYPE, path, {**words, "found": found})
    code = codes.NOT_A_CHOICE if miss.keyword == "enum" else codes.OUT_OF_RANGE
    return Finding(code, path, {**words, "found": value_text(value)})


def _no_target(path: KeyPath, value: str) -> Finding:
    known = targets.names()
    meant = nearest(value, known)
    allowed = ", ".join(f"`{name}`" for name in known)
    words = {"key": dotted(path), "expected": f"one of {allowed}", "found": value_text(value)}
    hint = f"did you mean `{meant}`?" if meant else None
    return Finding(codes.NOT_A_CHOICE, path, words, hint=hint)


def _no_code(path: KeyPath, value: str) -> Finding:
    allowed = "a code such as `SFT251`, or a prefix of codes such as `SFT2`"
    words = {"key": dotted(path), "expected": allowed, "found": value_text(value)}
    return Finding(codes.NOT_A_CHOICE, path, words)
