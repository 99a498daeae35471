"""What ``sftc init`` makes of its options: what the config says, and what there is to say of it."""

import os
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import typer

from ..diagnostics import encodable, printable
from ..starter import Kind, Start
from .init_gpus import gpu_of
from .streams import say, usage

if TYPE_CHECKING:
    from ..job.shapes import Shape
    from ..planning.fitting import Fitted
    from .init_data import Dataset

_NAMES: Final = {
    Kind.QLORA: "QLoRA",
    Kind.LORA: "LoRA",
    Kind.FULL: "full fine-tuning",
}


class Choices(NamedTuple):
    """What was asked for, by options or answers; None: nothing was said.

    Attributes:
        path: the config to write.
        model: the name of the base model, or its folder.
        data: the training dataset.
        validation: the validation dataset.
        gpu: the GPU, and how many.
        kind: the kind of fine-tuning.

    """

    path: Path
    model: str | None = None
    data: str | None = None
    validation: str | None = None
    gpu: str | None = None
    kind: Kind | None = None


@dataclass(frozen=True)
class Chosen:
    """What becomes of it.

    Attributes:
        start: what the config says.
        lines: what people should know of it.
        path: the config.
        model_config: the ``config.json`` of a model that is a folder; None: it is found by name.
        dataset: the training dataset; None: nobody named one.
        conversions: commands that make our rows of the datasets.

    """

    start: Start
    lines: tuple[str, ...]
    path: Path
    model_config: str | None
    dataset: "Dataset | None"
    conversions: tuple[str, ...]

    def next_steps(self, *, repository: bool) -> list[str]:
        """Return what a person would do next, as commands that can be pasted.

        Args:
            repository: whether there are settings, so that artifacts have places of their own.

        """
        from .init_data import base_of

        base = base_of(self.path)  # its paths start there, and so do the commands that read them
        path = Path(os.path.relpath(self.path, base))
        config, artifact = _word(str(path)), _word(str(path.with_suffix(".job.json")))
        shape = f" --model-config {shlex.quote(self.model_config)}" if self.model_config else ""
        first = "Next:"
        if self.dataset is None or not self.dataset.is_there:
            place = printable(os.path.relpath(Path(base, self.start.data)))
            first = f"Put your data at {place}, one conversation a line, then:"
        commands = list(self.conversions)
        if (there := os.path.relpath(base)) != os.curdir:
            commands.append(f"cd {_word(there)}")
        commands += [
            f"sftc data check {_word(self.start.data)}",
            f"sftc lint {config}",
            f"sftc plan{shape} {config}",
        ]
        if repository:
            commands += ["sftc compile --write --pin", "sftc check"]
        else:
            commands += [f"sftc compile --pin {config} -o {artifact}", f"sftc submit {artifact}"]
            note = "`sftc backend serve` starts a backend here, and prints how to submit to it."
            return [first, *(f"  {command}" for command in commands), note]
        return [first, *(f"  {command}" for command in commands)]


def _word(path: str) -> str:
    """Return a path as a word of a shell, which no command takes for an option."""
    return shlex.quote(f"./{path}" if path.startswith("-") else path)


def chosen(given: Choices) -> Chosen:
    """Return what a config says for choices.

    Exits with 1 if nothing fits the GPU, and with 2 if a choice is none.
    """
    for name in ("model", "data", "validation"):
        value = getattr(given, name)
        if value is not None and not value.strip():
            usage(f"--{name} is blank")
        if value is not None and encodable(value) != value:
            usage(f"--{name} is not UTF-8, which a config has to be: {printable(value)}")
    gpu = _gpu(given.gpu)
    model, model_config = _model(given.model)
    start = Start(kind=given.kind or Kind.QLORA)
    if model is not None:
        start = replace(start, model=model)
    lines: list[str] = []
    conversions: list[str] = []
    dataset = None
    if given.data is not None or given.validation is not None:
        from .init_data import dataset_at, seen_from_base

        if given.data is not None:
            dataset = dataset_at(given.data)
            start = replace(start, data=seen_from_base(dataset.wanted, given.path), validation=None)
            lines.append(dataset.line)
            conversions += [dataset.conversion]
        if given.validation is not None:
            other = dataset_at(given.validation)
            start = replace(start, validation=seen_from_base(other.wanted, given.path))
            lines.append(other.line)
            conversions += [other.conversion]
    if gpu is not None or model is not None:
        name, count = gpu or (start.gpu, 0)
        start = replace(start, gpu=name, gpus=count)
        start, said = _fitted(start, given, model_config)
        lines += said
    converting = tuple(filter(None, conversions))
    return Chosen(start, tuple(lines), given.path, model_config, dataset, converting)


