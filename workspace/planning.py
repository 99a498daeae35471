"""One file of many, planned: its text, its pins or its rows, the shape of its model, its price.

Functions of a module, so that another process can be told to call them.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from math import isfinite
from typing import Any, NamedTuple

from .. import datasets
from ..diagnostics import Diagnostic, Severity, codes
from ..disk import files
from ..disk.gate import Gate, RefusedError
from ..job.gpus import is_meant
from ..job.planned import room_of
from ..job.shapes import Shape
from ..payloads import dataset_files, fields, kept_pins, pins
from ..planning import Given, Plan, Price, planned_text
from ..review.payloads import read_payload
from . import reading
from .linting import is_chosen
from .shapes import Unfound, shape_for

_TRAINING = "training"


class Task(NamedTuple):
    """What is to be planned, and under which settings.

    Attributes:
        name: the path of a config or a payload, or ``-``.
        gate: opens it, if it was found in a folder; None if the user named it.
        data: opens the datasets that it names.
        artifact: where its artifact may be, whose pins it has; None: nowhere.
        repository: opens the artifact.
        settings: the table ``plan`` of its settings.
        ignore: codes or prefixes of which nothing is reported.

    """

    name: str
    gate: Gate | None
    data: Gate
    artifact: str | None
    repository: Gate
    settings: Mapping[str, Any]
    ignore: Sequence[str] = ()


class Options(NamedTuple):
    """What a call says of all jobs.

    Attributes:
        shape: the shape of their models; None: it is looked up by name.
        models: a folder with a folder for each model.
        gpu: the name of another GPU than they ask for.
        suggests: whether changes are looked for, which takes most of the time.
        refusals: why a trainer refuses a payload; a suggestion brings no new reason.

    """

    shape: Shape | None = None
    models: str | None = None
    gpu: str | None = None
    suggests: bool = True
    refusals: Callable[[Mapping[str, Any]], frozenset[str]] = Given().refusals


class Result(NamedTuple):
    """What became of a file.

    Attributes:
        plan: the plan; None for a TOML file in a folder that is no config.
        name: the name of the file.

    """

    plan: Plan | None
    name: str


def plan_file(
    task: Task, *, options: Options, measure: Callable[..., datasets.Measured] | None = None
) -> Result:
    """Plan a config or a payload; nothing is written.

    Args:
        task: the file.
        options: what the call says of all jobs.
        measure: measures a dataset with its tokens; None: rows are counted where no pin has them.

    """
    name = files.shown_name(task.name)
    data = _read(task)
    if isinstance(data, Diagnostic):
        return Result(Plan(name, None, (), (data,)), name)
    trouble: list[Diagnostic] = []
    known = partial(_given, task=task, options=options, measure=measure, trouble=trouble)
    plan = planned_text(data, name, known)
    if task.gate is not None and plan.foreign:
        return Result(None, name)
    if trouble:
        return Result(Plan(name, None, (), tuple(trouble), text=plan.text), name)
    prices = {"currency": task.settings.get("currency", ""), "priced": "prices" in task.settings}
    plan = replace(plan, **prices)
    return Result(_without_ignored(plan, task.ignore), name)


def _without_ignored(plan: Plan, ignore: Sequence[str]) -> Plan:
    """Return a plan without the findings about whether it fits that settings ignore."""
    kept = [
        one
        for one in plan.diagnostics
        if one.code not in codes.OPTIONAL or is_chosen(one.code, select=[one.code], ignore=ignore)
    ]
    return plan if len(kept) == len(plan.diagnostics) else replace(plan, diagnostics=tuple(kept))


def _read(task: Task) -> bytes | Diagnostic:
    if task.gate is not None:
        return reading.read_config(task.name, task.gate)
    return files.read_artifact(task.name)


def _given(
    payload: Mapping[str, Any],
    *,
    task: Task,
    options: Options,
    measure: Callable[..., datasets.Measured] | None,
    trouble: list[Diagnostic],
) -> Given:
    """Return what is known of a job besides its text."""
    shape = options.shape or _shape(fields.value_at(payload, fields.MODEL) or "", options.models)
    price = _price(options.gpu or fields.value_at(payload, fields.GPU_TYPE), task.settings)
    given = Given(
        gpu=options.gpu,
        price=price,
        prices=task.settings.get("prices", {}),
        suggests=options.suggests,
        refusals=options.refusals,
    )
    if isinstance(shape, Unfound):
        given = given._replace(why=shape.why)
    else:
        given = given._replace(shape=shape)
    if _TRAINING in pins(payload) and measure is None:
        return given
    kept = _kept(payload, task) if measure is None else {}
    if _TRAINING in kept:
        return given._replace(pins=kept)
    measured = _measured(payload, task, measure)
    if measured is None:
        return given
    trouble += (one for one in measured.diagnostics if one.severity is Severity.ERROR)
    facts = measured.pin.facts() if measured.pin else {}
    if task.name.endswith(".json") or not facts:
        return given._replace(rows=measured.rows)
    return given._replace(pins={_TRAINING: facts})


@cache
def _shape(model: str, models: str | None) -> Shape | Unfound:
    return shape_for(model, models)


def _price(gpu: Any, settings: Mapping[str, Any]) -> Price | None:
    prices = settings.get("prices", {})
    meant = [name for name in prices if isinstance(gpu, str) and is_meant(gpu, name)]
    exact = [name for name in meant if name.strip().casefold() == gpu.strip().casefold()]
    named = next(iter([*exact, *meant]), None)
    if named is None or not isfinite(prices[named]):
        return None
    room = room_of(named)
    several = room.name if room and room.ambiguous else ""
    return Price(float(prices[named]), settings.get("currency", ""), several)


def _kept(payload: Mapping[str, Any], task: Task) -> Mapping[str, Mapping[str, Any]]:
    """Return the pins of the artifact that a config has, if there is one that can be read."""
    if task.artifact is None:
        return {}
    text = reading.read_artifact(task.artifact, task.repository)
    before = read_payload(text, task.artifact) if isinstance(text, bytes) else None
    return kept_pins(payload, before) if isinstance(before, dict) else {}


def _measured(
    payload: Mapping[str, Any], task: Task, measure: Callable[..., datasets.Measured] | None
) -> datasets.Measured | None:
    """Return what the training dataset is; None if none is named, or it is not there."""
    file = dataset_files(payload).get(_TRAINING)
    if file is None:
        return None
    try:
        path = task.data.resolve(file["path"])
    except (OSError, RefusedError):
        return None
    status = os.stat(path)
    length = fields.value_at(payload, fields.SEQUENCE_LENGTH)
    if measure is None:
        measured = _counted(path, status.st_mtime_ns, status.st_size)
    else:
        measured = measure(path, head=None, length=length)
    named = tuple(one.renamed(file["path"]) for one in measured.diagnostics)
    return replace(measured, diagnostics=named)


@cache
def _counted(path: str, *_: int) -> datasets.Measured:
    return datasets.measure(path)
