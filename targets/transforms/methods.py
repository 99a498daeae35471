"""How it is trained: full, LoRA or QLoRA, and sharded by what; as the keys of a system say it."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ...diagnostics import KeyPath, dotted
from ...job import Job
from ...job.flavours import FULL, LORA, QLORA, decided, witnesses
from ...job.unsaid import meant
from ...payloads import fields
from ..paths import ABSENT, found, leaves
from ..target import Route, field_path
from .unsaid import NO_FLAVOUR_MEANS

if TYPE_CHECKING:
    from .. import reading, writing


def flavour(job: Job) -> str | None:
    """Return the flavour that is trained, as targets spell it; None where the fields disagree."""
    return {FULL: "full", LORA: "lora", QLORA: "qlora", None: None}[decided(job)]


def _has(draft: "reading.Draft", at: KeyPath) -> bool:
    return draft.value(at) is not ABSENT


_FLAVOURS: Final[Mapping[str, Mapping[KeyPath, Any]]] = {
    "full": {fields.USE_QLORA: False, fields.TRAIN_KIND: "fft"},
    "lora": {fields.USE_QLORA: False, fields.TRAIN_KIND: "peft"},
    "qlora": {fields.USE_QLORA: True, fields.TRAIN_KIND: "peft"},
}


def _that_say_it(draft: "writing.Draft", route: Route) -> list[KeyPath]:
    """Return the fields that say a flavour."""
    evidence = {witness.path for witness in witnesses(draft.job)}
    if draft.value(fields.MODE) == _NO_FLAVOUR:
        evidence.add(fields.MODE)
    return [path for path in route.fields if path in evidence]


def write_flavour(draft: "writing.Draft", route: Route) -> None:
    """Write the flavour as the set of keys that says it."""
    kind, said = flavour(draft.job), _that_say_it(draft, route)
    keys = route.options["cases"].get(kind) if kind else None
    if kind is None or keys is None:
        why = (
            "its fields disagree about the training method"
            if kind is None
            else f"{draft.target.system} does not support this training method"
        )
        draft.undecided(said[0] if said else fields.MODEL, why, route.options.get("nearest"))
        draft.expressed.update(said)
        return
    for role, value in keys.items():
        draft.put(route.at[role], value, *said)
    draft.expressed.update(said)


_NO_FLAVOUR: Final = "sft_offline"
"""A mode that every job has, whatever its flavour."""


def read_flavour(draft: "reading.Draft", route: Route) -> None:
    """Read the flavour whose keys the source has; none says one if they disagree."""
    cases = {**route.options.get("reads", {}), **route.options["cases"]}
    roles = {role: draft.value(at) for role, at in route.at.items()}
    absent = route.options.get("absent", {})
    says = {
        role: absent.get(role) if value in (ABSENT, "") else value for role, value in roles.items()
    }
    for name, keys in cases.items():
        if all(says[role] == keys.get(role, absent.get(role)) for role in roles):
            for path, value in _FLAVOURS[name.partition(" ")[0]].items():
                draft.set(path, value, *(at for role, at in route.at.items() if _has(draft, at)))
            return
    if "open" in route.options and not any(_has(draft, at) for at in route.at.values()):
        (at, *_) = route.at.values()
        draft.differ((), dotted(at), route.options["open"], NO_FLAVOUR_MEANS)
    for at in route.at.values():
        if _has(draft, at):
            draft.leave(at, "this is not full fine-tuning, LoRA or QLoRA")


def write_adapter(draft: "writing.Draft", route: Route) -> None:
    """Write nothing: where there is a table of the adapter, one is trained."""
    write_flavour(draft, route)
    if flavour(draft.job) == "full":
        for path in _knobs(route).values():
            if draft.value(path) is not ABSENT:
                draft.idle(path, "full fine-tuning has no adapter")


def read_adapter(draft: "reading.Draft", route: Route) -> None:
    """Read the flavour from whether the table is there, and what an adapter has by default."""
    (at,) = route.at.values()
    there = draft.value(at)
    kind = "full" if there in (ABSENT, "None") else "lora"
    for path, value in _FLAVOURS[kind].items():
        draft.set(path, value, *((at,) if there in ({}, "None") else ()))
    for name, path in _knobs(route).items():
        usual = route.options["defaults"].get(name)
        if kind == "lora" and usual is not None and draft.value((*at, name)) is ABSENT:
            draft.assume(path, usual)


def _knobs(route: Route) -> dict[str, KeyPath]:
    """Return the fields about the adapter, by the target's key in its table."""
    return {name: field_path(pointer) for name, pointer in route.options["knobs"].items()}


def write_rank(draft: "writing.Draft", route: Route) -> None:
    """Write the flavour as the rank of an adapter, which is 0 for none."""
    *_, rank = route.fields
    write_flavour(draft, route)
    kind = flavour(draft.job)
    if kind not in route.options["cases"]:
        draft.expressed.add(rank)
    elif kind == "full":
        draft.put(route.at["rank"], 0, *_that_say_it(draft, route))
        if draft.value(rank) is not ABSENT:
            draft.idle(rank, "no adapter is trained")
    elif draft.value(rank) is ABSENT:
        draft.mean(route.at["rank"], meant(rank))
    else:
        draft.put(route.at["rank"], draft.value(rank), *_that_say_it(draft, route), rank)


