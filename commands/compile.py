"""``sftc compile``."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from .. import report
from ..compiler import Compilation, compile_config
from ..diagnostics import Diagnostic
from ..disk import files
from ..report import Format
from ..workspace import artifacts
from .options import Configs, OutDir, Strict
from .streams import (
    colour,
    configs_at,
    deliver,
    fails,
    say_written,
    settings,
    show,
    update,
    usage,
)


def compile_(
    configs: Configs = [],  # noqa: B006 - typer copies it
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the payload to FILE."),
    ] = None,
    out_dir: OutDir = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write each payload to its artifact.")
    ] = False,
    dataset: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The training dataset, in place of [job].data."),
    ] = None,
    pin: Annotated[
        bool, typer.Option("--pin", help="Record the digest, size and rows of the datasets.")
    ] = False,
    examples: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Pin the first N rows of the training dataset."),
    ] = None,
    strict: Strict = False,
) -> None:
    """Compile configs into canonical JSON payloads.

    One config goes to standard output, or to -o FILE; several go to their artifacts, with
    --write or --out-dir DIR. A config with errors has no payload: nothing is written for it,
    and the exit code is 1.
    """
    settled = settings()
    if not configs and not write and out_dir is None:
        usage("name a config, or compile those of the repository with --write")
    rule = settled.rule(out_dir) if write or out_dir is not None else None
    at = configs_at(configs, settled)
    configs = at.configs
    targets = _targets(configs, output, rule)
    if dataset is not None and not dataset.strip():
        usage("--dataset is blank")
    compiler: Callable[..., Compilation] = compile_config
    # To say which rows to pin is to ask for it; the settings are about artifacts.
    if pin or examples is not None or (rule and settled.pin):
        from ..workspace.pinning import compile_pinned

        compiler = partial(compile_pinned, head=examples)
    failed = False
    sources: dict[str, str] = {}
    found: list[Diagnostic] = []
    written: list[Path] = []
    for config, target in zip(configs, targets, strict=True):
        result = _compile(config, partial(compiler, dataset=dataset), sources)
        if result.foreign and config not in at.named:  # a folder may hold other TOML files, too
            found.append(result.foreign)
            continue
        found += result.diagnostics
        if result.payload_bytes is None or fails(
            result.diagnostics, strict=strict or settled.strict
        ):
            failed = True
        elif rule is None or target is None:
            deliver(result.payload_bytes, target)
        elif update(target, result.payload_bytes):
            written.append(target)
    show(report.render(Format.TEXT, found, sources, colour=colour(sys.stderr)), sys.stderr)
    say_written(written)
    raise typer.Exit(1 if failed else 0)


def _compile(
    config: str, compiler: Callable[..., Compilation], sources: dict[str, str]
) -> Compilation:
    """Return what a config compiles to; its text is added to the sources."""
    name, data = files.shown_name(config), files.read_config(config)
    if isinstance(data, Diagnostic):
        return Compilation((data,))
    sources[name] = data.decode("utf-8", "replace")
    return compiler(data, filename=name)


def _targets(
    configs: Sequence[str], output: Path | None, rule: artifacts.Rule | None
) -> Sequence[Path | None]:
    """Return the file that each payload goes to; None is standard output."""
    try:
        return artifacts.targets(configs, output, rule)
    except ValueError as error:
        usage(str(error))
