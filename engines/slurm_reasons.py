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
    "BOOT_FAIL": ("its nodes failed to boot", True),
    "CANCELLED": ("it was cancelled in Slurm", False),
    "COMPLETED": ("Slurm reports it as completed, but it left no exit status", False),
    "DEADLINE": ("it reached its deadline in Slurm", False),
    "FAILED": ("it failed before the trainer started; see the log", False),
    "NODE_FAIL": ("one of its nodes failed", True),
    "OUT_OF_MEMORY": ("it used more memory than Slurm allocated to it", False),
    "PREEMPTED": ("it was preempted", True),
    "REVOKED": ("it runs on another cluster", False),
    "TIMEOUT": ("it reached its time limit in Slurm", True),
}
"""Why a job ended that could not say so itself, and whether it can go on."""

_NEVER: Final[Mapping[str, str]] = {
    "AccountNotAllowed": "its account is not allowed in the partition",
    "BadConstraints": "no nodes have the resources it requests",
    "DependencyNeverSatisfied": "it depends on a job that failed",
    "InvalidAccount": "its account is unknown to Slurm",
    "InvalidQOS": "its QOS is unknown to Slurm",
    "JobArrayTaskLimit": "its job array has reached its task limit",
    "PartitionConfig": "it requests more resources than its partition has",
    "PartitionNodeLimit": "it requests more nodes than its partition has or allows",
    "PartitionTimeLimit": "it requests more time than its partition allows",
    "QOSNotAllowed": "its QOS is not allowed for the partition or the account",
    "QOSTimeLimit": "it requests more time than its QOS allows",
}

_NEVER_BY_LIMIT: Final = re.compile(r"(Assoc|QOS)(Min\w+|Max\w*(PerJob|PerNode|WallDuration)\w*)")
"""Limits of one job by itself; limits of all jobs together are met when others end."""

_WAITS: Final[Mapping[str, str]] = {
    "BeginTime": "Slurm will restart it soon",
    "Dependency": "it waits for an earlier job of its name",
    "JobHeldAdmin": "an administrator put it on hold",
    "JobHeldUser": "it is on hold",
    "None": "Slurm has not scheduled it yet",
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
        words = _NEVER.get(reason, "it exceeds a limit of its account or QOS")
        return State(phase, f"it can never start: {words} ({reason})", hopeless=True)
    words = _WAITS.get(reason, "it waits")
    return State(phase, f"{words} ({reason})")
