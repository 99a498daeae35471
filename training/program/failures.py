"""Why a training ends without a result, in words for people and a code for programs."""

import errno
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import torch

from ...jobfolder import Exit

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_SAYS_FULL: Final = ("No space left on device", "Disk quota exceeded", "os error 28")
_SAYS_WRITE: Final = ("PytorchStreamWriter", "unexpected pos", "file write failed")
"""What torch says of any failed write."""
_SAYS_MEMORY: Final = ("out of memory", "can't allocate memory", "not enough memory")
_ROOM: Final = 64 * 1024 * 1024
"""Bytes below which a failed write is the disk's fault, if torch does not say why it failed."""


class JobError(Exception):
    """A training ends.

    Attributes:
        code: what happened, for programs.
        exit: the exit code.
        pointer: the field of the payload that it is about.

    """

    def __init__(
        self, message: str, code: str, exit_code: Exit = Exit.FAILED, pointer: str | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.exit, self.pointer = code, exit_code, pointer


class DivergedError(Exception):
    """A measure is no number any more.

    Attributes:
        step: the step at which it was seen.
        names: the measures.

    """

    def __init__(self, step: int, names: list[str]) -> None:
        super().__init__(f"{' and '.join(names)} at step {step:,} is not a number")
        self.step, self.names = step, names


class InterruptedTrainingError(Exception):
    """It was asked to stop."""


def named(error: BaseException, folder: Path) -> JobError | None:
    """Return a failure of the machine in words; None if it is a defect.

    Args:
        error: what was raised.
        folder: where the files of the job are.

    """
    chain = list(_chain(error))
    if any(_is_full(one, folder) for one in chain):
        return JobError(
            "the disk is full; free some space, and it resumes when it is restarted",
            "disk-full",
            Exit.INTERRUPTED,
        )
    if any(_is_out_of_memory(one) for one in chain):
        return JobError(
            "out of memory: reduce per_device_batch or sequence_length, or use "
            "activation_checkpointing or QLoRA",
            "out-of-memory",
        )
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_full(error: BaseException, folder: Path) -> bool:
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    text = str(error)
    if any(words in text for words in _SAYS_FULL):
        return True
    said = any(words in text for words in _SAYS_WRITE)
    return said and shutil.disk_usage(folder).free < _ROOM


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _SAYS_MEMORY)
