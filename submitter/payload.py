"""A payload as it was reviewed: read strictly, checked against its schema, never changed.

Numbers keep their value: what could not be sent as it was read is refused.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, NoReturn

from .. import canonical, schemas
from ..diagnostics import Finding, KeyPath, dotted
from ..diagnostics.json_places import json_span
from .errors import PayloadError, told

_LARGEST: Final = 2**64 - 1
_SMALLEST: Final = -(2**63)
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
    if isinstance(artifact, bytes):
        try:
            artifact = artifact.decode()
        except UnicodeDecodeError as error:
            _refuse(name, f"byte {error.start + 1} is not UTF-8")
    value = _parsed(artifact, name)
    _written(value, name)
    payload = Payload(name, artifact, value)
    _check(payload)
    return payload


def _written(value: Mapping[str, Any], name: str) -> bytes:
    """Return the canonical bytes of a value, or refuse one that has none."""
    try:
        return canonical.encode(dict(value))
    except TypeError as error:  # orjson's: half a surrogate pair, a type that JSON does not have
        _refuse(name, str(error))


def _parsed(text: str, name: str) -> Mapping[str, Any]:
    try:
        value = json.loads(
            text,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        from ..diagnostics.lines import Lines  # a payload that can be read needs none

        span = Lines(text).span(error.pos, error.pos + 1)
        finding = Finding("SFT502", words={"reason": error.msg[0].lower() + error.msg[1:]})
        raise PayloadError([told(finding, file=name, span=span)]) from None
    except ValueError as error:  # ours
        _refuse(name, str(error))
    except RecursionError:
        _refuse(name, "it is nested too deeply")
    if not isinstance(value, dict):
        _refuse(name, "it is no object")
    return value


def _refuse(name: str, reason: str) -> NoReturn:
    finding = Finding("SFT502", words={"reason": reason})
    raise PayloadError([told(finding, file=name)]) from None


def _integer(digits: str) -> int:
    if len(digits) > len(str(_SMALLEST)) or not _SMALLEST <= int(digits) <= _LARGEST:
        raise ValueError(f"the integer {digits[:40]} is beyond 64 bits")
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(f"the number {digits[:40]} is beyond a double's range")
    return number


def _constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON value")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key `{twice}` stands twice in one object")
    return value


def _check(payload: Payload) -> None:
    # Imported here because its import takes longer than all that comes before.
    from jsonschema import Draft202012Validator

    errors = sorted(
        Draft202012Validator(schemas.load("payload")).iter_errors(payload.value),
        key=lambda error: [str(part) for part in error.absolute_path],
    )
    found = []
    for error in errors:
        path = tuple(error.absolute_path)
        finding = Finding("SFT503", path, {"what": _misses(error, path)})
        found.append(told(finding, file=payload.name, span=json_span(payload.text, path)))
    if found:
        raise PayloadError(found)


def _misses(error: Any, path: KeyPath) -> str:
    """Return in one line how a value misses the schema."""
    what = f"`{dotted(path)}`" if path else "the payload"
    if error.validator == "required":
        absent = [key for key in error.validator_value if key not in error.instance]
        return f"{what} has no {', '.join(f'`{key}`' for key in absent)}"
    if error.validator == "pattern" and error.instance.strip() == "":
        return f"{what} is blank"
    shown, other = _shown(error.instance), _shown(error.validator_value)
    match error.validator:
        case "type":
            return f"{what} is {shown}, not of the type {other}"
        case "const":
            return f"{what} is {shown}, not {other}"
        case "minimum":
            return f"{what} is {shown}, and must be at least {other}"
        case "maximum":
            return f"{what} is {shown}, and must be at most {other}"
        case "exclusiveMinimum":
            return f"{what} is {shown}, and must be more than {other}"
        case _:
            return f"{what}: {error.message[:_LONGEST_MESSAGE]}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
