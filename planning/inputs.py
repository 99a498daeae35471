"""Plans of what is in memory: the text of a config or a payload, or the values of a payload."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from ..compiler import Compilation, compile_config
from ..diagnostics import Finding, InvalidInputError, codes
from ..diagnostics.catalogue import diagnose
from ..diagnostics.mistaken import check_no_path, check_text
from ..job import Job
from ..job.architectures import UnfamiliarError, shape_of_config
from ..job.architectures.table import shape_of_model
from ..job.planned import Fits, Planned, Question, findings, plan_of
from ..job.shapes import Shape
from ..job.values import UnsoundError
from ..payloads import fields
from ..review.payloads import is_payload, read_payload
from .arguments import check_facts
from .suggestions import of_config, of_payload
from .values import Plan, Price

Input: TypeAlias = str | bytes | Mapping[str, Any]
"""The text of a config or a payload, or the values of a payload."""


class Given(NamedTuple):
    """What is known of jobs besides their texts.

    Attributes:
        shape: the shape of the model; None: not known.
        why: why not.
        gpu: the name of another GPU than a job asks for.
        rows: of the training dataset, for a job without a pin.
        pins: what pins the datasets of a config, by use.
        price: what a GPU costs.
        suggests: whether changes are looked for, which takes most of the time.
        prices: what an hour of each GPU costs, by its name.
        refusals: why a trainer refuses a payload; a suggestion brings no new reason.

    """

    shape: Shape | None = None
    why: str = ""
    gpu: str | None = None
    rows: int | None = None
    pins: Mapping[str, Mapping[str, str | int]] | None = None
    price: Price | None = None
    suggests: bool = True
    prices: Mapping[str, float] = Question().prices
    refusals: Callable[[Mapping[str, Any]], frozenset[str]] = Question().refusals

    @property
    def question(self) -> Question:
        """What a job is planned with."""
        return Question(self.shape, self.why, self.gpu, self.rows, self.prices, self.refusals)


def plan(
    given: Input,
    *,
    filename: str = "config.toml",
    model_config: Mapping[str, Any] | None = None,
    gpu: str | None = None,
    rows: int | None = None,
    price: float | None = None,
) -> Plan:
    """Plan a job, as ``sftc plan`` does: memory, steps, and what would make it fit.

    Args:
        given: the text of a config or of a payload, or the values of a payload.
        filename: its name in diagnostics.
        model_config: the ``config.json`` of its model, as plain values; None: the shape is looked
            up by the model's name in the table of published models.
        gpu: plan for this GPU instead of the job's.
        rows: the number of training rows, if the payload has no pin.
        price: price of one GPU for one hour.

    Raises:
        InvalidInputError: it has errors.
        TypeError: an argument has the wrong type.
        ValueError: an argument cannot be what it is; ``model_config`` is not understood; values are
            nested too deeply.

    """
    check_text(given, "a config or payload", values=True)
    check_no_path(given, "the config or payload")
    check_facts(filename, gpu, rows, price, model_config)
    shape = None
    if model_config is not None:
        try:
            shape = shape_of_config(model_config, "the given config.json")
        except UnfamiliarError as error:
            raise ValueError(f"model_config: {error}") from None
    cost = None if price is None else Price(price)

    def known(payload: Mapping[str, Any]) -> Given:
        name = fields.value_at(payload, fields.MODEL) or ""
        return Given(shape or shape_of_model(name), unknown_model(name), gpu, rows, None, cost)

    text = _json(given) if isinstance(given, Mapping) else given
    found = planned_text(text.encode() if isinstance(text, str) else text, filename, known)
    if found.planned is None:
        raise InvalidInputError(found.diagnostics)
    return found


def _json(payload: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(payload))
    except RecursionError:
        raise ValueError("the payload is nested too deeply") from None


def unknown_model(name: str) -> str:
    """Return why the shape of a model is not known that no table has."""
    return f"the shape of {name[:80]} is not known; name its config.json: --model-config FILE"


def planned_text(data: bytes, name: str, known: Callable[[Mapping[str, Any]], Given]) -> Plan:
    """Return the plan of a text.

    Args:
        data: a config or a payload.
        name: its name in diagnostics.
        known: returns what is known of a job, by its payload.

    """
    if is_payload(data, name):
        payload = read_payload(data, name)
        if isinstance(payload, tuple):
            return Plan(name, None, (), payload)
        return _of_payload(payload, name, known(payload))
    compiled = compile_config(data, filename=name)
    if compiled.payload is None:
        foreign = compiled.foreign is not None
        return Plan(name, None, (), compiled.diagnostics, text=_decoded(data), foreign=foreign)
    given = known(compiled.payload)
    if given.pins:
        compiled = compile_config(data, filename=name, pins=given.pins)
    return _of_config(data, name, compiled, given)


def _of_payload(payload: Mapping[str, Any], name: str, given: Given) -> Plan:
    planned = _planned(payload, given)
    if isinstance(planned, Finding):
        return Plan(name, None, (), (diagnose(planned, name),))
    reported = tuple(diagnose(finding, name) for finding in findings(planned))
    changes = of_payload(payload, planned, given.question) if given.suggests else ()
    return Plan(name, planned, tuple(changes), reported, given.price)


def _of_config(data: bytes, name: str, compiled: Compilation, given: Given) -> Plan:
    payload = compiled.payload or {}
    planned = _planned(payload, given)
    if isinstance(planned, Finding):
        return Plan(name, None, (), (diagnose(planned, name),))
    if planned.fits in {Fits.FITS, Fits.UNKNOWN}:
        return Plan(name, planned, (), (), given.price, _decoded(data))

    def fits_its_gpu(_: Job) -> Iterable[Finding]:
        return findings(planned)

    asked = compile_config(data, filename=name, pins=given.pins, more=[fits_its_gpu])
    reported = tuple(one for one in asked.diagnostics if one.code in codes.OPTIONAL)
    changes = (
        of_config(data, name, compiled, planned, given.question, given.pins)
        if given.suggests
        else ()
    )
    return Plan(name, planned, tuple(changes), reported, given.price, _decoded(data))


def _planned(payload: Mapping[str, Any], given: Given) -> Planned | Finding:
    try:
        return plan_of(Job(payload), given.question)
    except UnsoundError:
        words = {"reason": "a field does not fit the payload's schema"}
        return Finding(codes.PAYLOAD_NOT_JSON, words=words)


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")
