"""Writes a payload in a target's format: each leaf is carried over by a route or reported.

Pure. What is lost is returned as losses, which know fields of the payload; whoever has the
config knows their lines.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, NamedTuple

from ..diagnostics import KeyPath, codes
from ..job import Job
from ..job.flavours import ADAPTER_KNOBS
from ..job.unsaid import CHOSEN, meant
from . import transforms
from .paths import ABSENT, found, is_below, leaves, put
from .target import Remark, Route, Target, field_path
from .transforms.methods import flavour
from .values import fits, key_of, shown


class Loss(NamedTuple):
    """Something that a target does not have as the payload has it.

    Attributes:
        code: the code of the finding.
        field: the field of the payload; empty if it is about none.
        words: what the code's message is filled with, besides the key and its value.
        hint: the nearest thing that there is, or None.

    """

    code: str
    field: KeyPath
    words: Mapping[str, str]
    hint: str | None = None


@dataclass
class Draft:
    """A target's config while it is written, and what is known of the payload's leaves.

    Attributes:
        target: the target.
        payload: the payload.
        job: what it means.
        tree: what was written.
        sources: the fields that what is at a path came from; none for a constant.
        expressed: the fields of which nothing more is to be said.
        losses: what was lost.

    """

    target: Target
    payload: Mapping[str, Any]
    job: Job
    tree: dict[str, Any] = field(default_factory=dict)
    sources: dict[KeyPath, tuple[KeyPath, ...] | str] = field(default_factory=dict)
    expressed: set[KeyPath] = field(default_factory=set)
    losses: list[Loss] = field(default_factory=list)

    def value(self, path: KeyPath) -> Any:
        """Return the value of a field, or ``ABSENT``."""
        return found(self.payload, path)

    def put(self, at: KeyPath, value: Any, *sources: KeyPath) -> None:
        """Write a value that came from fields; they are expressed by it."""
        put(self.tree, at, deepcopy(value))
        self.sources[at] = tuple(path for path in sources if self.value(path) is not ABSENT)
        self.expressed.update(sources)

    def is_lost(self, path: KeyPath) -> bool:
        """Whether a field was named as not expressed."""
        return any(loss.field == path for loss in self.losses)

    def lose(self, path: KeyPath, why: str, nearest: str | None = None) -> None:
        """Say that a field is not expressed."""
        self.expressed.add(path)
        self.losses.append(Loss(codes.NOT_IN_TARGET, path, {"why": why}, nearest))

    def idle(self, path: KeyPath, why: str) -> None:
        """Say that nothing comes of a field, there or with us."""
        self.expressed.add(path)
        self.losses.append(Loss(codes.NO_PART_OF_TARGET, path, {"why": why}))

    def undecided(self, path: KeyPath, why: str, nearest: str | None = None) -> None:
        """Say that nothing can be written, because the payload leaves open what it means."""
        self.expressed.add(path)
        self.losses.append(Loss(codes.UNDECIDED_FOR_TARGET, path, {"why": why}, nearest))

    def prepare(self, what: str) -> None:
        """Say what has to be done outside before the target can start."""
        self.say(codes.PREPARE_FOR_TARGET, {"target": self.target.system, "what": what})

    def say(self, code: str, words: Mapping[str, str]) -> None:
        """Say what is about no field."""
        self.losses.append(Loss(code, (), words))

    def lose_unsaid(self, path: KeyPath, value: str, why: str) -> None:
        """Say that what the payload means by leaving a field out is not expressed."""
        words = {"value": value, "why": why}
        self.losses.append(Loss(codes.NOT_IN_TARGET, path, words, f"set `{path[-1]} = …`"))

    def mean(self, at: KeyPath, value: Any) -> None:
        """Write what the payload means by leaving a field out."""
        put(self.tree, at, value)
        self.sources[at] = "sftc's default"

    def fill(self, at: KeyPath, value: Any) -> None:
        """Write what the payload means by leaving a field out, since the target demands it."""
        self.mean(at, value)
        words = {"name": str(at[-1]), "filled": shown(value)}
        self.say(codes.FILLED_FOR_TARGET, words)


def write(payload: Mapping[str, Any], target: Target) -> Draft:
    """Return a payload as a target has it, and what was lost.

    Args:
        payload: a payload that its schema allows.
        target: the target.

    """
    draft = Draft(target, payload, Job(payload))
    for route in target.routes:
        if _is_takeable(draft, route) and _is_of_flavour(draft, route):
            transforms.TRANSFORMS[route.transform].write(draft, route)
    _demand(draft)
    _need(draft)
    _unsaid(draft)
    for path, value in _leaves(payload).items():
        if not any(is_below(path, done) for done in draft.expressed):
            _name(draft, path, value)
    return draft


def _unsaid(draft: Draft) -> None:
    """Say what the payload means by leaving fields out that the target has no setting for."""
    adapted = flavour(draft.job) in {"lora", "qlora"}
    for path, remark in draft.target.fields.items():
        ours = CHOSEN.get(path)
        if ours is None or remark.harmless or draft.value(path) is not ABSENT:
            continue
        if adapted or path not in ADAPTER_KNOBS:
            words = {"value": shown(ours), "why": remark.why}
            draft.losses.append(Loss(codes.DEFAULT_NOT_IN_TARGET, path, words, remark.nearest))


def _leaves(payload: Mapping[str, Any]) -> dict[KeyPath, Any]:
    """Return the leaves of a payload; a list is one, whatever it holds."""
    paths = (
        tuple(takewhile(lambda part: isinstance(part, str), path)) for path, _ in leaves(payload)
    )
    return {path: found(payload, path) for path in paths}


def _is_takeable(draft: Draft, route: Route) -> bool:
    """Whether a route has something to write: no value that a trainer would refuse."""
    for path in route.fields:
        value = draft.value(path)
        if value is not ABSENT and not fits(path, value):
            draft.lose(path, "trainers reject this value")
            return False
    return True


def _is_of_flavour(draft: Draft, route: Route) -> bool:
    """Whether a route is for the flavour that is trained; else nothing comes of its fields."""
    kind = flavour(draft.job)
    if kind is None or kind in route.options.get("when", (kind,)):
        return True
    for path in route.fields:
        if draft.value(path) is not ABSENT:
            draft.idle(path, "no adapter is trained")
    return False


def _demand(draft: Draft) -> None:
    """Write what a payload means that says nothing, or nothing of use, of what there must be."""
    for route in draft.target.routes:
        (at, *_) = route.at.values() or ((),)
        if route.options.get("demanded") and found(draft.tree, at) is ABSENT:
            draft.fill(at, meant(route.fields[0]))


def _need(draft: Draft) -> None:
    """Say what the target has no job without."""
    for need in draft.target.needs:
        path, *others = map(field_path, (need["field"], *need.get("or", ())))
        when = need.get("when")
        if when is not None and flavour(draft.job) not in when:
            continue
        if all(draft.value(one) is ABSENT for one in (path, *others)):
            words = {"name": key_of(path), "why": need["why"]}
            draft.losses.append(Loss(codes.NEEDED_BY_TARGET, (), words, need.get("hint")))


def _name(draft: Draft, path: KeyPath, value: Any) -> None:
    """Say of a leaf that no route took why that is so."""
    remark = next((r for known, r in draft.target.fields.items() if is_below(path, known)), None)
    if value in ({}, [], None) or (remark and remark.value is not None and remark.value == value):
        return  # it says nothing, or what the target does anyway
    if remark is None:
        remark = Remark("it has no such setting")
    code = codes.NO_PART_OF_TARGET if remark.harmless else codes.NOT_IN_TARGET
    draft.losses.append(Loss(code, path, {"why": remark.why}, remark.nearest))
