"""``sftc explain``."""

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from .. import report
from ..report import Format, TextOrJson
from .streams import colour, put, show, usage

if TYPE_CHECKING:
    from ..review.source_map import SourceMap

_MOST: Final = 3
"""Names that are suggested at most."""


def explain(
    config: Annotated[
        str, typer.Argument(metavar="CONFIG", help="A config, or REV:path; `-`: standard input.")
    ],
    asked: Annotated[
        str | None,
        typer.Argument(
            metavar="[POINTER or KEY]",
            help="A field, e.g. /hyperparameters/n_epochs, or a key, e.g. compute.gpu_type.",
        ),
    ] = None,
    form: Annotated[
        TextOrJson, typer.Option("--format", help="For people, or a source map for programs.")
    ] = Format.TEXT,
) -> None:
    """Say where each field of the payload comes from, and where each key of the config went.

    The exit code is 1 if the config has errors, and 2 if there is no such field or key.
    """
    from ..review import Side
    from ..review.as_json import dumps
    from ..review.source_map import as_objects, as_text, source_map
    from ..workspace.sides import open_side

    side = open_side(config)
    if not isinstance(side, Side):
        show(report.render(Format.TEXT, side, {}, colour=colour(sys.stderr)), sys.stderr)
        raise typer.Exit(1)
    if side.compiled is None:
        usage(f"{config} is a payload; only its config knows where its values come from")
    found = source_map(side)
    if asked is not None:
        found = _part(found, asked)
    if form is Format.TEXT:
        show(as_text(found), sys.stdout)
    else:
        put(dumps(as_objects(found)))


def _part(found: "SourceMap", asked: str) -> "SourceMap":
    from ..review.source_map import meant, resolve

    part = resolve(found, asked)
    if part is None:
        near = " or ".join(f"`{name}`" for name in meant(found, asked)[:_MOST])
        hint = f"; did you mean {near}?" if near else ""
        usage(f"neither the config nor its payload has `{asked}`{hint}")
    return part
