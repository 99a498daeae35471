"""Hyperparameters that the payload's schema does not know: those that a trainer takes, or refusals.

What it takes is data: ``forwarded.schema.json``.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ... import schemas
from ...diagnostics import Finding, KeyPath, codes, value_text
from ...payloads import fields
from ...schemas.accepting import key_acceptor
from .draft import Draft, shown
from .pace import WARMUP_STEPS
from .world import Library

_NOT_ALLOWED: Final[Mapping[str, str]] = {
    "output_dir|logging_dir|run_name|resume_from_checkpoint": "the job has a folder of its own",
    "push_to_hub.*|hub_.*": "results stay with the job until they are fetched",
    "report_to|project|trackio_.*|wandb.*": "metrics are only written to the job's journal",
    "trust_remote_code": "code that comes with a model is never run",
    "deepspeed": "it would be a file on this machine; set use_deepspeed and deepspeed_stage "
    "instead",
    "fsdp|fsdp_config": "set parallelism.fsdp instead",
    "model_init_kwargs|model_name_or_path|chat_template_path|dataset_kwargs": (
        "the trainer decides how it loads the model and the rows"
    ),
}
"""Names that no payload may set, as patterns, and why."""


class _Schedule(NamedTuple):
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Of these, one at least."""


_COSINE: Final = ("num_cycles", "min_lr", "min_lr_rate")
SCHEDULES: Final[Mapping[str, _Schedule]] = {
    "linear": _Schedule(),
    "cosine": _Schedule(("num_cycles",)),
    "cosine_with_restarts": _Schedule(("num_cycles",)),
    "polynomial": _Schedule(("lr_end", "power")),
    "constant": _Schedule(),
    "constant_with_warmup": _Schedule(),
    "inverse_sqrt": _Schedule(("timescale",)),
    "cosine_with_min_lr": _Schedule(_COSINE, ("min_lr", "min_lr_rate")),
    "cosine_warmup_with_min_lr": _Schedule((*_COSINE, "warmup_lr_rate"), ("min_lr", "min_lr_rate")),
    "warmup_stable_decay": _Schedule(
        (
            "num_decay_steps",
            "num_stable_steps",
            "warmup_type",
            "decay_type",
            "min_lr_ratio",
            "num_cycles",
        ),
        ("num_decay_steps",),
    ),
}
"""The schedules of the learning rate, and what each takes in ``lr_scheduler_kwargs``."""

_LR_END: Final = 1e-7
"""Transformers' default."""
_SCHEDULE: Final = (*fields.HYPERPARAMETERS, "lr_scheduler_type")
_SCHEDULE_KWARGS: Final = (*fields.HYPERPARAMETERS, "lr_scheduler_kwargs")
_OPTIM: Final = (*fields.HYPERPARAMETERS, "optim")
_SAVE_STEPS: Final = (*fields.HYPERPARAMETERS, "save_steps")
_OF_ROWS: Final = frozenset({"packing"})
"""Names that the rows are made by, before transformers sees them."""
_OF_TORCH: Final = frozenset(
    {"adamw_torch", "adamw_torch_fused", "adafactor", "sgd", "adagrad", "rmsprop"}
)


def takes() -> Mapping[str, Mapping[str, Any]]:
    """Return the names that a trainer takes, with what its schema says of each."""
    found: Mapping[str, Mapping[str, Any]] = schemas.load("forwarded")["properties"]
    return found


def forward(draft: Draft) -> None:
    """Set what a payload may set beyond its schema, and the defaults of what it does not."""
    for name, said in takes().items():
        if "default" in said:
            draft.put(_section(name), **{name: said["default"]})
    known = schemas.key_schema(fields.HYPERPARAMETERS, "payload")["properties"]
    table: Mapping[str, Any] = draft.job.get(fields.HYPERPARAMETERS)
    for name, value in table.items():
        path = (*fields.HYPERPARAMETERS, name)
        if name not in known and not draft.has_word(path):
            _one(draft, path, value)
    _schedule(draft)
    _optimizer(draft)
    _saving(draft)


def _one(draft: Draft, path: KeyPath, value: Any) -> None:
    name = str(path[-1])
    said = takes().get(name)
    if said is None:
        refuse_name(draft, path)
    elif not key_acceptor((name,), "forwarded")(value):
        words = {"name": name, "value": shown(value), "expected": expected(said)}
        draft.refuse(Finding(codes.SETTING_DOES_NOT_FIT, path, words))
    else:
        draft.set(path, f"{_section(name)}.{name}", value, reason=_lowered(said["description"]))


