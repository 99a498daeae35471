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
from ..disk.gate import Gate
from ..report import Format
from ..workspace import artifacts
from ..workspace.contents import is_foreign_file
from ..workspace.reading import read_config
from ..workspace.scopes import Scopes
from .options import Configs, DataRoot, OutDir, Strict
from .streams import (
    Written,
    colour,
    configs_at,
    deliver,
    fails,
    say_skipped,
    say_written,
    show,
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
    data_root: DataRoot = None,
    strict: Strict = False,
) -> None:
    """Compile configs into canonical JSON payloads.

    One config goes to standard output, or to -o FILE; several go to their artifacts, with
    --write or --out-dir DIR. A config with errors has no payload: nothing is written for it,
    and the exit code is 1.
    """
    if not configs and not write and out_dir is None:
        usage("name a config, or compile those of the repository with --write")
    if dataset is not None and not dataset.strip():
        usage("--dataset is blank")
    scopes = Scopes(out_dir, data_root)
    at = configs_at(configs, scopes)
    chosen = [config for config in at.configs if not scopes.of(config).settings.problems]
    by_rule = write or out_dir is not None
    targets = _targets(chosen, output, scopes, by_rule=by_rule) if chosen else []
    found = [*scopes.problems, *at.problems]
    failed = bool(found)
    sources: dict[str, str] = {}
    written = Written(scopes)
    skipped: list[str] = []
    for config, target in zip(chosen, targets, strict=True):
        scope = scopes.of(config)
        # To say which rows to pin is to ask for it; the settings are about artifacts.
        pinned = pin or examples is not None or (by_rule and scope.settings.pin)
        gate = scope.data if by_rule else scope.data.from_here()
        compiler = _pinning(examples, gate) if pinned else compile_config
        named = config in at.named
        data = read_config(config, None if named else scope.gate)
        result = _compile(config, data, partial(compiler, dataset=dataset), sources)
        if result.foreign and not named:  # a folder may hold other TOML files, too
            skipped.append(config)
            continue
        found += result.diagnostics
        if result.payload_bytes is None or fails(
            result.diagnostics, strict=strict or scope.settings.strict
        ):
            failed = True
        elif target is None or not by_rule:
            deliver(result.payload_bytes, target)
        else:
            written.put(str(target), result.payload_bytes)
    found += written.problems
    failed |= bool(written.problems)
    found = list(dict.fromkeys(found))  # several configs may name one dataset
    show(report.render(Format.TEXT, found, sources, colour=colour(sys.stderr)), sys.stderr)
    say_skipped(skipped)
    say_written(written.names)
    raise typer.Exit(1 if failed else 0)


def _pinning(examples: int | None, gate: Gate) -> Callable[..., Compilation]:
    from ..workspace.pinning import compile_pinned  # it loads the datasets

    return partial(compile_pinned, head=examples, gate=gate)


def _compile(
    config: str,
    data: bytes | Diagnostic,
    compiler: Callable[..., Compilation],
    sources: dict[str, str],
) -> Compilation:
    """Return what a config compiles to; its text is added to the sources."""
    if isinstance(data, Diagnostic):
        return Compilation((data,))
    name = files.shown_name(config)
    sources[name] = data.decode("utf-8", "replace")
    return compiler(data, filename=name)


def _targets(
    configs: Sequence[str], output: Path | None, scopes: Scopes, *, by_rule: bool
) -> Sequence[Path | None]:
    """Return the file that each payload goes to; None is standard output."""
    try:
        return artifacts.targets(
            configs,
            output,
            scopes.rule_of if by_rule else None,
            partial(is_foreign_file, scopes=scopes),
        )
    except ValueError as error:
        usage(str(error))
