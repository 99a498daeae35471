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
from .streams import colour, put, show


def recipe(
    payload: Annotated[
        str, typer.Argument(metavar="PAYLOAD", help="A compiled payload; `-` is standard input.")
    ],
    device: Annotated[
        Literal["cuda", "cpu"], typer.Option(help="Train on GPUs, or on a CPU.")
    ] = "cuda",
    nodes: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Machines that can be had; by default as asked for."),
    ] = None,
    gpus: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="GPUs of each machine; by default as asked for. On a CPU, processes.",
        ),
    ] = None,
    gpu: Annotated[
        list[str],
        typer.Option(metavar="NAME", help="A GPU that is there, if not the one asked for."),
    ] = [],  # noqa: B006 - typer copies it
    without: Annotated[
        list[Library],
        typer.Option(metavar="LIBRARY", help="A library that is not installed."),
    ] = [],  # noqa: B006 - as above
    form: Annotated[
        TextOrJson, typer.Option("--format", help="A table for people, or what the trainer reads.")
    ] = Format.TEXT,
) -> None:
    """Show what a trainer would be told by a payload, and what becomes of each field.

    Each field is set, noted or refused. Nothing is trained, and no trainer has to be installed.
    The exit code is 1 if a field is refused, and 2 if the payload cannot be read.
    """
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
