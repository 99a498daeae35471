"""Slurm's states and reasons in words, and which of them never change by themselves."""

import re
from collections.abc import Mapping
from typing import Final

from . import Phase, State

_PHASES: Final[Mapping[str, Phase]] = {
    "PENDING": Phase.QUEUED,
    "CONFIGURING": Phase.QUEUED,
    "REQUEUED": Phase.QUEUED,
    "REQUEUE_FED": Phase.QUEUED,
    "REQUEUE_HOLD": Phase.QUEUED,
    "SPECIAL_EXIT": Phase.QUEUED,
    "RESV_DEL_HOLD": Phase.QUEUED,
    "RUNNING": Phase.RUNNING,
    "COMPLETING": Phase.RUNNING,
    "RESIZING": Phase.RUNNING,
    "SIGNALING": Phase.RUNNING,
    "STAGE_OUT": Phase.RUNNING,
    "STOPPED": Phase.RUNNING,
    "SUSPENDED": Phase.RUNNING,
}

_ENDS: Final[Mapping[str, tuple[str, bool]]] = {
    "BOOT_FAIL": ("its nodes did not boot", True),
    "CANCELLED": ("somebody cancelled it in Slurm", False),
    "COMPLETED": ("Slurm calls it completed, but it has not written how it ended", False),
    "DEADLINE": ("it reached its deadline in Slurm", False),
    "FAILED": ("it failed before a trainer was started; see the log", False),
    "NODE_FAIL": ("one of its nodes died", True),
    "OUT_OF_MEMORY": ("it took more memory than Slurm had given it", False),
    "PREEMPTED": ("it was preempted", True),
    "REVOKED": ("another cluster runs it", False),
    "TIMEOUT": ("it reached its time limit in Slurm", True),
}
"""Why a job ended that could not say so itself, and whether it can go on."""

_NEVER: Final[Mapping[str, str]] = {
    "AccountNotAllowed": "the partition does not admit its account",
    "BadConstraints": "no nodes have what it asks for",
    "DependencyNeverSatisfied": "it depends on a job that failed",
    "InvalidAccount": "Slurm does not know its account",
    "InvalidQOS": "Slurm does not know its QOS",
    "JobArrayTaskLimit": "an array admits no more of its tasks",
    "PartitionConfig": "it asks for more than its partition has",
    "PartitionNodeLimit": "it asks for more nodes than its partition has, or admits",
    "PartitionTimeLimit": "it asks for more time than its partition admits",
    "QOSNotAllowed": "the partition or the account does not admit its QOS",
    "QOSTimeLimit": "it asks for more time than its QOS admits",
}

_NEVER_BY_LIMIT: Final = re.compile(r"(Assoc|QOS)(Min\w+|Max\w*(PerJob|PerNode|WallDuration)\w*)")
"""Limits of one job by itself; limits of all jobs together are met when others end."""

_WAITS: Final[Mapping[str, str]] = {
    "BeginTime": "Slurm starts it again soon",
    "Dependency": "it waits for an earlier job of its name",
    "JobHeldAdmin": "an administrator holds it",
    "JobHeldUser": "it is held",
    "None": "Slurm has not looked at it yet",
    "Priority": "other jobs are before it",
    "Resources": "it waits for free nodes",
}


def state_of(word: str, reason: str) -> State:
    """Return the state of a job by Slurm's words for its state and reason.

    A state that this version of Slurm may have, and we do not know, counts as running: nothing
    is concluded from it.
    """
    if word in _ENDS:
        if reason in _NEVER:
            words = f"it can never start: {_NEVER[reason]} ({reason})"
            return State(Phase.ENDED, words, hopeless=True)
        words, resumable = _ENDS[word]
        return State(Phase.ENDED, words, resumable=resumable)
    phase = _PHASES.get(word, Phase.RUNNING)
    if phase is Phase.RUNNING:
        return State(phase, "running" if word == "RUNNING" else word.lower())
    if reason in _NEVER or _NEVER_BY_LIMIT.fullmatch(reason):
        words = _NEVER.get(reason, "it asks for more than a limit of its account or QOS admits")
        return State(phase, f"it can never start: {words} ({reason})", hopeless=True)
    words = _WAITS.get(reason, "it waits")
    return State(phase, f"{words} ({reason})")
