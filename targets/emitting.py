"""Encodes what the routes wrote as the text of a target, with comments."""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..diagnostics import KeyPath, codes, dotted, printable
from ..job import Job, resources
from ..payloads import fields
from .target import Target
from .toml_writing import write_toml
from .writing import Draft, Loss, write
from .yaml_writing import write_yaml

_WRITERS = {"yaml": write_yaml, "toml": write_toml}
_FATAL = (codes.UNDECIDED_FOR_TARGET, codes.NEEDED_BY_TARGET, codes.TOO_LARGE_FOR_TARGET)


class Emitted(NamedTuple):
    """What a payload comes to in a target's format.

    Attributes:
        text: the text; None if the target has no such job.
        losses: what the target does not have as the payload has it.

    """

    text: str | None
    losses: tuple[Loss, ...]


def emit(
    payload: Mapping[str, Any],
    target: Target,
    *,
    document: str = "job.json",
    named: Callable[[KeyPath], str] = dotted,
) -> Emitted:
    """Return a payload as a target writes it.

    Args:
        payload: a payload that its schema allows.
        target: the target.
        document: what the payload came from, which a comment names.
        named: the name of a field where it came from, for comments.

    """
    draft = write(payload, target)
    losses = tuple(draft.losses)
    if any(loss.code in _FATAL for loss in losses):
        return Emitted(None, losses)
    if target.form == "json":
        return Emitted(json.dumps(draft.tree, ensure_ascii=False, indent=2) + "\n", losses)
    comments = {at: _comment(source, named) for at, source in draft.sources.items()}
    said = {at: comment for at, comment in comments.items() if comment}
    heading = _heading(draft, document)
    if not target.documents:
        return Emitted(_WRITERS[target.form](draft.tree, said, heading), losses)
    texts = [
        write_yaml(tree, {at[1:]: comment for at, comment in said.items() if at[0] == kind}, "")
        for kind, tree in draft.tree.items()
    ]
    return Emitted(write_yaml({}, {}, heading) + "---\n".join(texts), losses)


def _comment(source: tuple[KeyPath, ...] | str, named: Callable[[KeyPath], str]) -> str:
    if isinstance(source, str):
        return source
    return printable(", ".join(dict.fromkeys(map(named, source))))


def _heading(draft: Draft, document: str) -> str:
    target = draft.target
    versions = ", ".join(f"{name} {version}" for name, version in target.versions.items())
    lines = [
        f"Compiled by sftc from {printable(document)}, for {versions}. Do not edit: compile again."
    ]
    if command := launch(draft.job, target):
        lines.append(f"Start it with: {command}")
    return "\n".join(lines)


def launch(job: Job, target: Target) -> str:
    """Return the command that starts a job in a target; empty for a service."""
    if not target.launch:
        return ""
    stage = job.get(fields.DEEPSPEED_STAGE)
    uses = job.get(fields.USE_DEEPSPEED) is True
    amounts = {
        "gpus": resources.gpus(job),
        "gpus_per_node": job.get(fields.GPU_COUNT),
        "nodes": resources.nodes(job) if job.get(fields.NODES) else None,
        "stage": stage if uses and stage else None,
        "fsdp": 2 if job.get(fields.FSDP) is True else None,
    }
    parts = {
        place: " ".join(
            option["text"].format(amounts[option["by"]])
            for option in target.launch.get(place, ())
            if amounts[option["by"]] is not None
        )
        for place in ("before", "after")
    }
    return " ".join(filter(None, (parts["before"], target.launch["command"], parts["after"])))
