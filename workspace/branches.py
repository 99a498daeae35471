"""What a branch changes: each payload of a repository as it was, beside what it is now.

Joins git and the files with the review. The payload of a config is what it compiles to, with
the pins that its artifact has at the same time.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from ..diagnostics import Diagnostic
from ..disk import files
from ..review import Comparison, Side, read_payload, read_side
from . import git
from .artifacts import ARTIFACT, CONFIG, Rule
from .contents import is_foreign
from .settings import NAMES

_SHORT = 7
"""Digits of a commit that people read."""


def compare_since(revision: str, rule: Rule) -> list[Comparison]:
    """Return what differs from the commit where HEAD and a revision went apart.

    Files that have not changed are not read.

    Args:
        revision: a branch, a tag or a commit.
        rule: where artifacts are.

    Raises:
        RevisionError: git cannot tell.

    """
    commit = git.fork_point(revision)
    pairs = _pairs(git.changed_since(commit), rule)
    names = [f"{commit}:./{name}" for pair in pairs for name in pair if name]
    before = git.read_all(names)
    found = []
    for config, artifact in pairs:
        old = _old(config, artifact, commit, before)
        new, notes, broken = _new(config, artifact)
        if old or new or broken:
            found.append(Comparison(old, new, config or artifact, notes, broken))
    return [comparison for comparison in found if _matters(comparison)]


def _matters(comparison: Comparison) -> bool:
    return bool(comparison.changes or comparison.notes or comparison.broken)


def _pairs(changed: Sequence[str], rule: Rule) -> list[tuple[str, str]]:
    """Return the configs and artifacts that changes touch; an empty name is none."""
    pairs = set()
    for name in changed:
        if name.endswith(ARTIFACT):
            pairs.add((rule.config(name) or "", name))
        elif name.endswith(CONFIG) and os.path.basename(name) not in NAMES:  # noqa: PTH119
            pairs.add((name, _artifact(name, rule)))
    return sorted(pairs)


def _artifact(config: str, rule: Rule) -> str:
    try:
        return str(rule.artifact(config))
    except ValueError:
        return ""


def _old(config: str, artifact: str, commit: str, before: dict[str, bytes | None]) -> Side | None:
    payload = before.get(f"{commit}:./{artifact}")
    text = before.get(f"{commit}:./{config}")
    name = f"{commit[:_SHORT]}:{config if text is not None else artifact}"
    side = _side(name, text, payload)
    return side if isinstance(side, Side) else None


def _new(config: str, artifact: str) -> tuple[Side | None, tuple[str, ...], tuple[Diagnostic, ...]]:
    """Return the side that is there now, notes on it, and why there is none."""
    text, payload = _content(config), _content(artifact)
    side = _side(config if text is not None else artifact, text, payload)
    if isinstance(side, Side):
        compiled = side.compiled and side.compiled.payload_bytes
        stale = compiled is not None and payload is not None and payload != compiled
        if stale:
            return side, (f"{artifact} is not what the config compiles to: run sftc check",), ()
        if text is None and config:
            return side, (f"{artifact} has no config: run sftc check",), ()
        return side, (), ()
    return None, (), side


def _content(name: str) -> bytes | None:
    if not name or not Path(name).exists():
        return None
    data = files.read_artifact(name)
    return data if isinstance(data, bytes) else None


def _side(name: str, text: bytes | None, payload: bytes | None) -> Side | tuple[Diagnostic, ...]:
    """Return a side; of a config with the pins of its artifact. Empty: neither is there."""
    if text is None:
        return () if payload is None else read_side(payload, name)
    artifact = read_payload(payload, name) if payload is not None else None
    side = read_side(text, name, artifact=artifact if isinstance(artifact, dict) else None)
    return side if isinstance(side, Side) or not is_foreign(text) else ()
