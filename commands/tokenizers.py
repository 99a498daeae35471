"""The tokenizer that a command is asked to use: named, or a config's."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from .streams import show, usage

if TYPE_CHECKING:
    from ..datasets.tokens import TokenizerFiles


def loaded(name: str, template: Path | None) -> "TokenizerFiles":
    """Return a tokenizer; exit with 2 if it cannot be used."""
    from ..datasets.tokens import TokenizerError, load

    try:
        return load(name, template)
    except TokenizerError as error:
        usage(str(error))


def model_and_length(config: str) -> tuple[str, int | None]:
    """Return the model and the sequence length that a config says; exit with 1 if it has errors."""
    import sys

    from .. import report
    from ..compiler import compile_config
    from ..diagnostics import Diagnostic
    from ..disk import files
    from ..payloads import fields
    from ..report import Format
    from .streams import colour

    data = files.read_config(config)
    name = files.shown_name(config)
    found: tuple[Diagnostic, ...]
    if isinstance(data, Diagnostic):
        payload, found, sources = None, (data,), {}
    else:
        result = compile_config(data, filename=name)
        payload, found = result.payload, result.diagnostics
        sources = {name: data.decode("utf-8", "replace")}
    if payload is None:
        show(report.render(Format.TEXT, found, sources, colour=colour(sys.stderr)), sys.stderr)
        raise typer.Exit(1)
    return fields.value_at(payload, fields.MODEL), fields.value_at(payload, fields.SEQUENCE_LENGTH)
