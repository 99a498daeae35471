"""One training: rows, model, transformers' Trainer, and the result that it leaves."""

import os
from pathlib import Path
from typing import Any

from accelerate import ParallelismConfig
from transformers import PrinterCallback, Trainer, TrainingArguments, set_seed
from transformers.utils.logging import disable_progress_bar

from ...datasets.tokens import TokenizerError, load
from ...diagnostics.pointers import pointer
from ...jobfolder import Exit, JobFolder, Kind
from ...payloads import fields
from ..recipe import Recipe
from ..rows import Rows, tokenized
from . import bases, checkpoints, inputs, models, result
from .batches import Collator, accuracy, ranked_first
from .callbacks import NAMES, KeepingBest, Pausing, Stop, Telling
from .failures import InterruptedTrainingError, JobError
from .journal import Journal
from .world import local_size, rank, size


def train(folder: JobFolder, at: Path | None, recipe: Recipe, journal: Journal, stop: Stop) -> None:
    """Train a job, and write its result.

    Args:
        folder: the job's.
        at: a folder of models by name.
        recipe: what to do.
        journal: what is told of it.
        stop: whether somebody asked for an end.

    Raises:
        JobError: it cannot be trained.
        RowsError: its data cannot be trained on.
        DivergedError: a measure is no number any more.
        InterruptedTrainingError: it was asked to stop; a checkpoint is there.

    """
    disable_progress_bar()
    _check_processes(recipe)
    base = models.find(recipe.model["name"], at)
    found = checkpoints.find(
        folder.checkpoints, needs_best=recipe.trainer["load_best_model_at_end"]
    )
    _keep_to(base, folder, recipe, journal, found)
    data = _data(folder, base, recipe, journal)
    stop.check()
    arguments = TrainingArguments(
        output_dir=str(folder.checkpoints), **_without_none(recipe.trainer), **_mesh(recipe)
    )
    if arguments.n_gpu > 1:  # else one process would train on all GPUs, as DataParallel does
        arguments._n_gpu = 1  # noqa: SLF001 - there is no other way
    set_seed(recipe.trainer["seed"])  # the first weights of an adapter
    model = models.load(base, recipe)
    stop.check()
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=data["training"].rows,
        eval_dataset=data["validation"].rows if "validation" in data else None,
        data_collator=Collator(models.padding(base)),
        callbacks=[
            Telling(journal, folder.checkpoints, _facts(model, recipe)),
            Pausing(stop),
            KeepingBest(),
        ],
        **_measures(recipe),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=_resumed(found, journal, trainer))
    if trainer.state.global_step < trainer.state.max_steps:
        raise InterruptedTrainingError
    result.write(trainer, folder, base, recipe, _metrics(trainer, data))


def _check_processes(recipe: Recipe) -> None:
    wanted = recipe.launch["nodes"] * recipe.launch["processes_per_node"]
    if wanted != size():
        message = f"{size()} processes were started, but the job needs {wanted}"
        raise JobError(message, "processes", Exit.REFUSED, pointer(fields.GPU_COUNT))


def _data(folder: JobFolder, base: Path, recipe: Recipe, journal: Journal) -> dict[str, Rows]:
    paths = {"training": folder.training}
    if recipe.evaluated:
        paths["validation"] = folder.validation
    try:
        files = load(str(base))
    except TokenizerError as error:
        where = pointer(fields.MODEL)
        raise JobError(str(error), "tokenizer-unusable", Exit.REFUSED, where) from None
    found: dict[str, Rows] = {}
    processes = max(1, (os.cpu_count() or 1) // local_size())
    for name, path in paths.items():
        if not path.is_file():
            raise JobError(f"there is no {path.name}", "dataset-missing", Exit.REFUSED)
        rows = found[name] = tokenized(path, files, recipe.rows["max_length"], processes)
        journal.tell_once(Kind.DATA, facts=rows.facts(name))
        for what, count in sorted(rows.odd.items()):
            message = f"{path.name}: {count:,} row{'s' if count > 1 else ''}: {what}"
            journal.tell_once(Kind.NOTE, message=message)
    return found


def _without_none(settings: Any) -> dict[str, Any]:
    """Return settings; what is None is what transformers has for a default."""
    return {name: value for name, value in settings.items() if value is not None}


def _mesh(recipe: Recipe) -> dict[str, Any]:
    if recipe.parallelism is None:
        return {}
    return {"parallelism_config": ParallelismConfig(**recipe.parallelism)}


def _measures(recipe: Recipe) -> dict[str, Any]:
    """Return what measures more than the loss, which takes time, if a payload chooses by it."""
    if recipe.trainer.get("metric_for_best_model") in {None, "eval_loss"}:
        return {}
    return {"compute_metrics": accuracy, "preprocess_logits_for_metrics": ranked_first}


def _facts(model: Any, recipe: Recipe) -> dict[str, Any]:
    # A quantized weight holds two in a byte; PEFT counts them as they are.
    if hasattr(model, "get_nb_trainable_parameters"):
        trainable, parameters = model.get_nb_trainable_parameters()
    else:
        parameters = model.num_parameters()
        trainable = model.num_parameters(only_trainable=True)
    return {
        "device": recipe.world.device,
        "world": size(),
        "parameters": parameters,
        "trainable": trainable,
        "versions": result.versions(),
    }


def _keep_to(
    base: Path, folder: JobFolder, recipe: Recipe, journal: Journal, found: checkpoints.Found
) -> None:
    """Refuse to go on by other files or another base model; store them when a training begins."""
    name = recipe.model["name"]
    if found.newest:
        if changed := inputs.changed(folder):
            raise JobError(changed, "job-changed", Exit.REFUSED)
        unknown = bases.check(folder.checkpoints, name, base, found.newest.step)
        if unknown:
            journal.tell_once(Kind.NOTE, message=unknown)
    elif rank() == 0:
        inputs.record(folder)
        bases.record(folder.checkpoints, name, base)


def _resumed(found: checkpoints.Found, journal: Journal, trainer: Any) -> str | None:
    """Return the checkpoint to go on from, when all processes have found the same one."""
    trainer.accelerator.wait_for_everyone()
    for checkpoint, why in found.broken:
        journal.tell(
            Kind.NOTE, message=f"the checkpoint of step {checkpoint.step:,} is not used: {why}"
        )
        if rank() == 0:
            checkpoints.remove(checkpoint)
    return str(found.newest.path) if found.newest else None


def _metrics(trainer: Any, data: dict[str, Rows]) -> dict[str, Any]:
    """Return the measures of the result, and of which step it is."""
    state = trainer.state
    chosen = state.best_global_step if trainer.args.load_best_model_at_end else None
    step = chosen or state.global_step
    logged: dict[str, float] = {}
    for entry in state.log_history:
        if entry["step"] == step:
            logged |= entry
    told = ("train.loss", "val.loss", "val.mean_token_accuracy")
    return {
        "steps": state.global_step,
        "step": step,
        "best": chosen,
        "best_metric": state.best_metric if chosen else None,
        "values": {new: logged[old] for old, new in NAMES.items() if old in logged and new in told},
        "data": {name: rows.facts(name) for name, rows in data.items()},
    }