def read_rank(draft: "reading.Draft", route: Route) -> None:
    """Read the flavour from the rank of an adapter."""
    at, rank = route.at["rank"], route.fields[-1]
    value = draft.value(at)
    if value is ABSENT:
        draft.differ((), dotted(at), route.options["open"], NO_FLAVOUR_MEANS)
        return
    if value != 0 and not draft.carry(rank, at):
        return
    for path, said in _FLAVOURS["full" if value == 0 else "lora"].items():
        draft.set(path, said, at)


def write_stage(draft: "writing.Draft", route: Route) -> None:
    """Write ZeRO as one of the files that the system ships."""
    used, stage = fields.USE_DEEPSPEED, fields.DEEPSPEED_STAGE
    if draft.value(used) is not True:
        for path in route.fields:
            if draft.value(path) is False:
                draft.expressed.add(path)
            elif draft.value(path) is not ABSENT:
                draft.idle(path, "it has no effect without use_deepspeed")
        return
    number = draft.value(stage)
    file = route.options["files"].get(str(number))
    if file is None:
        why = f"{draft.target.system} ships no config file for this stage"
        draft.lose(used, why, route.options["nearest"])
        if number is not ABSENT:
            draft.lose(stage, why, route.options["nearest"])
        return
    draft.put(route.at["value"], file, *route.fields)


def read_stage(draft: "reading.Draft", route: Route) -> None:
    """Read the stage from the name of a file."""
    at = route.at["value"]
    value = draft.value(at)
    if value in (ABSENT, ""):
        return
    match = re.search(r"(?:zero|ds_z|stage)[-_]?([0-3])", value) if isinstance(value, str) else None
    if match is None:
        draft.leave(at, "only ZeRO stages are imported, by the names of shipped config files")
        return
    draft.set(fields.USE_DEEPSPEED, True, at)  # noqa: FBT003 - a value
    draft.set(fields.DEEPSPEED_STAGE, int(match[1]), at)
    if value not in route.options["files"].values():
        draft.changed(at, fields.DEEPSPEED_STAGE, "only the stage of this file is imported")


def write_command(draft: "writing.Draft", route: Route) -> None:
    """Write nothing: the command that starts it says how it is sharded, where it can."""
    used, stage, _ = route.fields
    if draft.value(used) is True and draft.value(stage) is ABSENT:
        draft.lose(
            used, "the launch command needs the config file of a stage", "set deepspeed_stage = 2"
        )
    for path in route.fields:
        if draft.value(path) is False:
            draft.expressed.add(path)
        elif draft.value(path) is ABSENT or draft.is_lost(path):
            continue
        elif path == stage and draft.value(used) is not True:
            draft.idle(path, "it has no effect without use_deepspeed")
        elif draft.value(stage) == 0:
            draft.idle(path, "stage 0 shards nothing, so the launch command omits it")
        else:
            draft.idle(path, "the launch command in the first lines of the output sets it")


def read_command(_draft: "reading.Draft", _route: Route) -> None:
    """Read nothing: no key of the config says it."""


def write_switch(draft: "writing.Draft", route: Route) -> None:
    """Write the block of keys that one field of ours turns on."""
    (path,) = route.fields
    if draft.value(path) is True:
        for role, value in route.options["on"].items():
            draft.put(route.at[role], value, path)
    elif draft.value(path) is False:
        draft.expressed.add(path)
        for role, value in route.options.get("off", {}).items():
            draft.put(route.at[role], value, path)


def read_switch(draft: "reading.Draft", route: Route) -> None:
    """Read whether the block is there; what it says besides is named."""
    (path,) = route.fields
    off = route.options.get("off", {})
    if off and all(draft.value(route.at[role]) == value for role, value in off.items()):
        draft.set(path, False, *route.at.values())  # noqa: FBT003 - a value
        return
    plain = {
        role: wanted
        for role, wanted in route.options["on"].items()
        if not isinstance(wanted, Mapping) and draft.value(route.at[role]) is not ABSENT
    }
    blocks = [draft.value(at) for role, at in route.at.items() if role not in plain]
    if not any(isinstance(block, (Mapping, list, str)) and block for block in blocks):
        for role in plain:
            draft.imply(route.at[role], "it has no effect on its own")
        return
    for role, wanted in plain.items():
        if draft.value(route.at[role]) == wanted:
            draft.imply(route.at[role], f"`{path[-1]}` sets it")
        else:
            draft.leave(route.at[role], f"`{path[-1]}` is version {wanted}")
    draft.fields[path] = True
    for role, wanted in route.options["on"].items():
        if role in plain or draft.value(route.at[role]) is ABSENT:
            continue
        usual = dict(leaves(wanted))
        for below, value in leaves(found(draft.source.tree, route.at[role])):
            if usual.get(below, ABSENT) == value or below == ():
                draft.imply((*route.at[role], *below), f"`{path[-1]}` sets it")
