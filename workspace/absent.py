"""Pairs of which one half is not to be had: what became of it, and of its pins.

A sparse checkout may have left it out, the config may have been renamed, and git may have left
marks of a conflict in the artifact.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..compiler import compile_config
from ..compiler.inspection import canonical_bytes
from ..payloads import kept_pins
from ..payloads.pins import unpinned
from ..payloads.reading import LARGEST
from ..review import read_payload
from .artifacts import PATTERNS
from .asking import GitError
from .git import Git
from .pairs import Checked
from .scopes import Scopes


def kept_by_sparse_checkout(
    orphans: Sequence[Checked], checked: Sequence[Checked], scopes: Scopes
) -> tuple[list[Checked], list[Checked]]:
    """Return what is left where the other half of a pair is in git, and not checked out.

    Args:
        orphans: artifacts without configs; those whose config is in git are left out.
        checked: what came of pairs; of those whose artifact is in git, nothing is said.
        scopes: what holds where.

    """
    absent: dict[str, set[str]] = {}

    def is_absent(name: str) -> bool:
        top = scopes.of(name).top
        if top is None:
            return False
        repository = Git(top)
        if top not in absent:
            try:
                absent[top] = repository.absent(PATTERNS)
            except GitError:
                absent[top] = set()
        return bool(absent[top]) and repository.path(name) in absent[top]

    left = [one for one in orphans if not (one.orphan and one.config and is_absent(one.config))]
    said = [
        Checked(one.config, one.artifact) if one.is_missing and is_absent(one.artifact) else one
        for one in checked
    ]
    return left, said


def renamed(orphans: Iterable[Checked], checked: Sequence[Checked]) -> list[Checked]:
    """Return what came of pairs; an artifact that is missing takes the pins of an equal orphan.

    Its config was renamed, and the data that was reviewed is still the one to train on.
    """
    pinned = {}
    for one in orphans:
        payload = read_payload(one.text, one.artifact) if one.text else ()
        if isinstance(payload, dict):
            pinned[canonical_bytes(unpinned(payload))] = payload
    return [
        _with_pins(one, pinned[one.expected]) if one.is_missing and one.expected in pinned else one
        for one in checked
    ]


def unreadable_with_pins(checked: Sequence[Checked], scopes: Scopes) -> list[Checked]:
    """Return what came of pairs; an artifact that cannot be read has the pins of HEAD's.

    It may be the half of a merge that git could not make.
    """
    return [_with_pins_of_head(one, scopes) if one.is_unreadable else one for one in checked]


def _with_pins_of_head(one: Checked, scopes: Scopes) -> Checked:
    top = scopes.of(one.artifact).top
    if top is None:
        return one
    repository = Git(top)
    name = f"HEAD:{repository.path(one.artifact)}"
    try:
        text = repository.read_all([name], most=LARGEST)[name]
    except GitError:
        return one
    payload = read_payload(text, one.artifact) if text else ()
    return _with_pins(one, payload) if isinstance(payload, dict) else one


def _with_pins(one: Checked, before: Mapping[str, Any]) -> Checked:
    """Return what came of a pair that should have the pins of a payload."""
    compiled = compile_config(one.source, filename=one.config)
    pins = kept_pins(compiled.payload or {}, before)
    again = compile_config(one.source, filename=one.config, pins=pins)
    return replace(one, expected=again.payload_bytes)
