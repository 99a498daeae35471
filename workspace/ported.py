"""The artifacts of a config for other systems, which its settings name as targets.

Functions of a module, so that another process can be told to call them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import islice
from typing import Any, Final, NamedTuple

from ..compiler import Compilation, compile_config
from ..diagnostics import Diagnostic, Finding, Severity, Span, codes, printable
from ..disk.gate import Gate
from ..payloads import pins
from ..review import Comparison, Side, read_payload
from ..targets import load
from .artifacts import text_ending
from .pairs import Checked, orphan
from .porting import Ported, losses_chosen, port
from .reading import read_artifact, read_config
from .scopes import Scopes

_MOST: Final = 5
"""Lines that differ, of which is said how."""
_LONGEST: Final = 80


class TargetPair(NamedTuple):
    """A config and its artifact for a target.

    Attributes:
        config: the path of the config.
        artifact: the path of the artifact, which need not be there.
        target: the name of the target.
        source: opens the config; None if the user named it.
        gate: opens the artifact.
        pins: the pins of the payload that is reviewed, which the text has to come from.

    """

    config: str
    artifact: str
    target: str
    source: Gate | None
    gate: Gate
    pins: Mapping[str, Mapping[str, Any]]


def places(config: str, scopes: Scopes) -> dict[str, str]:
    """Return where the artifacts of a config are, by the names of its targets."""
    scope = scopes.of(config)
    found = {}
    for name in scope.settings.targets:
        payload = scope.rule.claim(config)
        if payload is not None:
            found[name] = text_ending(payload, name, load(name).form)
    return found


def target_pairs(
    payloads: Iterable[Checked], named: set[str], scopes: Scopes
) -> Iterator[TargetPair]:
    """Yield the artifacts for targets of those configs that have a payload, or are none at all.

    Args:
        payloads: what came of the payloads of the configs.
        named: the configs that the user named.
        scopes: what holds where.

    """
    for one in payloads:
        texts = places(one.config, scopes)
        payload = one.text if one.expected is None else one.expected
        refused = any(found.severity is Severity.ERROR for found in one.diagnostics)
        if not texts or (one.expected is None and refused and not one.foreign):
            continue
        reviewed = read_payload(payload, one.artifact) if payload and not one.foreign else {}
        kept = pins(reviewed) if isinstance(reviewed, dict) else {}
        for name, artifact in texts.items():
            source = None if one.config in named else scopes.of(one.config).gate
            yield TargetPair(one.config, artifact, name, source, scopes.of(artifact).gate, kept)


def check_target(pair: TargetPair) -> Checked:
    """Return what came of an artifact for a target; its payload says what the config lacks."""
    names = pair.config, pair.artifact
    config = read_config(pair.config, pair.source)
    artifact = read_artifact(pair.artifact, pair.gate)
    if isinstance(artifact, Diagnostic):
        return Checked(*names, (artifact,))
    if isinstance(config, Diagnostic):
        return Checked(*names)
    compiled = compile_config(config, filename=pair.config, pins=pair.pins)
    if compiled.payload is None:
        reason = f"`{pair.config}` is not a fine-tuning config"
        lost = orphan(pair.artifact, artifact, reason) if compiled.foreign else ()
        return Checked(*names, lost, None, artifact, config, orphan=bool(lost))
    ported = port(load(pair.target), compiled, config, filename=pair.config)
    if ported.text is None:
        errors = (d for d in ported.diagnostics if d.severity is Severity.ERROR)
        return Checked(*names, tuple(errors), source=config)
    expected = ported.text.encode()
    if artifact == expected:
        return Checked(*names)
    code, words, span = codes.ARTIFACT_MISSING, {"config": pair.config}, None
    words["artifact"] = f"artifact for {load(pair.target).system}"
    if artifact is not None:
        code = codes.ARTIFACT_STALE
        before = artifact.decode("utf-8", "replace").splitlines()
        edits = list(line_edits(before, ported.text.splitlines()))
        words["changes"] = "; ".join(edit.shown for edit in islice(edits, _MOST)) or "its line ends"
        line = min(edits[0].line, len(before)) if edits else 1
        end = len(before[line - 1]) + 1 if before else 1
        span = Span(max(line, 1), 1, max(line, 1), end, pair.artifact)
    from ..diagnostics.catalogue import diagnose  # few artifacts need it

    place = pair.config if artifact is None else pair.artifact
    found = diagnose(Finding(code, words=words, span=span), place)
    return Checked(*names, (found,), expected, artifact, config, losses=ported.diagnostics)


def is_refused(one: Checked) -> bool:
    """Whether a target has no such job as the config's."""
    return any(
        found.code.startswith(codes.OF_TARGETS) and found.severity is Severity.ERROR
        for found in one.diagnostics
    )


def port_all(config: str, text: bytes, compiled: Compilation, scopes: Scopes) -> dict[str, Ported]:
    """Return the texts of a compiled config for its targets, by artifact."""
    settings = scopes.of(config).settings
    found = {}
    for name, artifact in places(config, scopes).items():
        ported = port(load(name), compiled, text, filename=config)
        kept = tuple(losses_chosen(ported.diagnostics, settings))
        found[artifact] = ported._replace(diagnostics=kept)
    return found


class LineEdit(NamedTuple):
    """Lines of a text that became others.

    Attributes:
        line: the number of the first.
        before: what they were.
        after: what they are.

    """

    line: int
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def shown(self) -> str:
        """The edit in few words."""
        old, new = (_short(" ".join(map(str.strip, part))) for part in (self.before, self.after))
        return f"{old} → {new}" if old and new else f"+ {new}" if new else f"- {old}"


def _short(text: str) -> str:
    text = printable(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def line_edits(before: list[str], after: list[str]) -> Iterator[LineEdit]:
    """Yield where two texts differ."""
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield LineEdit(i + 1, tuple(before[i:j]), tuple(after[k:m]))


def with_texts(comparison: Comparison, scopes: Scopes) -> Comparison:
    """Return a comparison with how the texts for the targets of its config change."""
    old, new = comparison.old, comparison.new
    names = scopes.of(comparison.title).settings.targets
    if not (names and comparison.changes and old and new and old.compiled and new.compiled):
        return comparison
    texts, notes = {}, list(comparison.notes)
    for name in names:
        before, after = (_written(name, side, comparison.title) for side in (old, new))
        if after.text is None:
            errors = [found for found in after.diagnostics if found.severity is Severity.ERROR]
            notes.append(f"no text for {name}: {errors[0].message}")
        elif lines := _changed_lines(before.text or "", after.text):
            texts[name] = lines
    return replace(comparison, texts=texts, notes=tuple(notes))


def _written(name: str, side: Side, config: str) -> Ported:
    """Return the text of a side, which was compiled to a payload, for a target."""
    compiled = side.compiled or Compilation(())
    return port(load(name), compiled, side.text, filename=config)


def _changed_lines(before: str, after: str) -> tuple[str, ...]:
    """Return how a text changes, a line each."""
    return tuple(
        f"{sign} {line}"
        for edit in line_edits(before.splitlines(), after.splitlines())
        for sign, lines in (("-", edit.before), ("+", edit.after))
        for line in lines
    )
