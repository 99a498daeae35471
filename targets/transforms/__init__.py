"""The closed set of transforms: how fields of a payload become keys of a target, and back.

Each knows both ways. What it cannot say it names; a draft keeps what was named.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from . import (
    amounts,
    data,
    evaluating,
    intervals,
    machines,
    manifest,
    methods,
    schedules,
    single,
)

if TYPE_CHECKING:
    from .. import reading, writing
    from ..target import Route

    _Write: TypeAlias = Callable[[writing.Draft, Route], None]
    _Read: TypeAlias = Callable[[reading.Draft, Route], None]


class Transform(NamedTuple):
    """One way from fields to keys, and its inverse."""

    write: "_Write"
    read: "_Read"


TRANSFORMS: Final[Mapping[str, Transform]] = {
    "same": Transform(single.write_same, single.read_same),
    "listed": Transform(single.write_listed, single.read_listed),
    "constant": Transform(single.write_constant, single.read_constant),
    "opposite": Transform(single.write_opposite, single.read_opposite),
    "modules": Transform(single.write_modules, single.read_modules),
    "flavour": Transform(methods.write_flavour, methods.read_flavour),
    "adapter": Transform(methods.write_adapter, methods.read_adapter),
    "rank": Transform(methods.write_rank, methods.read_rank),
    "command": Transform(methods.write_command, methods.read_command),
    "stage": Transform(methods.write_stage, methods.read_stage),
    "switch": Transform(methods.write_switch, methods.read_switch),
    "batch": Transform(amounts.write_batch, amounts.read_batch),
    "length": Transform(amounts.write_length, amounts.read_length),
    "warmup": Transform(amounts.write_warmup, amounts.read_warmup),
    "schedule": Transform(schedules.write_schedule, schedules.read_schedule),
    "machines": Transform(machines.write_machines, machines.read_machines),
    "intervals": Transform(intervals.write_intervals, intervals.read_intervals),
    "evaluation": Transform(evaluating.write_evaluation, evaluating.read_evaluation),
    "evaluations": Transform(evaluating.write_evaluations, evaluating.read_evaluations),
    "dataset": Transform(data.write_dataset, data.read_dataset),
    "named_datasets": Transform(data.write_named_datasets, data.read_named_datasets),
    "hub": Transform(data.write_hub, data.read_hub),
    "upload": Transform(data.write_upload, data.read_upload),
    "manifest": Transform(manifest.write_manifest, manifest.read_manifest),
}