def _gpu(text: str | None) -> tuple[str, int] | None:
    if text is None:
        return None
    found = gpu_of(text)
    if isinstance(found, str):
        usage(found)
    return found


def _model(text: str | None) -> tuple[str | None, str | None]:
    """Return the model as a config names it, and its ``config.json`` if it is a folder."""
    if text is None or not Path(text).is_dir():
        return text, None
    folder = Path(text)
    name = folder.as_posix()
    is_plain = folder.is_absolute() or name.startswith("..")
    return name if is_plain else f"./{name}", str(folder / "config.json")


def _fitted(start: Start, given: Choices, model_config: str | None) -> tuple[Start, list[str]]:
    """Return a config that fits its GPU, and what to say of it."""
    from ..job.planned import Fits
    from ..planning.fitting import fitted

    shape, context = _shape(start.model, model_config)
    kinds = list(Kind) if given.kind is None else [given.kind]
    why = shape if isinstance(shape, str) else ""
    known = None if isinstance(shape, str) else shape
    found = fitted(start, known, kinds=kinds, context=context)
    if found.planned.fits is Fits.UNKNOWN:
        return found.start, [_unplanned(found, why)]
    if found.planned.fits is not Fits.FITS:
        say(f"sftc: {_too_large(found, given)}")
        raise typer.Exit(1)
    return found.start, _explained(found, start, given)


def _shape(model: str, model_config: str | None) -> tuple["Shape | str", int | None]:
    """Return the shape of a model, or why it is not known; and how many tokens it reads."""
    from ..job.models import lookup
    from ..workspace.shapes import Unfound, shape_for, shape_in_file

    found = shape_in_file(model_config) if model_config else shape_for(model, None)
    known = lookup(model)
    context = known.context if known else None
    if isinstance(found, Unfound) and model_config is None:
        why = f"the shape of {model} is not known; pass --model a folder with its config.json"
        return why, context
    return (found.why if isinstance(found, Unfound) else found), context


def _unplanned(found: "Fitted", why: str) -> str:
    reason = why or found.planned.reason or f"the memory of a {found.start.gpu} is not known"
    return f"Whether it fits could not be planned: {reason}."


def _explained(found: "Fitted", wanted: Start, given: Choices) -> list[str]:
    """Return what was chosen, why, and what it needs."""
    from ..planning.words import GIB, counted, gib

    start, need, room = found.start, found.planned.memory, found.planned.room
    amount = f"{gib(need.expected)} GiB of {room.memory // GIB}" if need and room else ""
    checkpointing = "with" if start.checkpointing else "without"
    said = (
        f"{_title(start)} of {start.model} on {start.count} × {start.gpu}: {amount}, "
        f"{counted(start.rows, 'row')} of {start.length:,} tokens at a time, "
        f"{checkpointing} activation checkpointing."
    )
    lines = [said]
    if start.length < min(wanted.length, 4096):
        lines.append(f"Longer rows than {start.length:,} tokens do not fit, and are cut.")
    if given.kind is None:
        others = [f"--kind {kind}" for kind in found.others]
        also = f"{' and '.join(others)} would fit, too" if others else "nothing else fits"
        why = "needs the least memory" if start.kind is Kind.QLORA else "is what fits"
        lines.append(f"{_title(start)} was chosen since it {why}; {also}.")
    return lines


def _too_large(found: "Fitted", given: Choices) -> str:
    from ..planning.words import GIB, gib

    planned, start = found.planned, found.start
    need, room = planned.memory, planned.room
    kind = _NAMES[start.kind]
    amounts = f" ({gib(need.expected)} GiB of {room.memory // GIB})" if need and room else ""
    text = f"{kind} of {start.model} does not fit {start.count} × {start.gpu}{amounts}"
    if given.kind is None:
        text = f"{text}, nor does any other kind of fine-tuning"
    smallest = planned.smallest
    if smallest is None:
        return f"{text}; no single GPU has that much"
    gpu = shlex.quote(smallest.name)
    return f"{text}; the smallest GPU that would do: --gpu {gpu} ({smallest.memory // GIB} GiB)"


def _title(start: Start) -> str:
    name = _NAMES[start.kind]
    return name[0].upper() + name[1:]
