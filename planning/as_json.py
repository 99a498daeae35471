"""Plans for programs: a JSON object on a line for each, whose schema is ``plan.schema.json``."""

import json
from collections.abc import Sequence
from typing import Any

import orjson

from ..diagnostics import encodable
from ..diagnostics.pointers import pointer
from ..job.duration import Duration
from ..job.memory import Memory
from ..job.planned import Fits, Planned, Room
from ..report.json_findings import as_object, place
from .values import Plan, Price, Suggestion


def render(plans: Sequence[Plan]) -> str:
    """Return plans as JSON Lines."""
    return "".join(map(_line, plans))


def _line(plan: Plan) -> str:
    found = plan_object(plan)
    try:
        return orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE).decode()
    except TypeError:  # tokens or bytes beyond 64 bits, of a length that no GPU has room for
        return json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n"


def plan_object(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain values."""
    planned = plan.planned
    took = planned.duration if planned else None
    return {
        "format": 1,
        "version": 1,
        "file": encodable(plan.file),
        **_planned(plan.planned),
        "suggestions": [_suggestion(one) for one in plan.suggestions],
        "time": took
        and _time(took, at_most=bool(plan.planned and plan.planned.rhythm.tokens_at_most)),
        "time_unknown": encodable(plan.planned.timeless) if plan.planned and not took else None,
        "cost": _cost(took, plan.price) if took and plan.price else None,
        "findings": [as_object(one) for one in plan.diagnostics],
    }


def _planned(planned: Planned | None) -> dict[str, Any]:
    if planned is None:
        return dict.fromkeys(_KEYS) | {"fits": Fits.UNKNOWN.value}
    rhythm, shape = planned.rhythm, planned.shape
    values = (
        encodable(planned.model),
        planned.flavour,
        shape and shape.parameters,
        planned.trainable,
        shape and shape.source,
        planned.batch,
        rhythm.rows,
        rhythm.per_epoch,
        rhythm.total,
        rhythm.tokens,
        rhythm.tokens_at_most if rhythm.tokens is not None else None,
        rhythm.evaluations,
        rhythm.checkpoints,
        rhythm.kept,
        rhythm.checkpoint_bytes,
        planned.gpus,
        _memory(planned.memory),
        encodable(planned.reason) if planned.reason else None,
        _room(planned.room),
        planned.fits.value,
        _room(planned.smallest),
    )
    return dict(zip(_KEYS, values, strict=True))


_KEYS = (
    "model",
    "flavour",
    "parameters",
    "trainable_parameters",
    "shape_source",
    "effective_batch",
    "rows",
    "steps_per_epoch",
    "total_steps",
    "tokens",
    "tokens_at_most",
    "evaluations",
    "checkpoints",
    "checkpoints_kept",
    "checkpoint_bytes",
    "gpus",
    "memory",
    "unknown",
    "gpu",
    "fits",
    "smallest_gpu",
)


def _time(took: Duration, *, at_most: bool) -> dict[str, Any]:
    return {
        "seconds": took.seconds._asdict(),
        "gpu_hours": took.gpu_hours._asdict(),
        "at_most": at_most,
        "assumed": {
            "tokens": took.tokens,
            "padding": took.padding._asdict(),
            "flops_per_token": took.work.total,
            "peak_flops": took.peak,
            "utilisation": took.utilisation._asdict(),
        },
    }


def _cost(took: Duration, price: Price) -> dict[str, Any]:
    amounts = took.gpu_hours.times(price.per_hour)._asdict()
    return {
        "per_gpu_hour": price.per_hour,
        "currency": encodable(price.currency),
        **amounts,
    }


def _memory(memory: Memory | None) -> dict[str, Any] | None:
    if memory is None:
        return None
    return {
        "low": memory.low,
        "expected": memory.expected,
        "high": memory.high,
        "phase": memory.phase.value,
        "notes": list(memory.notes),
        "parts": [
            {
                "name": part.value,
                "low": int(amount.low),
                "expected": int(amount.expected),
                "high": int(amount.high),
            }
            for part, amount in memory.parts.items()
        ],
    }


def _room(room: Room | None) -> dict[str, Any] | None:
    return room and {"name": encodable(room.name), "memory": room.memory}


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    planned = suggestion.planned
    return {
        "title": suggestion.title,
        "edits": [{**place(edit.span), "text": edit.text} for edit in suggestion.edits],
        "fields": {pointer(path): value for path, value in suggestion.fields.items()},
        "memory": planned.memory and planned.memory.expected,
        "fits": planned.fits.value,
    }
