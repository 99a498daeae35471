"""What happens while it trains, told to the journal; and the wish to stop, heard after a step."""

import math
import resource
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from transformers import TrainerCallback

from ...jobfolder import Kind
from . import checkpoints
from .failures import DivergedError, InterruptedTrainingError
from .journal import Journal

NAMES: Final[Mapping[str, str]] = {
    "loss": "train.loss",
    "learning_rate": "train.learning_rate",
    "grad_norm": "train.grad_norm",
    "eval_loss": "val.loss",
    "eval_mean_token_accuracy": "val.mean_token_accuracy",
}
"""Measures of transformers, and their names in a journal."""


class Stop:
    """Whether somebody asked for an end: SIGTERM or SIGINT."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: Any) -> None:
        self.asked = True

    def check(self) -> None:
        """End here if somebody asked for it.

        Raises:
            InterruptedTrainingError: somebody did.

        """
        if self.asked:
            raise InterruptedTrainingError

    def agreed(self, device: Any) -> bool:
        """Whether any process was asked: all of them have to stop after the same step."""
        if not torch.distributed.is_initialized():
            return self.asked
        asked = torch.tensor([int(self.asked)], device=device)
        torch.distributed.all_reduce(asked, op=torch.distributed.ReduceOp.MAX)
        return bool(asked.item())


class Telling(TrainerCallback):  # type: ignore[misc]  # transformers is not typed here
    """Tells the journal."""

    def __init__(self, journal: Journal, folder: Path, facts: dict[str, Any]) -> None:
        """Begin.

        Args:
            journal: the journal.
            folder: where the checkpoints are.
            facts: what to tell of the start.

        """
        self._journal, self._folder, self._facts = journal, folder, facts
        self._began = self._tokens = 0.0
        self._seconds = self._rate = 0.0

    def on_train_begin(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Tell the start."""
        best = self._folder / f"checkpoint-{state.best_global_step}"
        if best.is_dir():  # the folder may have moved since
            state.best_model_checkpoint = str(best)
        self._journal.tell(
            Kind.START,
            facts={
                "resumed_from": state.global_step or None,
                "total_steps": state.max_steps,
                **self._facts,
            },
        )

    def on_step_begin(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Remember when it began."""
        self._began, self._tokens = time.perf_counter(), state.num_input_tokens_seen

    def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Measure how long it took."""
        self._seconds = time.perf_counter() - self._began
        self._rate = (state.num_input_tokens_seen - self._tokens) / max(self._seconds, 1e-9)

    def on_log(
        self, args: Any, state: Any, _control: Any, logs: dict[str, float] | None = None, **_: Any
    ) -> None:
        """Tell the values of a step, or of an evaluation.

        Raises:
            DivergedError: one is not finite.

        """
        found = logs or {}
        values = {NAMES[name]: float(value) for name, value in found.items() if name in NAMES}
        if not values or "train_loss" in found:  # the last of all, over the whole training
            return
        wrong = [name for name, value in values.items() if not math.isfinite(value)]
        if args.fp16 and wrong == ["train.grad_norm"]:  # loss scaling skips such a step
            del values["train.grad_norm"]
        elif wrong:
            raise DivergedError(state.global_step, wrong)
        if "train.loss" not in values:
            self._journal.tell(Kind.EVALUATION, step=state.global_step, values=values)
            return
        values |= {
            "train.tokens_per_second": round(self._rate, 1),
            "train.seconds": round(self._seconds, 4),
            "train.memory": float(_memory()),
        }
        self._journal.tell(Kind.STEP, step=state.global_step, values=values)

    def on_save(self, args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Tell that a checkpoint is on the disk."""
        if args.should_save:
            checkpoints.sync(self._folder / f"checkpoint-{state.global_step}")
        facts = {"best": state.best_global_step, "best_metric": state.best_metric}
        self._journal.tell(Kind.SAVED, step=state.global_step, facts=facts)


class Pausing(TrainerCallback):  # type: ignore[misc]  # as above
    """Saves and ends the training after a step, if somebody asked for it."""

    def __init__(self, stop: Stop) -> None:
        self._stop, self._pauses = stop, False

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Save and end; at the last step, the training ends anyway."""
        if state.global_step < state.max_steps and self._stop.agreed(args.device):
            self._pauses = control.should_save = control.should_training_stop = True

    def on_epoch_end(self, _args: Any, _state: Any, control: Any, **_: Any) -> None:
        """Neither evaluate nor save at the end of an epoch that was left in its middle."""
        if self._pauses:
            control.should_evaluate = control.should_save = False


class KeepingBest(TrainerCallback):  # type: ignore[misc]  # as above
    """Saves a checkpoint of each evaluation that is the best one so far."""

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: dict[str, float], **_: Any
    ) -> None:
        """Save, whatever the rhythm of saving."""
        if not args.load_best_model_at_end:
            return
        value, best = metrics[args.metric_for_best_model], state.best_metric
        if best is None or (value > best if args.greater_is_better else value < best):
            control.should_save = True


def _memory() -> int:
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # in KiB on Linux
