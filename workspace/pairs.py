"""One artifact held to its config: whether it is what the config compiles to.

Functions of a module, so that another process can be told to call them. Nothing is measured
here: the pins of an artifact are taken as they stand. Nor is git asked: see ``blame``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ..compiler import Compilation, compile_config
from ..compiler.inspection import FromConfig
from ..diagnostics import Diagnostic, Finding, Related, Severity, Span, codes, dotted
from ..disk.gate import Gate
from ..payloads import dataset_files, kept_pins, pins
from ..review import Comparison, Side, read_payload, summary
from .artifacts import ARTIFACT, ending
from .reading import read_artifact, read_config

_MOST = 5
"""Fields of which it is said where the config sets them."""


class Pair(NamedTuple):
    """A config and one of its artifacts, with what holds for them.

    Attributes:
        config: the path of the config.
        artifact: the path of the artifact, which need not be there.
        source: opens the config; None if the user named it.
        target: opens the artifact.
        data: opens the datasets.
        pin: whether the artifact has to have pins; one that has some keeps them anyway.

    """

    config: str
    artifact: str
    source: Gate | None
    target: Gate
    data: Gate
    pin: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one artifact.

    Attributes:
        config: the path of its config; empty if nobody can say what it would be.
        artifact: its path.
        diagnostics: what is wrong with it.
        expected: what it should hold, if it holds something else.
        text: what it holds, where that is needed yet.
        source: its config, where it is not current.
        pinned: the dataset files whose pins were taken as they stand, by use.
        unmeasured: whether it needs pins that have to be measured first.
        orphan: whether it has no config.
        foreign: whether the config is no config of ours.
        is_unreadable: whether the artifact is no payload that can be read.
        losses: what its text, where it is to be written for a target, does not express.

    """

    config: str
    artifact: str
    diagnostics: tuple[Diagnostic, ...] = ()
    expected: bytes | None = None
    text: bytes | None = None
    source: bytes = b""
    pinned: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unmeasured: bool = False
    orphan: bool = False
    foreign: bool = False
    is_unreadable: bool = False
    losses: tuple[Diagnostic, ...] = ()

    @property
    def is_missing(self) -> bool:
        """Whether there is no artifact."""
        return self.expected is not None and self.text is None


def check_pair(pair: Pair) -> Checked:
    """Return what came of a pair."""
    names = pair.config, pair.artifact
    config, artifact = read_config(pair.config, pair.source), read_artifact(*names[1:], pair.target)
    if isinstance(config, Diagnostic) or isinstance(artifact, Diagnostic):
        return Checked(*names, tuple(d for d in (config, artifact) if isinstance(d, Diagnostic)))
    compiled = compile_config(config, filename=pair.config)
    if compiled.foreign:
        lost = orphan(pair.artifact, artifact, f"`{pair.config}` is not a fine-tuning config")
        notes = (compiled.foreign,) if pair.source is None else ()  # which somebody named
        return Checked(
            *names, (*notes, *lost), None, artifact, config, orphan=bool(lost), foreign=True
        )
    if compiled.payload is None:
        return Checked(*names, _errors(compiled), source=config)
    before = None
    if artifact is not None and artifact != compiled.payload_bytes:  # else it has no pins to keep
        before = read_payload(artifact, pair.artifact)
    old = before if isinstance(before, dict) else {}
    kept, named = kept_pins(compiled.payload, old), dataset_files(compiled.payload)
    if named and (pair.pin or pins(old)) and named.keys() != kept.keys():
        return Checked(*names, unmeasured=True, text=artifact, source=config)
    if kept:
        compiled = compile_config(config, filename=pair.config, pins=kept)
    return judge(pair, config, artifact, before, compiled)


