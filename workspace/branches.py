"""What a branch changes: each payload of a repository as it was, beside what it is now.

Joins git and the files with the review. The payload of a config is what it compiles to, with
the pins that its artifact has at the same time. A file that has not changed is not read.
"""

import os
from collections.abc import Container, Iterable, Mapping
from typing import Final, NamedTuple, Protocol

from ..diagnostics import Diagnostic
from ..payloads.reading import LARGEST
from ..review import Comparison, Side, read_payload, read_side, summary
from ..review.moves import Move, MoveKind, match_moved
from .artifacts import ARTIFACT, CONFIG, PATTERNS, ending, is_config
from .asking import GitError
from .contents import is_foreign, is_hidden
from .git import Git
from .ported import with_texts
from .reading import read_artifact, read_config, unix
from .scopes import Scopes
from .settings import NAMES

_SHORT = 7
"""Digits of a commit that people read."""

_MOST_ORIGINS: Final = 2000
"""Unchanged configs at most that new ones are taken to be copies of: all have to be compiled."""


class Range(NamedTuple):
    """Two states of a repository.

    Attributes:
        before: a commit.
        after: another one; None: the files that are there now.

    """

    before: str
    after: str | None


def read_range(repository: Git, old: str, new: str | None = None) -> Range:
    """Return the states that revisions name, as git reads them.

    Args:
        repository: where they are looked for.
        old: ``A..B``, ``A...B`` (since their merge base), or one revision: the files that are
            there now, since its merge base with HEAD.
        new: another revision, to compare the two.

    Raises:
        GitError: one is no revision, or two have no commit in common.

    """
    if new is None and "..." in old:
        one, _, other = old.partition("...")
        one, other = one or "HEAD", other or "HEAD"
        return Range(repository.merge_base(one, other), repository.commit(other))
    if new is None and ".." in old:
        one, _, other = old.partition("..")
        return Range(repository.commit(one or "HEAD"), repository.commit(other or "HEAD"))
    if new is None:
        return Range(repository.merge_base("HEAD", old), None)
    return Range(repository.commit(old), repository.commit(new))


class _State(Protocol):
    """The files of one of the two states, by their names as seen from here."""

    def shown(self, name: str) -> str:
        """Return the name that a file of this state has in diagnostics."""

    def config(self, name: str) -> bytes | Diagnostic | None:
        """Return the text of a config; None if there is none."""

    def artifact(self, name: str) -> bytes | Diagnostic | None:
        """Return what an artifact holds; None if there is none."""


class _Here:
    """The files that are there now."""

    def __init__(self, scopes: Scopes) -> None:
        self._scopes = scopes

    def shown(self, name: str) -> str:
        return name

    def config(self, name: str) -> bytes | Diagnostic | None:
        if not os.path.isfile(name):
            return None
        return read_config(name, self._scopes.of(name).gate)

    def artifact(self, name: str) -> bytes | Diagnostic | None:
        return read_artifact(name, self._scopes.of(name).gate)


class _Then:
    """The files of a commit."""

    def __init__(
        self, repository: Git, commit: str, names: Iterable[str], *, prefix: str = ""
    ) -> None:
        self._prefix = prefix
        self._paths = {name: f"{commit}:{repository.path(name)}" for name in names}
        self._texts = repository.read_all(list(self._paths.values()), most=LARGEST + 1)

    def shown(self, name: str) -> str:
        return self._prefix + name

    def config(self, name: str) -> bytes | None:
        return self._texts.get(self._paths.get(name, ""))

    def artifact(self, name: str) -> bytes | None:
        text = self.config(name)
        return None if text is None else unix(text)


class _Found(NamedTuple):
    """A pair in one state.

    Attributes:
        side: its payload, if it has one.
        note: what a reader should know besides.
        broken: why it has none, though it is there.
        lost: whether there is an artifact that its config has left behind.

    """

    side: Side | None = None
    note: str = ""
    broken: tuple[Diagnostic, ...] = ()
    lost: bool = False


def compare(repository: Git, states: Range, scopes: Scopes) -> list[Comparison]:
    """Return what differs between two states of a repository.

    Args:
        repository: the repository.
        states: the two.
        scopes: what holds where: the settings of now hold for both.

    Raises:
        GitError: git cannot tell.

    """
    changed = repository.changed(states.before, states.after, PATTERNS)
    for path in changed:
        if "\n" in path:  # git could not be asked for it, and it must not go unseen
            raise GitError(f"a file name contains a line break: {path!r}")
    pairs = _pairs([repository.from_here(path) for path in changed if not is_hidden(path)], scopes)
    names = [name for pair in pairs for name in pair if name]
    before = _Then(repository, states.before, names, prefix=f"{states.before[:_SHORT]}:")
    after = _Then(repository, states.after, names) if states.after else _Here(scopes)
    found = {pair[0] or pair[1]: (_found(pair, before), _found(pair, after)) for pair in pairs}
    origins = _origins(found, repository, states.before, scopes)
    left = {move.path for move, _ in origins.values() if move.kind is MoveKind.RENAMED}
    shown: list[Comparison] = []
    for name, (old, new) in found.items():
        if name in left:
            continue
        move, side = origins.get(name, (None, old.side))
        notes = [new.note, found[move.path][1].note if move and move.path in left else ""]
        shown.append(Comparison(side, new.side, name, tuple(filter(None, notes)), new.broken, move))
    return [with_texts(comparison, scopes) for comparison in shown if comparison.is_shown]


