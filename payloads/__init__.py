"""Payloads as they stand in files, which anybody may have written: read strictly, never changed.

Numbers keep their value: what could not be sent as it was read is refused.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from .. import canonical
from ..diagnostics import Diagnostic, Finding, dotted
from ..schemas.accepting import acceptor
from . import oddities

_MISSES: Final = {
    "type": "not of the type",
    "const": "not",
    "pattern": "and must match",
    "minimum": "and must be at least",
    "maximum": "and must be at most",
    "exclusiveMinimum": "and must be more than",
}
_LONGEST_VALUE: Final = 60
_LONGEST_MESSAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload.

    Attributes:
        name: its file's name, in diagnostics.
        text: the text that places in diagnostics refer to.
        value: the document.

    """

    name: str
    text: str
    value: dict[str, Any]

    @property
    def files(self) -> Mapping[str, Mapping[str, Any]]:
        """The dataset files that it names, by use, with what pins them."""
        return dataset_files(self.value)


def dataset_files(payload: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return the dataset files that a payload names, by use, with what pins them."""
    files: dict[str, dict[str, Any]] = payload["metadata"].get("sftc", {}).get("files", {})
    return files


def read(
    artifact: bytes | str | Mapping[str, Any], *, name: str
) -> Payload | tuple[Diagnostic, ...]:
    """Return the payload in an artifact, or the findings that say why there is none.

    Args:
        artifact: its bytes, its text, or plain values.
        name: its name in diagnostics.

    """
    try:
        if isinstance(artifact, Mapping):
            artifact = _written(artifact, name)
        text = artifact if isinstance(artifact, str) else _decoded(artifact, name)
        value = _parsed(text, name)
        _written(value, name, text)
    except _Refused as refused:
        return (refused.diagnostic,)
    return _misfits(value, text, name) or Payload(name, text, value)


class _Refused(Exception):  # noqa: N818 - what it carries is a diagnostic
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__()
        self.diagnostic = diagnostic


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        place = len(data[: error.start].decode())
        reason = f"byte {error.start + 1} is not UTF-8"
        _refuse(reason, name, data.decode("utf-8", "replace"), place)


def _written(value: Mapping[str, Any], name: str, text: str = "") -> bytes:
    """Return the canonical bytes of a value, or refuse one that has none."""
    try:
        return canonical.encode(dict(value))
    except TypeError as error:  # orjson's: half a surrogate pair, a type that JSON does not have
        _refuse(str(error), name, text, oddities.half_a_pair(text))


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        _refuse(error.msg[0].lower() + error.msg[1:], name, text, error.pos)
    except (ValueError, RecursionError):  # ValueError: an integer of thousands of digits
        value = None
    if odd := oddities.first(text):
        _refuse(odd.reason, name, text, odd.place)
    if not isinstance(value, dict):
        _refuse("it is no object, or is nested too deeply", name, text, 0)
    return value


def _refuse(reason: str, name: str, text: str, place: int) -> NoReturn:
    from ..diagnostics.catalogue import diagnose  # a payload that can be read needs neither
    from ..diagnostics.lines import Lines

    span = Lines(text).span(place, place + 1)
    raise _Refused(diagnose(Finding("SFT502", words={"reason": reason}), name, span)) from None


def _misfits(value: Mapping[str, Any], text: str, name: str) -> tuple[Diagnostic, ...]:
    """Return what the schema does not allow, by place."""
    if acceptor("payload")(value):
        return ()
    # A sound payload needs none of these.
    from ..diagnostics.catalogue import diagnose
    from ..diagnostics.json_places import json_span
    from ..schemas.explaining import validator

    found = {
        (json_span(text, tuple(error.absolute_path)), _misses(error)): error.absolute_path
        for error in validator("payload").iter_errors(value)
    }
    return tuple(
        diagnose(Finding("SFT503", tuple(path), {"what": what}), name, span)
        for (span, what), path in sorted(found.items(), key=lambda item: item[0])
    )


def _misses(error: Any) -> str:
    """Return in one line how a value misses the schema."""
    path = tuple(error.absolute_path)
    what = f"`{dotted(path)}`" if path else "the payload"
    value, rule = error.instance, error.validator_value
    match error.validator:
        case "required":
            return f"{what} has no {_listed(key for key in rule if key not in value)}"
        case "dependentRequired":
            absent = {key for name in rule if name in value for key in rule[name]} - value.keys()
            return f"{what} pins its file in part only: it has no {_listed(sorted(absent))}"
        case "additionalProperties":
            known = error.schema["properties"]
            return f"{what} has the unknown {_listed(key for key in value if key not in known)}"
        case "pattern" if not value.strip():
            return f"{what} is blank"
        case other if other in _MISSES:
            return f"{what} is {_shown(value)}, {_MISSES[other]} {_shown(rule)}"
        case _:
            return f"{what}: {error.message[:_LONGEST_MESSAGE]}"


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