def _section(name: str) -> str:
    return "rows" if name in _OF_ROWS else "trainer"


def refuse_name(draft: Draft, path: KeyPath) -> None:
    """Refuse a field for its name."""
    name = str(path[-1])
    why = next((why for names, why in _NOT_ALLOWED.items() if re.fullmatch(names, name)), None)
    if why is None:
        draft.refuse(Finding(codes.NO_TRAINER_SETTING, path, {"name": name}))
    else:
        draft.refuse(Finding(codes.SETTING_NOT_ALLOWED, path, {"name": name, "why": why}))


def expected(said: Mapping[str, Any]) -> str:
    """Return what a setting takes, in words: ``a number from 0 to 1``."""
    if "enum" in said:
        *others, last = (value_text(choice) for choice in said["enum"])
        return f"{', '.join(others)} or {last}" if others else last
    if said["type"] == "object":
        return "a table of " + ", ".join(said["properties"])
    text = "an integer" if said["type"] == "integer" else "a number"
    if "exclusiveMinimum" in said:
        text += f" above {said['exclusiveMinimum']}"
    if "minimum" in said:
        text += f" of at least {said['minimum']}"
    if "maximum" in said:
        text += f" and at most {said['maximum']}"
    if "exclusiveMaximum" in said:
        text += f" and below {said['exclusiveMaximum']}"
    return text


def _lowered(text: str) -> str:
    first, rest = text[:1].lower(), text[1:].removesuffix(".")
    return first + rest


def _schedule(draft: Draft) -> None:
    """Hold what a schedule is told to what it takes: transformers finds out when it trains."""
    trainer = draft.sections["trainer"]
    name = trainer["lr_scheduler_type"]
    schedule, told = SCHEDULES[name], trainer.get("lr_scheduler_kwargs", {})
    if any(key not in schedule.takes for key in told):
        takes = ", ".join(schedule.takes) or "nothing"
        draft.refuse_value(_SCHEDULE_KWARGS, f"the schedule {name} accepts {takes}")
    elif schedule.needs and not any(key in told for key in schedule.needs):
        needs = " or ".join(schedule.needs)
        draft.refuse_value(_SCHEDULE, f"it needs lr_scheduler_kwargs with {needs}")
    elif why := _refused(name, trainer["learning_rate"], told):
        draft.refuse_value(_SCHEDULE_KWARGS if told else _SCHEDULE, why)
    if name == "constant":
        for path in (fields.WARMUP_RATIO, WARMUP_STEPS):
            draft.note_written(path, "the constant schedule has no warm-up")


def _refused(name: str, peak: float, told: Mapping[str, Any]) -> str | None:
    """Return why a schedule does not begin, or rises where it should fall; None if it does well."""
    if "min_lr" in told and "min_lr_rate" in told:
        return "min_lr and min_lr_rate set the same; keep one of them"
    lowest = told.get("min_lr", 0)
    if lowest > peak:
        return f"min_lr is {lowest}, above the learning_rate of {peak}"
    last = told.get("lr_end", _LR_END)
    if name == "polynomial" and last >= peak:
        return f"it ends at lr_end, {last}, which is not below the learning_rate of {peak}"
    return None


def _optimizer(draft: Draft) -> None:
    name, world = draft.sections["trainer"]["optim"], draft.world
    if name not in _OF_TORCH and Library.BITSANDBYTES in world.missing:
        draft.refuse_value(_OPTIM, "bitsandbytes is not installed")
    elif name.startswith("paged_") and world.on_cpu:
        draft.note(_OPTIM, "on a CPU, the optimizer states are not paged; the result is the same")


def _saving(draft: Draft) -> None:
    """Refuse a rhythm of saving that misses the checkpoint which an evaluation finds best."""
    trainer = draft.sections["trainer"]
    every = draft.job.loose(_SAVE_STEPS, int)
    if every is None:
        return
    if trainer["save_strategy"] == "epoch":
        draft.note(_SAVE_STEPS, "ignored: it saves after each epoch, when it evaluates")
    elif trainer["load_best_model_at_end"] and every % trainer["eval_steps"]:
        draft.refuse_value(_SAVE_STEPS, "the best model needs a multiple of eval_steps")
