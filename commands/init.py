"""``sftc init``."""

from pathlib import Path
from typing import Annotated

import typer

from ..disk.files import STDIN
from ..disk.writing import is_stream
from ..starter import Kind, starter
from .init_choices import Choices, chosen
from .init_repository import Ci, placed
from .init_writing import write_all
from .streams import say, say_written, usage, write


def init(
    path: Annotated[Path, typer.Argument(metavar="[FILE]", help="The config to write.")] = Path(
        "sft.toml"
    ),
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME|DIR", help="The base model: a Hugging Face name or a folder."),
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="FILE", help="The training dataset, which is checked.")
    ] = None,
    validation: Annotated[
        str | None, typer.Option(metavar="FILE", help="The validation dataset.")
    ] = None,
    gpu: Annotated[
        str | None,
        typer.Option(metavar="TYPE[xN]", help="The GPUs to fit the job to: H100, or L4x4."),
    ] = None,
    kind: Annotated[
        Kind | None,
        typer.Option(
            show_default="qlora",
            help="The kind of fine-tuning; without it, another if only that fits.",
        ),
    ] = None,
    repository: Annotated[
        bool,
        typer.Option(
            "--repository",
            help="Also write sftc.toml here, one schema for all configs, and .gitattributes.",
        ),
    ] = False,
    hooks: Annotated[
        bool, typer.Option("--hooks", help="Also write hooks for pre-commit that lint and compile.")
    ] = False,
    ci: Annotated[
        Ci | None,
        typer.Option(help="Also write a CI job that lints, checks, and shows what changes."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing at a terminal.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite the config and its schema.")
    ] = False,
) -> None:
    """Write a commented config to start from, sized to fit the model on the GPU.

    At a terminal, init asks for the model, the data and the GPU that no option names. All files
    are written, or none. The exit code is 1 if nothing fits the GPU.
    """
    given = Choices(path, model, data, validation, gpu, kind)
    if is_stream(path):  # nothing to overwrite, and no place for a schema beside it
        write(path, starter(chosen(given).start).encode())
        return
    if str(path) == STDIN:
        usage("name a file to write, as in `sftc init sft.toml`")
    keeps = path.exists() and not force
    if keeps and (any(given[1:]) or not (repository or hooks or ci)):
        usage(f"{path} exists; --force overwrites it")
    # All conflicts are found before anything is asked, counted or written.
    files = placed(None if keeps else path, repository=repository, hooks=hooks, ci=ci, force=force)
    wanted, said = files.wanted, list(files.advice)
    if keeps:
        say(f"{path} exists, and is left as it is.")
    else:
        found = chosen(given if yes else _asked(given))
        wanted = {path: starter(found.start, schema=files.schema).encode(), **wanted}
        said += [*found.lines, *found.next_steps(repository=files.has_settings)]
    write_all(wanted)
    say_written(list(wanted))
    for line in said:
        say(line)


def _asked(given: Choices) -> Choices:
    from .init_questions import answered  # only people at a terminal are asked

    return answered(given)
