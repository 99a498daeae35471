"""Changes of a job as edits of its config: each is made, compiled and planned before it is offered.

A change that the text of a config cannot take, or that means something else there, is not offered.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from ..compiler import Compilation, compile_config
from ..compiler.inspection import apply, edits_that_set, values
from ..diagnostics import KeyPath
from ..job import Job
from ..job.planned import Change, Fits, Planned, Question, changed, changes, plan_of
from ..schemas import value_at
from .values import Suggestion

_Pins: TypeAlias = Mapping[str, Mapping[str, str | int]] | None


def of_payload(
    payload: Mapping[str, Any], planned: Planned, asked: Question
) -> Iterator[Suggestion]:
    """Yield what would make a payload fit; its config is what has to change."""
    for change in changes(payload, planned, asked):
        yield Suggestion(change.title, (), change.fields, change.planned)


def of_config(
    data: bytes,
    name: str,
    compiled: Compilation,
    planned: Planned,
    asked: Question,
    pins: _Pins,
) -> Iterator[Suggestion]:
    """Yield what would make the job of a config fit, as edits of its text.

    Args:
        data: the config.
        name: its name in diagnostics.
        compiled: what it compiles to.
        planned: its plan.
        asked: what it was planned with.
        pins: what pins its datasets.

    """
    payload = compiled.payload or {}
    text = data.decode()
    for change in changes(payload, planned, asked):
        settings = _settings(text, name, compiled, change)
        edits = edits_that_set(text, name, settings)
        if edits is None:
            continue
        after = compile_config(apply(text, edits), filename=name, pins=pins)
        if after.payload != changed(payload, change.fields) or _is_worse(compiled, after):
            continue
        again = plan_of(Job(after.payload), asked)
        if again.fits is Fits.FITS:
            yield Suggestion(change.title, edits, change.fields, again)


def _settings(text: str, name: str, compiled: Compilation, change: Change) -> Mapping[KeyPath, Any]:
    """Return the keys of the config to set, by path."""
    settings = {compiled.key_for(path): value for path, value in change.fields.items()}
    config, _ = values(text, name)
    written = {
        path: value
        for path, value in change.documented.items()
        if value_at(config or {}, path) is not None
    }
    return {**settings, **written}


def _is_worse(before: Compilation, after: Compilation) -> bool:
    """Whether something is reported of a config that was not reported before."""
    return not {one.code for one in after.diagnostics} <= {one.code for one in before.diagnostics}
