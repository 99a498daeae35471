"""What is done in the process of a trainer to see what it makes of it."""

import errno
import os
from pathlib import Path
from typing import Any, NoReturn


def fill_the_disk() -> None:
    """Make the second checkpoint end in a full disk, in its middle."""
    import torch

    save = torch.save

    def full(what: Any, path: Any, *arguments: Any, **more: Any) -> None:
        if "checkpoint-6" in str(path) and str(path).endswith("optimizer.pt"):
            Path(path).write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        save(what, path, *arguments, **more)

    torch.save = full


def fill_the_disk_as_safetensors_says_it() -> None:
    import safetensors.torch
    from transformers import modeling_utils

    save = modeling_utils.safe_save_file

    def full(what: Any, path: Any, *arguments: Any, **more: Any) -> None:
        if "checkpoint-6" in str(path):
            Path(path).write_bytes(b"half")
            message = "Error while serializing: I/O error: No space left on device (os error 28)"
            raise safetensors.SafetensorError(message)
        save(what, path, *arguments, **more)

    modeling_utils.safe_save_file = full


def fill_memory() -> None:
    from transformers import Trainer

    def step(*_arguments: Any, **_more: Any) -> NoReturn:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't "
                           "allocate memory: you tried to allocate 400 bytes.")  # fmt: skip

    Trainer.training_step = step


def break_the_trainer() -> None:
    from transformers import Trainer

    def step(*_arguments: Any, **_more: Any) -> NoReturn:
        raise RuntimeError("a defect")

    Trainer.training_step = step


def lose_the_loss() -> None:
    """Make the loss no number, from the third step on; a step has two micro-batches."""
    from transformers import Trainer

    step, calls = Trainer.training_step, []

    def lost(*arguments: Any, **more: Any) -> Any:
        calls.append(1)
        return step(*arguments, **more) * (float("nan") if len(calls) > 4 else 1.0)

    Trainer.training_step = lost


def wait_for_nobody() -> None:
    """Make a trainer give up at once if another one is at work."""
    from sftc.training import program

    program._PATIENCE = 0.0  # type: ignore[misc]  # noqa: SLF001


def fill_memory_of_the_second_process() -> None:
    """Make one of two processes run out of memory at its third micro-batch."""
    from transformers import Trainer

    step, calls = Trainer.training_step, []

    def full(*arguments: Any, **more: Any) -> Any:
        calls.append(1)
        if os.environ["RANK"] == "1" and len(calls) == 3:
            raise MemoryError
        return step(*arguments, **more)

    Trainer.training_step = full
