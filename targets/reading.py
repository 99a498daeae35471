"""Reads a target's config as a payload: each leaf is carried over by a route or reported.

Pure. The payload may lack what the other system does not say, such as the GPU.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple

from ..diagnostics import Aim, Finding, KeyPath, codes, dotted, value_text
from ..payloads import fields
from ..schemas import key_schema
from . import transforms
from .documents import Document
from .paths import ABSENT, found, leaves, parsed, put
from .target import Remark, Route, Target
from .transforms.unsaid import read_open
from .values import as_field, key_of, shown

_VALIDATION: Final = ("training", "validation")
_NEEDED: Final = {
    fields.MODEL: 'model = "…"',
    fields.TRAINING_PATH: 'data = "…"',
    fields.GPU_TYPE: 'gpu_type = "…"',
}
"""What every job says, and a config of another system may not."""


_OF_WHAT_IS_WRITTEN: Final = (codes.DEFAULT_CARRIED, codes.DEFAULT_NOT_CARRIED)


class Read(NamedTuple):
    """What a config of another system says.

    Attributes:
        fields: the fields of a payload, by path; some may be missing.
        findings: what is not carried over, each with its place.
        refused: whether it is no job of ours, or cannot be read.

    """

    fields: Mapping[KeyPath, Any]
    findings: tuple[Finding, ...]
    refused: bool

    @property
    def payload(self) -> dict[str, Any]:
        """The fields as a payload; it lacks what they lack."""
        payload: dict[str, Any] = {}
        for path, value in self.fields.items():
            put(payload, path, value)
        return payload


@dataclass
class Draft:
    """A payload while it is read, and what is known of the source's leaves.

    Attributes:
        target: the target.
        source: the document.
        fields: what was found.
        taken: the paths of the source of which nothing more is to be said.
        findings: what was not carried.
        refused: whether it is no job of ours.

    """

    target: Target
    source: Document
    fields: dict[KeyPath, Any] = field(default_factory=dict)
    taken: set[KeyPath] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    refused: bool = False

    def value(self, at: KeyPath) -> Any:
        """Return what is at a path of the source; ``ABSENT`` for nothing, and for null."""
        value = found(self.source.tree, at)
        return ABSENT if value is None else value

    def set(self, path: KeyPath, value: Any, *ats: KeyPath) -> None:
        """Set a field to what stands at paths of the source, which carries them over."""
        self.fields[path] = value
        self.taken.update(ats)

    def carry(self, path: KeyPath, at: KeyPath) -> bool:
        """Set a field to the value at a path of the source; say so if it takes no such value."""
        value = self.value(at)
        if value is ABSENT:
            return False
        ours = as_field(path, value)
        if ours is ABSENT:
            self.leave(at, f"`{key_of(path)}` does not accept this value")
            return False
        self.set(path, ours, at)
        return True

    def imply(self, at: KeyPath, why: str = "every sftc job implies it") -> None:
        """Say that what is at a path of the source is so without a key of ours."""
        self.taken.add(at)
        self.note(codes.CARRIES_NOTHING, at, {"key": dotted(at), "why": why})

    def leave(self, at: KeyPath, why: str, nearest: str | None = None) -> None:
        """Say that what is at a path of the source is not carried over."""
        self.taken.add(at)
        words = {"key": dotted(at), "value": shown(found(self.source.tree, at)), "why": why}
        self.note(codes.NOT_CARRIED, at, words, nearest)

    def changed(self, at: KeyPath, path: KeyPath, why: str) -> None:
        """Say that what is at a path of the source is carried over as something else."""
        self.taken.add(at)
        words = {
            "key": dotted(at),
            "value": shown(found(self.source.tree, at)),
            "field": key_of(path),
            "became": value_text(self.fields[path]),
            "why": why,
        }
        self.note(codes.CARRIED_CHANGED, at, words)

    def assume(self, path: KeyPath, value: Any, hint: str | None = None) -> None:
        """Set a field to the default that the target has where the source says nothing."""
        self.fields[path] = value
        words = {"target": self.target.system, "key": key_of(path), "value": value_text(value)}
        self.note(codes.DEFAULT_CARRIED, (), words, hint)

    def differ(self, at: KeyPath, key: str, theirs: str, ours: str) -> None:
        """Say that the target does what no job of ours does where the source says nothing."""
        self.taken.update([at] if at else ())
        words = {"key": key, "theirs": f"{self.target.system} {theirs}", "ours": ours}
        self.note(codes.DEFAULT_NOT_CARRIED, at, words)

    def note(self, code: str, at: KeyPath, words: dict[str, str], hint: str | None = None) -> None:
        """Add a finding about what is at a path of the source."""
        span = self.source.span(at, Aim.KEY)
        self.findings.append(Finding(code, words=words, span=span, hint=hint))


def read(source: Document, target: Target) -> Read:
    """Return what a config of a target says, and what is not carried over.

    Args:
        source: the config.
        target: the target.

    """
    draft = Draft(target, source)
    _refuse(draft)
    for route in target.routes:
        if _is_of_flavour(draft, route):
            transforms.TRANSFORMS[route.transform].read(draft, route)
    if not draft.taken:
        draft.refused = True
        words = {"why": f"it has no key of {target.system}"}
        draft.note(codes.SOURCE_NOT_RECOGNISED, (), words)
    done = frozenset(draft.taken)  # naming a leaf says nothing of others
    for at, value in leaves(source.tree):
        if at and not any(at[:length] in done for length in range(len(at) + 1)):
            _name(draft, at, value)
    read_open(draft)
    _complete(draft)
    said = [f for f in draft.findings if not (draft.refused and f.code in _OF_WHAT_IS_WRITTEN)]
    findings = sorted(said, key=lambda f: (f.span.line, f.span.column) if f.span else ())
    return Read(draft.fields, tuple(findings), draft.refused)


def _refuse(draft: Draft) -> None:
    """Say which keys make it another kind of job."""
    for key, rule in draft.target.refuses.items():
        for at in _each(draft.source.tree, parsed(key)):
            value = draft.value(at)
            if value in (ABSENT, "", False, [], {}, *rule.get("but", ())):
                continue
            if "if" in rule and str(value).partition(".")[0] not in rule["if"]:
                continue
            draft.refused = True
            draft.taken.add(at)
            words = {"key": dotted(at), "value": shown(value), "kind": rule["kind"]}
            draft.note(codes.ANOTHER_KIND_OF_JOB, at, words)


def _each(tree: Any, at: KeyPath) -> list[KeyPath]:
    """Return a path for each item of the list in which it has one."""
    cut = next((n for n, part in enumerate(at) if isinstance(part, int)), None)
    items = None if cut is None else found(tree, at[:cut])
    if not isinstance(items, list) or cut is None:
        return [at]
    return [(*at[:cut], n, *at[cut + 1 :]) for n in range(len(items))]


def _is_of_flavour(draft: Draft, route: Route) -> bool:
    """Whether a route is for the flavour that was read; else nothing comes of its keys."""
    kind = {"fft": "full", "peft": "lora"}.get(draft.fields.get(fields.TRAIN_KIND, ""))
    if "when" not in route.options or kind in route.options["when"]:
        return True
    given = [at for at in route.at.values() if draft.value(at) is not ABSENT]
    if kind is None:  # it is not said, so no default of theirs is meant either
        return bool(given)
    for at in given:
        draft.imply(at, "no adapter is trained")
    return False


def _name(draft: Draft, at: KeyPath, value: Any) -> None:
    """Say of a leaf that no route took why that is so."""
    if value is None or value in ({}, []):
        words = {"key": dotted(at), "why": "it is empty"}
        draft.note(codes.CARRIES_NOTHING, at, words)
        return
    remark = _remark(draft.target, at)
    if value in remark.usual:
        draft.imply(at)
        return
    words = {"key": dotted(at), "value": shown(value), "why": remark.why}
    code = codes.CARRIES_NOTHING if remark.harmless else codes.NOT_CARRIED
    draft.note(code, at, words, remark.nearest)


def _remark(target: Target, at: KeyPath) -> Remark:
    """Return what the target's file says of a key, or of what it is in."""
    name = ".".join(str(part) for part in at if not isinstance(part, int))
    match = _any_of(tuple(target.keys)).fullmatch(name)
    if match is None or match.lastindex is None:
        return Remark("no sftc key expresses it")
    return tuple(target.keys.values())[match.lastindex - 1]


@cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return patterns as one, with a group for each; they match what is in a key, too."""
    groups = (re.escape(pattern).replace(r"\*", ".*") for pattern in patterns)
    return re.compile("|".join(rf"({group})(?:\..*)?" for group in groups) or "(?!)", re.DOTALL)


def _complete(draft: Draft) -> None:
    """Add the defaults of tables that are there, and name what every job needs."""
    given = draft.fields
    if fields.VALIDATION_ENABLED in given:
        for name, schema in key_schema(_VALIDATION)["properties"].items():
            if name != "enabled":
                given.setdefault((*fields.HYPERPARAMETERS, name), schema["default"])
    for path, hint in _NEEDED.items():
        if path not in given and not draft.refused:
            words = {"target": draft.target.system, "key": key_of(path)}
            draft.note(codes.NOT_IN_SOURCE, (), words, f"add `{hint}`")
