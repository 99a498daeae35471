"""What a config says of the data that `sftc data` looks at."""

import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

import typer

from .. import report
from ..diagnostics import Diagnostic
from ..report import Format
from .streams import colour, exit_code, show, usage


@cache  # a config on standard input comes once
def payload_of(config: str) -> Mapping[str, Any]:
    """Return the payload of a config; exit with 1 if it has errors."""
    from ..compiler import compile_config
    from ..disk import files

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
        raise typer.Exit(exit_code(found, [config], failed=True))
    return payload


def model_and_length(config: str) -> tuple[str, int | None]:
    """Return the model and the sequence length that a config says; exit with 1 if it has errors."""
    from ..payloads import fields

    payload = payload_of(config)
    return fields.value_at(payload, fields.MODEL), fields.value_at(payload, fields.SEQUENCE_LENGTH)


def datasets_of(config: str) -> tuple[str, str | None]:
    """Return the paths of the training and the validation dataset of a config.

    Exit with 1 if it has errors, and with 2 if it names no training dataset, or one outside.
    """
    from ..datasets import STDIN
    from ..disk.gate import RefusedError
    from ..payloads import dataset_files
    from ..workspace.scopes import Scopes

    gate = Scopes().of(config).data.from_here()
    files = dataset_files(payload_of(config))
    if "training" not in files:
        usage(f"{config} names no training dataset: set [job].data in it, or name a dataset")
    # To a config, standard input is a file of that name.
    paths = {
        use: f"./{STDIN}" if file["path"] == STDIN else file["path"] for use, file in files.items()
    }
    for path in paths.values():
        try:
            gate.resolve(path)
        except RefusedError as refused:
            usage(f"{path}, which {config} names, {refused}; to read it, name it: sftc data {path}")
        except (OSError, ValueError):  # whoever reads it says why it cannot
            continue
    return paths["training"], paths.get("validation")
