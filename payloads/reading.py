"""The one strict reader of payloads, which anybody may have written.

Numbers keep their value: what could not be sent as it was read is refused. It takes time in
proportion to its input, and no input is larger than ``LARGEST``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from ..diagnostics import Diagnostic, Finding, KeyPath, Span, codes
from .misfits import misfits
from .pins import dataset_files

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a payload at most: those that people review have some kilobytes."""


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

    def span(self, path: KeyPath) -> Span:
        """Return the place of the value at a path, or of the nearest one above it."""
        from ..diagnostics.json_places import json_span  # a payload without findings needs none

        return json_span(self.text, self.name, path)


class UnreadableError(Exception):
    """A text is no JSON that could be sent on as it was read, or is too long for a payload.

    Attributes:
        code: the code of the finding.
        reason: why.
        place: the offset in the text.

    """

    def __init__(self, reason: str, place: int = 0, code: str = codes.PAYLOAD_NOT_JSON) -> None:
        super().__init__(reason)
        self.code, self.reason, self.place = code, reason, place


def read(
    artifact: bytes | str | Mapping[str, Any], *, name: str
) -> Payload | tuple[Diagnostic, ...]:
    """Return the payload in an artifact, or the findings that say why there is none.

    Args:
        artifact: its bytes, its text, or plain values.
        name: its name in diagnostics.

    """
    text = ""
    try:
        if isinstance(artifact, Mapping):
            artifact = _written(dict(artifact))
        if isinstance(artifact, bytes):
            text = artifact.decode("utf-8", "replace") if len(artifact) <= LARGEST else ""
            artifact = decoded(artifact)
        text = artifact if len(artifact) <= LARGEST else ""
        value = parsed(artifact)
    except UnreadableError as refused:
        return (_diagnostic(refused, name, text),)
    found = misfits(value)
    if not found:
        return Payload(name, text, value)
    # A payload that fits its schema needs neither of these.
    from ..diagnostics.catalogue import diagnose
    from ..diagnostics.json_places import json_spans

    spans = json_spans(text, name, [misfit.path for misfit in found])
    return tuple(
        diagnose(Finding(codes.PAYLOAD_SHAPE, misfit.path, {"what": misfit.reason}), span)
        for span, misfit in sorted(zip(spans, found, strict=True), key=lambda pair: pair[0])
    )


def decoded(data: bytes) -> str:
    """Return the text of UTF-8 bytes.

    Raises:
        UnreadableError: they are not UTF-8, or too many for a payload.

    """
    if len(data) > LARGEST:
        _too_large()
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        place = len(data[: error.start].decode())
        raise UnreadableError(f"byte {error.start + 1} is not UTF-8", place) from None


def parsed(text: str) -> Any:
    """Return the value of a JSON text that can be sent on with the same meaning.

    Raises:
        UnreadableError: it is not JSON, or holds what JSON cannot carry unchanged.

    """
    # Imported here because a lint, which reads no payload, does without.
    from json import JSONDecodeError

    from . import oddities

    if len(text) > LARGEST:
        _too_large()
    try:
        value = oddities.loads(text)
    except JSONDecodeError as error:
        raise UnreadableError(*_mistake(text, error.msg, error.pos)) from None
    except oddities.OddError:
        odd = oddities.first(text) or oddities.Oddity("it is nested too deeply", 0)
        raise UnreadableError(odd.reason, odd.place) from None
    _written(value, text)
    return value


def _mistake(text: str, message: str, place: int) -> tuple[str, int]:
    """Return why a text is not JSON, and where: the same on every Python.

    From 3.13 on, Python knows a trailing comma; before, it names the bracket that follows.
    """
    before = text[:place].rstrip()
    ends = {"}": "object", "]": "array"}.get(text[place : place + 1])
    if ends and before.endswith(","):
        return f"illegal trailing comma before end of {ends}", len(before) - 1
    return message[0].lower() + message[1:], place


def _written(value: Any, text: str = "") -> bytes:
    """Return the canonical bytes of a value, or refuse one that has none."""
    from . import canonical, oddities  # as above

    try:
        return canonical.encode(value)
    except TypeError as error:  # orjson's: half a surrogate pair, a type that JSON does not have
        raise UnreadableError(str(error), oddities.half_a_pair(text)) from None


def _too_large() -> NoReturn:
    raise UnreadableError(
        f"it is larger than {LARGEST // 1024**2} MiB", code=codes.UNREADABLE_PAYLOAD
    )


def _diagnostic(refused: UnreadableError, name: str, text: str) -> Diagnostic:
    from ..diagnostics.catalogue import diagnose  # a payload that can be read needs neither
    from ..diagnostics.lines import Lines

    span = Lines(text, name).span(refused.place, refused.place + 1)
    return diagnose(Finding(refused.code, words={"reason": refused.reason}), span)
