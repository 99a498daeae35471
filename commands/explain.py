"""``sftc explain``."""

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from .. import report
from ..report import Format, TextOrJson
from .kinds import Kind, refuse_others
from .streams import colour, exit_code, put, show, usage

if TYPE_CHECKING:
    from ..review.source_map import SourceMap

_MOST: Final = 3
"""Names that are suggested at most."""


def explain(
    config: Annotated[
        str,
        typer.Argument(
            metavar="CONFIG", help="A config, or REV:PATH in git; `-` reads standard input."
        ),
    ],
    asked: Annotated[
        str | None,
        typer.Argument(
            metavar="[KEY|FIELD]",
            help="Explain one key (compute.gpu_type) or one field of the payload "
            "(/hyperparameters/n_epochs).",
        ),
    ] = None,
    form: Annotated[
        TextOrJson, typer.Option("--format", help="Text, or a source map as JSON.")
    ] = Format.TEXT,
) -> None:
    """Trace payload fields back to config keys.

    Lists where each field of the payload comes from, and where each key of the config went.

    Exit codes: 0 success; 1 the config has errors; 2 no such key or field, or unreadable input.
    """
    refuse_others([config], Kind.CONFIG, folders=False)
    from ..review import Side
    from ..review.as_json import dumps
    from ..review.source_map import as_objects, as_text, source_map
    from ..workspace.sides import open_side

    side = open_side(config)
    if not isinstance(side, Side):
        show(report.render(Format.TEXT, side, {}, colour=colour(sys.stderr)), sys.stderr)
        raise typer.Exit(exit_code(side, [config], failed=True))
    if side.compiled is None:
        usage(f"{config} is a payload; name the config that it was compiled from")
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
        names = meant(found, asked)[:_MOST]
        if not any(name.endswith(f".{asked}") for name in names):
            _refuse_unset(asked)
        near = " or ".join(f"`{name}`" for name in names or _near(asked))
        hint = f"; did you mean {near}?" if near else ""
        usage(f"neither the config nor its payload has `{asked}`{hint}")
    return part


def _refuse_unset(asked: str) -> None:
    """Exit with 2 if the name is that of a key which this config does not set."""
    if unset := [key for key in _keys() if key == asked or key.endswith(f".{asked}")]:
        names = " and ".join(f"`{key}`" for key in unset)
        usage(f"{names} {'is' if len(unset) == 1 else 'are'} not set in this config")


def _near(asked: str) -> list[str]:
    """Return the keys of which the last part is a slip away from a name without a table."""
    from ..diagnostics.suggest import closest

    last = {key.rpartition(".")[2]: key for key in _keys()}
    return [last[name] for name in closest(asked, last)[:_MOST]]


def _keys() -> list[str]:
    """Return the keys that a config may have, dotted."""
    from .. import schemas

    def below(table: Mapping[str, Any], at: str) -> "Iterator[str]":
        for name, schema in schemas.resolved("config", table).get("properties", {}).items():
            yield f"{at}{name}"
            yield from below(schema, f"{at}{name}.")

    return list(below(schemas.load("config"), ""))
