"""A payload as it was reviewed: read strictly, checked against its schema, never changed.

Numbers keep their value: what could not be sent as it was read is refused.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from .. import canonical, schemas
from ..diagnostics import Finding, dotted
from ..diagnostics.json_places import json_span
from . import oddities
from .errors import PayloadError, told

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
    """A payload to submit.

    Attributes:
        name: its file's name, in diagnostics.
        text: the text that places in diagnostics refer to.
        value: the document.

    """

    name: str
    text: str
    value: Mapping[str, Any]

    def file(self, use: str) -> Mapping[str, Any]:
        """Return what is said of the dataset for a use; empty if none is named."""
        files = self.value["metadata"].get("sftc", {}).get("files", {})
        named: Mapping[str, Any] = files.get(use, {})
        return named

    def error(self, finding: Finding) -> PayloadError:
        """Return an error that points at the finding's path in the text."""
        span = finding.span or json_span(self.text, finding.path)
        return PayloadError([told(finding, file=self.name, span=span)])


def read(artifact: bytes | str | Mapping[str, Any], *, name: str) -> Payload:
    """Return a payload from the bytes or the text of an artifact, or from plain values.

    Raises:
        PayloadError: it is not strict JSON, or misses ``payload.schema.json``.

    """
    if isinstance(artifact, Mapping):
        artifact = _written(artifact, name)
    text = artifact if isinstance(artifact, str) else _decoded(artifact, name)
    payload = Payload(name, text, _parsed(text, name))
    _written(payload.value, name, text)
    _check(payload)
    return payload


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


def _parsed(text: str, name: str) -> Mapping[str, Any]:
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
    from ..diagnostics.lines import Lines  # a payload that can be read needs none

    span = Lines(text).span(place, place + 1)
    finding = Finding("SFT502", words={"reason": reason})
    raise PayloadError([told(finding, file=name, span=span)]) from None


def _check(payload: Payload) -> None:
    # Imported here because its import takes longer than all that comes before.
    from jsonschema import Draft202012Validator

    found = {
        (json_span(payload.text, tuple(error.absolute_path)), _misses(error)): error.absolute_path
        for error in Draft202012Validator(schemas.load("payload")).iter_errors(payload.value)
    }
    if found:
        raise PayloadError(
            told(Finding("SFT503", tuple(path), {"what": what}), file=payload.name, span=span)
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
