"""Applies all fixes of a config, repeating until none is left."""

from collections.abc import Callable
from typing import Final, NamedTuple

from ..diagnostics import Diagnostic, Finding, Severity
from ..diagnostics.toml_places import Places
from . import source
from .edits import apply
from .mending import Mender, largest
from .placing import Reported

_MOST_ROUNDS: Final = 20
"""A fix can bring the next one to light; no config needs more than a few rounds."""

Lint = Callable[[str], tuple[Reported, ...]]


class _Attempt(NamedTuple):
    """A text after fixes, and what is reported of it."""

    text: str
    reported: tuple[Reported, ...]


def fix(
    text: str, document: str, *, lint: Lint, wanted: Callable[[Diagnostic], bool]
) -> tuple[str, tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """Return a text after its fixes, the diagnostics that they took away, and what remains.

    Args:
        text: the config.
        document: its name.
        lint: gives what is reported of a text.
        wanted: whether to apply the fix of a diagnostic.

    """
    now = _Attempt(text, lint(text))
    applied: list[Diagnostic] = []
    for _ in range(_MOST_ROUNDS):
        done, after = _round(now, document, lint, wanted)
        if not done:
            break
        applied += done
        now = after
    return now.text, tuple(applied), tuple(pair.diagnostic for pair in now.reported)


def _round(
    before: _Attempt, document: str, lint: Lint, wanted: Callable[[Diagnostic], bool]
) -> tuple[list[Diagnostic], _Attempt]:
    """Apply as many fixes as work together."""
    todo = [pair for pair in before.reported if wanted(pair.diagnostic)]
    if not todo:
        return [], before
    text, _ = source.decode(before.text, document)
    config, _ = source.parse(text, document)
    mender = Mender(Places(text, document), config or {})
    attempts: dict[tuple[int, ...], _Attempt] = {}

    def works(findings: list[Finding]) -> bool:
        after = _Attempt(*_tried(before.text, mender, findings, lint))
        attempts[tuple(map(id, findings))] = after
        return _is_better(before, after, len(findings))

    done = largest([pair.finding for pair in todo], works)
    if not done:
        return [], before
    names = set(map(id, done))
    mended = [pair.diagnostic for pair in todo if id(pair.finding) in names]
    return mended, attempts[tuple(map(id, done))]


def _tried(
    text: str, mender: Mender, findings: list[Finding], lint: Lint
) -> tuple[str, tuple[Reported, ...]]:
    edits = mender.edits(findings)
    if edits is None:
        return text, ()
    mended = apply(text, edits)
    return mended, lint(mended)


def _is_better(before: _Attempt, after: _Attempt, fixes: int) -> bool:
    """Whether each fix took a finding away, and the text still compiles if it did."""
    if after.text == before.text:
        return False
    fewer = len(after.reported) <= len(before.reported) - fixes
    return fewer and (_has_error(before) or not _has_error(after))


def _has_error(attempt: _Attempt) -> bool:
    return any(pair.diagnostic.severity is Severity.ERROR for pair in attempt.reported)
