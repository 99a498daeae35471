"""The pure compiler: the text of a config in, a payload and diagnostics out.

Nothing under this package touches files, the clock, the environment, the network or a
stream. Data moves one way; every stage adds to one list of findings; bad input never raises.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..diagnostics import Diagnostic, KeyPath, Severity
from . import canonical, lower, mending, placing, rules, shape, source
from .lower import FromConfig, FromDefault, FromOption, Origin

__all__ = [
    "Compilation",
    "FromConfig",
    "FromDefault",
    "FromOption",
    "Mended",
    "Origin",
    "compile_config",
    "fix_config",
    "lint_config",
]


@dataclass(frozen=True)
class Compilation:
    """What a config compiles to.

    Attributes:
        payload: the payload as plain values, or None if any diagnostic is an error.
        payload_bytes: the payload as canonical JSON, or None.
        diagnostics: every finding, sorted by place.

    """

    payload: dict[str, Any] | None
    payload_bytes: bytes | None
    diagnostics: tuple[Diagnostic, ...]
    _origins: Mapping[KeyPath, Origin] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        """Whether there is a payload."""
        return self.payload is not None

    @cached_property
    def provenance(self) -> dict[str, Origin]:
        """Where each leaf of the payload came from, by its JSON Pointer; empty if none."""
        return lower.trace(self.payload, self._origins) if self.payload is not None else {}


def lint_config(text: str | bytes, *, filename: str = "config.toml") -> tuple[Diagnostic, ...]:
    """Return what is wrong with a config; of a file that is no config, one note that says so.

    Args:
        text: the config, TOML 1.1; bytes are UTF-8.
        filename: the name that diagnostics give it.

    """
    compiled = compile_config(text, filename=filename)
    if not compiled.ok:
        text, findings = source.decode(text)
        config = None if findings else source.parse(text)[0]
        foreign = shape.foreign(config) if config else None
        if foreign:
            return placing.place([foreign], text, filename)
    return compiled.diagnostics


@dataclass(frozen=True, slots=True)
class Mended:
    """What the fixes of a config came to.

    Attributes:
        text: the config after them.
        applied: the diagnostics that they took away.
        diagnostics: those that remain.

    """

    text: str
    applied: tuple[Diagnostic, ...]
    diagnostics: tuple[Diagnostic, ...]


def fix_config(text: str, *, filename: str = "config.toml", unsafe: bool = False) -> Mended:
    """Apply the fixes of a config, one after another, as long as each takes a finding away.

    The text afterwards has strictly fewer findings for each fix that was applied, and what no
    fix touches is as it was to the letter. To fix it again changes nothing.

    Args:
        text: the config.
        filename: the name that diagnostics give it.
        unsafe: whether to apply fixes that change what the config means, too.

    """
    applied: list[Diagnostic] = []
    found = lint_config(text, filename=filename)
    untried = list(found)
    while untried:
        diagnostic = untried.pop(0)
        fix = diagnostic.fix
        if fix is None or not (fix.safe or unsafe):
            continue
        mended = mending.apply(text, fix.edits)
        after = lint_config(mended, filename=filename)
        if len(after) < len(found) and _reads(after):
            text, found, untried = mended, after, list(after)
            applied.append(diagnostic)
    return Mended(text, tuple(applied), found)


def _reads(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether the text was read: a text that stops the reader has one finding, too."""
    return not any(diagnostic.code < "SFT009" for diagnostic in diagnostics)


def compile_config(
    text: str | bytes, *, filename: str = "config.toml", dataset: str | None = None
) -> Compilation:
    """Compile a config.

    Args:
        text: the config, TOML 1.1; bytes are UTF-8.
        filename: the name that diagnostics give the config; nothing is read from it.
        dataset: the path of the training dataset, in place of the config's ``job.data``.

    Raises:
        ValueError: ``dataset`` is blank.

    """
    if dataset is not None and not dataset.strip():
        message = "dataset must not be blank"
        raise ValueError(message)
    text, findings = source.decode(text)
    config: dict[str, Any] | None = None
    if not findings:
        config, findings = source.parse(text)
    if config is None or findings:
        return Compilation(None, None, placing.place(findings, text, filename))

    shaped = shape.check(config)
    findings = [*shaped.findings, *rules.check(config, shaped.findings, shaped.unsound)]
    settled = frozenset(p for f in findings for p in f.settles) | shaped.unsound
    options = {"dataset": dataset} if dataset is not None else {}
    lowered = lower.lower(config, settled=settled, options=options)
    findings += lowered.findings

    if not shaped.findings:
        findings += shape.check_payload(lowered.payload, lowered.key_of)
    diagnostics = placing.place(findings, text, filename)
    if any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics):
        return Compilation(None, None, diagnostics)
    payload_bytes = canonical.encode(lowered.payload)
    return Compilation(lowered.payload, payload_bytes, diagnostics, lowered.origins)