def judge(
    pair: Pair,
    config: bytes,
    artifact: bytes | None,
    payload: dict[str, Any] | tuple[Diagnostic, ...] | None,
    compiled: Compilation,
) -> Checked:
    """Return what came of a pair whose pins are known.

    Args:
        pair: the pair.
        config: the text of the config.
        artifact: what its artifact holds; None if there is none.
        payload: the payload in it, or why there is none; it is not looked at in a current one.
        compiled: what the config compiles to, with its pins.

    """
    names = pair.config, pair.artifact
    expected = compiled.payload_bytes
    if expected is None or compiled.payload is None:
        return Checked(*names, _errors(compiled), source=config)
    named = dataset_files(compiled.payload)
    pinned = {use: file for use, file in named.items() if len(file) > 1}
    if artifact == expected:
        current = Checked(*names)
        return Checked(*names, text=artifact, source=config, pinned=pinned) if pinned else current
    if artifact is None:
        words = {"config": pair.config, "artifact": "artifact"}
        found = _diagnose(codes.ARTIFACT_MISSING, pair.config, words)
        return Checked(*names, (found,), expected, source=config)
    if not isinstance(payload, dict):
        return Checked(*names, payload or (), expected, artifact, config, is_unreadable=True)
    new = Side(pair.config, compiled.payload, config, compiled)
    comparison = Comparison(Side(pair.artifact, payload), new)
    code = codes.ARTIFACT_STALE if comparison.changes else codes.ARTIFACT_REFORMATTED
    words = {"config": pair.config, "changes": summary(comparison)}
    span = _first_line(artifact.decode(), pair.artifact, comparison)
    related = _causes(comparison)
    hint = None
    if comparison.changes and not related:
        hint = "no line of the config sets it; run `sftc check --write`"
    found = _diagnose(code, pair.artifact, words, span, related, hint)
    return Checked(*names, (found,), expected, artifact, config, pinned)


def _causes(comparison: Comparison) -> tuple[Related, ...]:
    """Return the places in the config that give the first fields that differ."""
    sources = [field.new for field in comparison.causes_first[:_MOST]]
    return tuple(
        Related(source.span, f"`{dotted(source.origin.path)}` is set here")
        for source in sources
        if source and source.span and isinstance(source.origin, FromConfig)
    )


def edited(checked: Checked) -> Checked:
    """Return what came of a stale artifact of which it is known that it changed alone."""
    found = tuple(
        _diagnose(
            codes.ARTIFACT_EDITED,
            checked.artifact,
            {"config": checked.config, "changes": diagnostic.why or ""},
            diagnostic.span,
            diagnostic.related,
        )
        if diagnostic.code == codes.ARTIFACT_STALE
        else diagnostic
        for diagnostic in checked.diagnostics
    )
    return replace(checked, diagnostics=found)


def orphan(artifact: str, text: bytes | None, reason: str) -> tuple[Diagnostic, ...]:
    """Return the finding about an artifact without a config; none if it is no artifact of ours."""
    mark = b'"training_type"' if ending(artifact) == ARTIFACT else b"Compiled by sftc"
    if text is None or (mark not in text and not _is_request(artifact)):
        return ()
    words = {"reason": reason, "artifact": artifact}
    return (_diagnose(codes.ARTIFACT_ORPHANED, artifact, words),)


def _is_request(artifact: str) -> bool:
    """Whether an artifact is JSON for a target, which nothing but its name marks as ours."""
    return ending(artifact) not in ("", ARTIFACT) and artifact.endswith(".json")


def _errors(compiled: Compilation) -> tuple[Diagnostic, ...]:
    return tuple(d for d in compiled.diagnostics if d.severity is Severity.ERROR)


def _diagnose(
    code: str,
    file: str,
    words: dict[str, str],
    span: Span | None = None,
    related: tuple[Related, ...] = (),
    hint: str | None = None,
) -> Diagnostic:
    from ..diagnostics.catalogue import diagnose  # few artifacts need it

    return diagnose(Finding(code, words=words, span=span, related=related, hint=hint), file)


def _first_line(text: str, artifact: str, comparison: Comparison) -> Span | None:
    """Return the line of the artifact where the first difference is."""
    from ..review.lines import field_span

    fields = comparison.causes_first
    return field_span(text, artifact, fields[0].change.path) if fields else None
