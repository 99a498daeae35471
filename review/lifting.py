"""A payload lifted to the config that compiles to it, so that it can be reviewed as one.

What no config can express is found by compiling what was written, and comparing.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from ..compiler import Compilation, compile_config
from ..compiler.inspection import lift
from ..diagnostics import Diagnostic, Finding, Severity, codes
from ..diagnostics.catalogue import diagnose
from ..diagnostics.lines import Lines
from ..diagnostics.pointers import pointer
from ..payloads import dataset_files, kept_pins
from ..writer import config_text
from .changes import ABSENT
from .comparison import Comparison
from .side import Side
from .words import value_text

_NAME: Final = "<lifted>"
_RULES: Final = codes.CROSS_FIELD
"""Codes that a comment may silence, though they are errors."""


class Lifted(NamedTuple):
    """What a payload was lifted to.

    Attributes:
        text: the config.
        diagnostics: what it does not express, and what a reader should know.

    """

    text: str
    diagnostics: tuple[Diagnostic, ...]

    @property
    def exact(self) -> bool:
        """Whether the config compiles to the payload, byte for byte."""
        return all(
            diagnostic.code in (codes.SILENCED_IN_LIFTED, codes.PIN_NOT_LIFTED)
            for diagnostic in self.diagnostics
        )


def lift_payload(payload: Mapping[str, Any], name: str, *, described: bool = False) -> Lifted:
    """Return the config for a payload.

    Args:
        payload: a payload that its schema allows.
        name: its name in diagnostics.
        described: whether each key has its description above it.

    """
    text = config_text(lift(payload), described=described)
    errors = [
        d for d in compile_config(text, filename=_NAME).diagnostics if d.severity is Severity.ERROR
    ]
    silenced = [error for error in errors if error.code.startswith(_RULES)]
    text = _silencing(text, silenced)
    compiled = compile_config(text, filename=_NAME)
    if compiled.payload is not None:
        compiled = compile_config(text, filename=_NAME, pins=kept_pins(compiled.payload, payload))
    findings = [*_silences(silenced), *_unexpressed(payload, compiled), *_pins(payload)]
    broken = () if compiled.ok else tuple(compiled.diagnostics)
    return Lifted(text, (*broken, *(diagnose(finding, name) for finding in findings)))


def _silencing(text: str, errors: Iterable[Diagnostic]) -> str:
    """Return a config with comments that silence errors, each at the end of its line."""
    by_line: dict[int, list[str]] = {}
    for error in errors:
        on_line = by_line.setdefault(error.span.line, [])
        if error.code not in on_line:
            on_line.append(error.code)
    lines = Lines(text, _NAME)
    return "\n".join(
        f"{lines.line(n)}  # sftc: ignore[{', '.join(by_line[n])}]"
        if n in by_line
        else lines.line(n)
        for n in range(1, len(lines) + 1)
    )


def _silences(errors: Iterable[Diagnostic]) -> Iterator[Finding]:
    for error in errors:
        yield Finding(
            codes.SILENCED_IN_LIFTED, words={"code": error.code, "message": error.message}
        )


def _unexpressed(payload: Mapping[str, Any], compiled: Compilation) -> Iterator[Finding]:
    if compiled.payload is None:
        return
    comparison = Comparison(Side("", dict(payload)), Side("", compiled.payload))
    for field in comparison.fields:
        path, before, after = field.change
        words = {"pointer": pointer(path), "value": _shown(before), "instead": _shown(after)}
        yield Finding(codes.NOT_EXPRESSIBLE, words=words)


def _shown(value: Any) -> str:
    return "nothing there" if value is ABSENT else value_text(value)


def _pins(payload: Mapping[str, Any]) -> Iterator[Finding]:
    for file in dataset_files(payload).values():
        if len(file) > 1:
            yield Finding(codes.PIN_NOT_LIFTED, words={"path": file["path"]})
