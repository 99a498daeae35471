"""One artifact held to its config: whether it is what the config compiles to, to the byte.

Functions of a module, so that another process can be told to call them. Nothing is measured
here: the pins of an artifact are taken as they stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from os.path import lexists
from typing import Any, NamedTuple

from ..compiler import Compilation, compile_config
from ..compiler.inspection import canonical_bytes
from ..diagnostics import Diagnostic, Finding, Severity, Span, codes
from ..disk import files
from ..payloads import dataset_files, kept_pins, pins
from ..review import Comparison, Side, read_payload, summary
from . import git


class Pair(NamedTuple):
    """A config, and where its artifact is."""

    config: str
    artifact: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one pair.

    Attributes:
        pair: the pair.
        diagnostics: what is wrong with it.
        expected: what the artifact should hold, if it holds something else.
        pinned: the dataset files whose pins were taken as they stand, by use.
        unmeasured: whether it needs pins that have to be measured first.

    """

    pair: Pair
    diagnostics: tuple[Diagnostic, ...] = ()
    expected: bytes | None = None
    pinned: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unmeasured: bool = False


def check_pair(pair: Pair, *, pin: bool) -> Checked:
    """Return what came of a pair.

    Args:
        pair: the pair.
        pin: whether its artifact has to have pins; one that has some keeps them anyway.

    """
    config = files.read_config(pair.config)
    artifact = files.read_artifact(pair.artifact) if lexists(pair.artifact) else None
    if isinstance(config, Diagnostic) or isinstance(artifact, Diagnostic):
        return Checked(pair, tuple(d for d in (config, artifact) if isinstance(d, Diagnostic)))
    compiled = compile_config(config, filename=pair.config)
    if compiled.payload is None:
        return Checked(pair, (compiled.foreign,) if compiled.foreign else _errors(compiled))
    before = read_payload(artifact, pair.artifact) if artifact is not None else {}
    old = before if isinstance(before, dict) and before else None
    kept = kept_pins(compiled.payload, old) if old else {}
    files_named = dataset_files(compiled.payload)
    if (pin or (old and pins(old))) and files_named.keys() != kept.keys():
        return Checked(pair, unmeasured=bool(files_named))
    if kept:
        compiled = compile_config(config, filename=pair.config, pins=kept)
    return judge(pair, config, artifact, compiled)


def judge(pair: Pair, config: bytes, artifact: bytes | None, compiled: Compilation) -> Checked:
    """Return what came of a pair whose pins are known.

    Args:
        pair: the pair.
        config: the text of the config.
        artifact: what its artifact holds; None if there is none.
        compiled: what the config compiles to, with its pins.

    """
    expected = compiled.payload_bytes
    if expected is None or compiled.payload is None:
        return Checked(pair, _errors(compiled))
    named = dataset_files(compiled.payload)
    pinned = {use: file for use, file in named.items() if len(file) > 1}
    if artifact == expected:
        return Checked(pair, pinned=pinned)
    if artifact is None:
        found = _diagnose(codes.ARTIFACT_MISSING, pair.config, {"config": pair.config})
        return Checked(pair, (found,), expected)
    payload = read_payload(artifact, pair.artifact)
    if isinstance(payload, tuple):
        return Checked(pair, payload, expected)
    new = Side(pair.config, compiled.payload, config, compiled)
    comparison = Comparison(Side(pair.artifact, payload), new)
    code = (
        codes.ARTIFACT_EDITED
        if _is_edited(pair, artifact, payload, expected)
        else codes.ARTIFACT_STALE
    )
    words = {"config": pair.config, "changes": summary(comparison)}
    span = _first_line(artifact.decode(), pair.artifact, comparison)
    return Checked(pair, (_diagnose(code, pair.artifact, words, span),), expected, pinned)


def _errors(compiled: Compilation) -> tuple[Diagnostic, ...]:
    return tuple(d for d in compiled.diagnostics if d.severity is Severity.ERROR)


def _diagnose(code: str, file: str, words: dict[str, str], span: Span | None = None) -> Diagnostic:
    from ..diagnostics.catalogue import diagnose  # a sound repository needs none of it

    return diagnose(Finding(code, words=words, span=span), file)


def _first_line(text: str, artifact: str, comparison: Comparison) -> Span | None:
    """Return the line of the artifact where the first difference is."""
    from ..review.lines import field_span

    fields = comparison.fields
    return field_span(text, artifact, fields[0].change.path) if fields else None


def _is_edited(pair: Pair, artifact: bytes, payload: dict[str, Any], expected: bytes) -> bool:
    """Whether an artifact is surely none that its config ever compiled to.

    Of an artifact that is not committed as it stands, only this is sure: if the committed one
    is what the config compiles to, then it was not the config that changed.
    """
    try:
        if canonical_bytes(payload) != artifact:
            return True
    except TypeError:  # an integer beyond 64 bits
        return True
    at_head, config_at_head = f"HEAD:./{pair.artifact}", f"HEAD:./{pair.config}"
    head = git.read_all([at_head, config_at_head])
    if head[at_head] is None or head[at_head] != artifact:
        return head[at_head] == expected
    if _gives(head[config_at_head], payload, artifact) or git.is_shallow():
        return False
    then = f"{git.last_commit(pair.artifact)}:./{pair.config}"
    text = git.read_all([then])[then]
    known = text is not None or head[config_at_head] is not None
    return known and not _gives(text, payload, artifact)


def _gives(config: bytes | None, payload: dict[str, Any], artifact: bytes) -> bool:
    """Whether a config compiles to an artifact, whose pins are taken as they stand."""
    if config is None:
        return False
    compiled = compile_config(config)
    if compiled.payload is None:
        return False
    kept = kept_pins(compiled.payload, payload)
    return compile_config(config, pins=kept).payload_bytes == artifact