def _origins(
    found: Mapping[str, tuple[_Found, _Found]], repository: Git, commit: str, scopes: Scopes
) -> dict[str, tuple[Move, Side]]:
    """Return where new payloads come from, by name: how, and the side that they were."""
    new = {
        name: now.side
        for name, (old, now) in found.items()
        if now.side and not now.lost and not (old.side or old.broken)
    }
    if not new:
        return {}
    old = {name: was.side for name, (was, _) in found.items() if was.side and not was.lost}
    gone = {name: side for name, side in old.items() if _is_gone(found[name][1])}
    existing = {
        **_unchanged(found, repository, commit, scopes),
        **{name: side for name, side in old.items() if name not in gone},
    }
    moves = match_moved(gone, new, existing)
    return {name: (move, {**existing, **gone}[move.path]) for name, move in moves.items()}


def _stale(payload: object, side: Side) -> str:
    """Return the note about an artifact that is not what its config compiles to.

    It does not name the artifact, so that many with the same trouble are shown as one.
    """
    what = "though its values are right"
    if isinstance(payload, dict):
        comparison = Comparison(Side("", payload), side)
        what = summary(comparison) if comparison.changes else what
    return f"its artifact is out of date: {what}; run `sftc check --write`"


def _is_gone(now: _Found) -> bool:
    """Whether there is no config any more, though its artifact may have been left behind."""
    return now.lost or not (now.side or now.broken)


def _unchanged(
    found: Container[str], repository: Git, commit: str, scopes: Scopes
) -> dict[str, Side]:
    """Return the configs that both states have alike, of which new ones may be copies."""
    names = [repository.from_here(path) for path in repository.tracked(commit, (CONFIG,))]
    pairs = [pair for pair in _pairs(names, scopes) if pair[0] not in found]
    if len(pairs) > _MOST_ORIGINS:
        return {}
    known = [name for pair in pairs for name in pair if name]
    state = _Then(repository, commit, known, prefix=f"{commit[:_SHORT]}:")
    sides = {pair[0]: _found(pair, state).side for pair in pairs}
    return {name: side for name, side in sides.items() if side}


def _pairs(changed: Iterable[str], scopes: Scopes) -> list[tuple[str, str]]:
    """Return the configs and artifacts that changes touch; an empty name is none."""
    pairs = set()
    for name in changed:
        scope = scopes.of(name)
        if end := ending(name):
            config = scope.rule.config(name) or ""
            artifact = name if end == ARTIFACT else scope.rule.claim(config) or ""
            pair = config, artifact
        elif is_config(name):
            pair = name, scope.rule.claim(name) or ""
        else:
            continue
        settings = os.path.basename(name) in NAMES
        # An artifact is shown wherever it is: what a branch settles may not hide it.
        if not settings and (bool(end) or scope.settings.covers(name)):
            pairs.add(pair)
    return sorted(pairs)


def _found(pair: tuple[str, str], state: _State) -> _Found:
    """Return what a pair is in a state: what its config compiles to, or else its artifact."""
    config, artifact = pair
    text = state.config(config) if config else None
    payload = state.artifact(artifact) if artifact else None
    refused = tuple(one for one in (text, payload) if isinstance(one, Diagnostic))
    if isinstance(text, Diagnostic) or isinstance(payload, Diagnostic):
        return _Found(broken=refused)
    reason = f"there is no `{config}`"
    if text is not None and is_foreign(text):
        text, reason = None, f"`{config}` is not a fine-tuning config"
    if text is None:
        if payload is None:
            return _Found()
        side = read_side(payload, state.shown(artifact))
        lost = bool(config)
        note = f"{artifact} has no config: {reason}; run `sftc check`" if lost else ""
    else:
        lost = False
        before = read_payload(payload, artifact) if payload is not None else None
        pinned = before if isinstance(before, dict) else None
        side = read_side(text, state.shown(config), artifact=pinned)
        compiled = side.compiled.payload_bytes if isinstance(side, Side) and side.compiled else None
        stale = payload is not None and payload != compiled
        note = _stale(before, side) if stale and isinstance(side, Side) else ""
    return _Found(side, note, lost=lost) if isinstance(side, Side) else _Found(broken=side)
