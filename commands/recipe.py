"""``sftc recipe``."""

import sys
from typing import Annotated, Literal, NoReturn

import typer

from .. import report
from ..diagnostics import Diagnostic, Finding, codes
from ..disk import files
from ..payloads import Payload
from ..report import Format, TextOrJson
from ..training.recipe import Library, World, recipe_for
from .configs import is_config
from .kinds import Kind, refuse_others
from .streams import colour, put, show


def recipe(
    payload: Annotated[
        str, typer.Argument(metavar="PAYLOAD", help="A compiled payload; `-` reads standard input.")
    ],
    device: Annotated[
        Literal["cuda", "cpu"], typer.Option(help="Whether to train on GPUs or on the CPU.")
    ] = "cuda",
    nodes: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Machines available. Default: as many as the payload asks for."
        ),
    ] = None,
    gpus: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="GPUs per machine, or processes on a CPU. Default: as the payload asks for.",
        ),
    ] = None,
    gpu: Annotated[
        list[str],
        typer.Option(metavar="GPU", help="A GPU available, if not the payload's; repeatable."),
    ] = [],  # noqa: B006 - typer copies it
    without: Annotated[
        list[Library],
        typer.Option(
            metavar="LIBRARY", help="Assume that this library is not installed; repeatable."
        ),
    ] = [],  # noqa: B006 - as above
    form: Annotated[
        TextOrJson, typer.Option("--format", help="A table, or JSON as the trainer reads it.")
    ] = Format.TEXT,
) -> None:
    """Show what a trainer does with each field.

    Each field of the payload is set, noted or refused. Nothing is trained, and no trainer has
    to be installed.

    Exit codes: 0 every field can be trained; 1 a field is refused; 2 wrong usage or unreadable
    input.
    """
    refuse_others([payload], Kind.PAYLOAD, Kind.CONFIG, folders=False)
    world = World(device, nodes, gpus, tuple(gpu), frozenset(without))
    made = recipe_for(_read(payload).value, world)
    if form is Format.JSON:
        put(made.to_json().decode())
    else:
        shown = files.shown_name(payload)
        show(report.recipe_as_text(shown, made.as_object()), sys.stdout)
    raise typer.Exit(1 if made.refused else 0)


def _read(name: str) -> Payload:
    """Return the payload in a file; exit with 2 if there is none."""
    from .. import payloads
    from ..diagnostics.catalogue import diagnose

    shown, data = files.shown_name(name), files.read_artifact(name)
    if isinstance(data, Diagnostic):
        _unreadable([data], {})
    text = data.decode("utf-8", "replace")
    if is_config(name, text):
        config = "CONFIG" if name == files.STDIN else name
        hint = f"compile it first: `sftc compile {config} > job.json`, then: `sftc recipe job.json`"
        finding = Finding(codes.PAYLOAD_NOT_JSON, words={"reason": "it is a config"}, hint=hint)
        _unreadable([diagnose(finding, shown)], {})
    found = payloads.read(data, name=shown)
    if not isinstance(found, Payload):
        _unreadable(list(found), {shown: text})
    return found


def _unreadable(found: list[Diagnostic], sources: dict[str, str]) -> NoReturn:
    show(report.render(Format.TEXT, found, sources, colour=colour(sys.stderr)), sys.stderr)
    raise typer.Exit(2)
