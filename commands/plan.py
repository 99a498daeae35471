"""``sftc plan``."""

import sys
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import report
from ..diagnostics import Diagnostic
from ..disk import files
from ..report import ComparisonFormat, Format
from ..workspace.contents import Found
from ..workspace.scopes import Scopes
from ..workspace.workers import each
from .kinds import Kind, refuse_others
from .options import ChatTemplate, DataRoot
from .streams import colour, configs_at, exit_code, put, say_skipped, show, usage, width
from .wrong_use import near

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..datasets import Measured
    from ..job.shapes import Shape
    from ..planning import Plan
    from ..workspace.planning import Task

Jobs = Annotated[
    list[str],
    typer.Argument(
        metavar="[CONFIG|PAYLOAD]...",
        help="Configs, payloads or folders of configs; `-` reads standard input. Default: the "
        "configs that the nearest settings name, otherwise all in the repository.",
    ),
]


def plan(
    jobs: Jobs = [],  # noqa: B006 - typer copies it
    model_config: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The model's config.json; it is used for every job."),
    ] = None,
    models: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Look for models below DIR: DIR/NAME/config.json."),
    ] = None,
    gpu: Annotated[
        str | None,
        typer.Option(metavar="GPU", help="Plan for this GPU instead of the config's."),
    ] = None,
    tokenizer: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Count tokens with this tokenizer: a folder, or a model on the Hugging Face Hub.",
        ),
    ] = None,
    chat_template: ChatTemplate = None,
    data_root: DataRoot = None,
    form: Annotated[
        ComparisonFormat,
        typer.Option(
            "--format", help="Text, Markdown for a pull request, or JSON with a line for each job."
        ),
    ] = Format.TEXT,
) -> None:
    """Estimate memory, steps and disk of jobs.

    Tells whether each job fits its GPUs, before any are rented. For a job that does not fit,
    it shows the cheapest changes that make it fit, as lines of its config.

    Exit codes: 0 all fit; 1 a job does not fit or has errors; 2 wrong usage or unreadable input.
    """
    refuse_others(jobs, Kind.CONFIG, Kind.PAYLOAD)
    from ..planning import render
    from ..workspace.planning import Options, plan_file

    if chat_template is not None and tokenizer is None:
        usage("--chat-template needs --tokenizer")
    _check_gpu(gpu)
    if models is not None and not models.is_dir():
        usage(f"--models {models}: there is no such folder")
    folder = None if models is None else str(models)
    options = Options(_shape(model_config), folder, gpu, refusals=refusals)
    scopes = Scopes(None, data_root)
    at = configs_at(jobs, scopes)
    tasks = _tasks(jobs, at, scopes)
    measure = _counting(tokenizer, chat_template)
    lists = form is not Format.JSON and len(tasks) > 1  # which show no suggestion
    work = partial(plan_file, options=options._replace(suggests=not lists), measure=measure)
    done = list(map(work, tasks) if measure else each(work, tasks))
    made = [(task, result.plan) for task, result in zip(tasks, done, strict=True) if result.plan]
    plans = [plan for _, plan in made]
    if lists and len(plans) == 1:  # the others are no configs
        again = plan_file(made[0][0], options=options, measure=measure)
        plans = [again.plan or plans[0]]
    _show_errors([*scopes.problems, *at.problems], plans, form)
    text = render(form, plans, colour=colour(sys.stdout), width=width(sys.stdout))
    if form is Format.TEXT:
        show(text, sys.stdout)
    else:
        put(text)
    say_skipped([result.name for result in done if result.plan is None])
    failed = bool(scopes.problems or at.problems) or any(plan.fails for plan in plans)
    found = [*at.problems, *(one for plan in plans for one in plan.diagnostics)]
    raise typer.Exit(exit_code(found, jobs, failed=failed))


def _tasks(jobs: list[str], at: Found, scopes: Scopes) -> "list[Task]":
    from ..workspace.planning import Task

    named = [name for name in at.artifacts if name in jobs]
    found = []
    for name in (*at.configs, *named):
        scope = scopes.of(name)
        is_named = name in at.named or name in named
        artifact = None if name in named or name == files.STDIN else scope.rule.claim(name)
        gate = None if is_named else scope.gate
        data = scope.data.from_here()
        settings = scope.settings
        found.append(Task(name, gate, data, artifact, scope.gate, settings.plan, settings.ignore))
    return found


def refusals(payload: "Mapping[str, Any]") -> frozenset[str]:
    """Return why our trainer refuses a payload, each as a code and a field."""
    from ..training.recipe import recipe_for

    return frozenset(f"{each.code} {each.pointer}" for each in recipe_for(payload).refused)


def _check_gpu(name: str | None) -> None:
    from ..job.planned import room_of

    if name is not None and room_of(name) is None:
        from ..job.gpus import all_gpus

        meant = near(name, [gpu.name for gpu in all_gpus()])
        usage(f"the memory of the GPU `{name}` is not known{meant}")


def _shape(model_config: str | None) -> "Shape | None":
    if model_config is None:
        return None
    from ..workspace.shapes import Unfound, shape_in_file

    shape = shape_in_file(model_config)
    if isinstance(shape, Unfound):
        usage(shape.why)
    return shape


def _counting(tokenizer: str | None, template: Path | None) -> "Callable[..., Measured] | None":
    """Return what measures a dataset with its tokens, each only once for all jobs."""
    if tokenizer is None:
        return None
    from .tokenizers import loaded  # an extra

    of = loaded(tokenizer, template)
    from ..datasets.tokens import measure_tokens

    def measure(name: str, *, head: int | None, length: int | None) -> "Measured":
        return measure_tokens(name, of, head=head, length=length)

    return cache(measure)


def _show_errors(problems: list[Diagnostic], plans: "list[Plan]", form: ComparisonFormat) -> None:
    """Show why there is no plan of a file; to programs, a plan has its own findings."""
    errors = [one for plan in plans if plan.planned is None for one in plan.diagnostics]
    found = problems if form is Format.JSON else [*problems, *dict.fromkeys(errors)]
    sources = {plan.file: plan.text for plan in plans if plan.planned is None}
    show(report.render(Format.TEXT, found, sources, colour=colour(sys.stderr)), sys.stderr)
