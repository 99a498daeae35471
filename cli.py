"""The command line: arguments in, one call, streams and exit code out.

Payloads go to standard output, everything else to standard error. Exit codes: 0 fine,
1 findings, 2 usage, 3 the backend or the network failed.
"""

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from . import __version__, files, report, schemas
from .compiler import Compilation, compile_config
from .diagnostics import Diagnostic, Severity



class Form(StrEnum):
    """How to show what was found."""

    TEXT = "text"
    JSON = "json"


app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,  # plain help: brackets stay, and nothing heavy is imported
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Configs = Annotated[
    list[str], typer.Argument(metavar="CONFIG", help="TOML configs; `-` is standard input.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Let warnings fail, as errors do.")]


def main() -> NoReturn:
    """Run ``sftc`` with the arguments of this process, and exit."""
    try:
        app(prog_name="sftc")
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(0)


@app.callback(invoke_without_command=True)
def _sftc(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Compile TOML configs of fine-tuning jobs into canonical JSON payloads.

    `sftc compile config.toml > job.json` writes the payload to review and submit;
    `sftc lint config.toml` says what is wrong with a config, and where.
    """
    if version:
        typer.echo(f"sftc {__version__}")
        raise typer.Exit


@app.command("compile")
def compile_(
    configs: Configs,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the payload to FILE."),
    ] = None,
    out_dir: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write the payload of a/b.toml to DIR/a/b.job.json, for each config.",
        ),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The training dataset, in place of [job].data."),
    ] = None,
    pin: Annotated[
        bool,
        typer.Option("--pin", help="Read the datasets and record their digest, size and rows."),
    ] = False,  # noqa: FBT002 - a flag of the command line
    examples: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Pin the first N rows of the training dataset only."
        ),
    ] = None,
    strict: Strict = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Compile configs into canonical JSON payloads.

    One config goes to standard output, or to -o FILE; several go to --out-dir DIR. A config
    with errors has no payload: nothing is written for it, and the exit code is 1.
    """
    targets = _targets(configs, output, out_dir)
    if dataset is not None and not dataset.strip():
        _usage("--dataset is blank")
    pinned = pin or examples is not None  # --examples says what to pin
    compiled = [_compile(config, dataset, pinned, examples) for config in configs]
    _report([d for result, _ in compiled for d in result.diagnostics], dict(t for _, t in compiled))
    failed = False
    for (result, _), target in zip(compiled, targets, strict=True):
        if result.payload_bytes is None or _fails(result.diagnostics, strict=strict):
            failed = True
        elif target is None:
            sys.stdout.buffer.write(result.payload_bytes)
            sys.stdout.buffer.flush()
        else:
            _write(target, result.payload_bytes)
    raise typer.Exit(1 if failed else 0)


@app.command()
def lint(
    configs: Configs,
    strict: Strict = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Say what is wrong with configs, and where.

    The exit code is 1 if there is an error, or with --strict a warning.
    """
    compiled = [_compile(config, None) for config in configs]
    diagnostics = [d for result, _ in compiled for d in result.diagnostics]
    _report(diagnostics, dict(source for _, source in compiled))
    raise typer.Exit(1 if _fails(diagnostics, strict=strict) else 0)


@app.command()
def data(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE", help="JSONL datasets, also *.gz and *.zst; `-` is standard input."
        ),
    ],
    form: Annotated[
        Form, typer.Option("--format", help="For people, or one JSON object a file.")
    ] = Form.TEXT,
    max_errors: Annotated[
        int, typer.Option(metavar="N", min=0, help="Show at most N findings of a file.")
    ] = 20,
    examples: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Look at the first N rows only.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Processes that share the work; by default one a core."),
    ] = None,
) -> None:
    """Check, measure and pin datasets.

    The exit code is 0 when all are valid, 1 when one is not; warnings are allowed.
    """
    # Imported here because no other command needs them.
    from .datasets import measure, size
    from .progress import progress

    valid = True
    for name in names:
        with progress(name, size(name)) as bar:
            measured = measure(name, head=examples, most=max_errors, jobs=jobs, progress=bar)
        valid = valid and measured.valid
        if form is Form.JSON:
            sys.stdout.buffer.write(report.dataset.as_json(measured.facts(), measured.diagnostics))
            continue
        _report(measured.diagnostics, {})
        sys.stderr.write(report.dataset.unseen(measured.unseen))
        typer.echo(
            report.dataset.summary(measured.facts(), histogram=sys.stdout.isatty()), nl=False
        )
    raise typer.Exit(0 if valid else 1)


@app.command()
def schema(
    name: Annotated[schemas.Name, typer.Argument(help="The format whose schema to print.")],
) -> None:
    """Print the JSON Schema of a format, for editors and other tools."""
    sys.stdout.buffer.write(schemas.text(name))


def _compile(
    config: str, dataset: str | None, pinned: bool = False, examples: int | None = None
) -> tuple[Compilation, tuple[str, str]]:
    """Return what a config compiles to, and its name with its text."""
    name = "<stdin>" if config == files.STDIN else config
    data = files.read_config(config)
    if isinstance(data, Diagnostic):
        return Compilation(None, None, (data,)), (name, "")
    if pinned:
        # Imported here because reading datasets needs more than compiling.
        from .pinning import compile_pinned

        result = compile_pinned(data, filename=name, dataset=dataset, head=examples)
    else:
        result = compile_config(data, filename=name, dataset=dataset)
    return result, (name, data.decode("utf-8", "replace"))


def _targets(
    configs: Sequence[str], output: Path | None, out_dir: Path | None
) -> list[Path | None]:
    """Return the file that each payload goes to; None is standard output."""
    if output and out_dir:
        _usage("-o and --out-dir exclude each other")
    if output:
        if len(configs) > 1:
            _usage("-o takes one config; use --out-dir for several")
        if configs[0] != files.STDIN and output.resolve() == Path(configs[0]).resolve():
            _usage(f"-o {output} would overwrite the config itself")
        return [output]
    if out_dir:
        try:
            targets = [files.artifact_path(config, out_dir) for config in configs]
        except ValueError as error:
            _usage(str(error))
        claimed: dict[str, str] = {}
        for config, target in zip(configs, targets, strict=True):
            # Some file systems do not tell upper from lower case.
            other = claimed.setdefault(str(target).casefold(), config)
            if Path(other).resolve() != Path(config).resolve():
                _usage(f"{other} and {config} would both be written to {target}")
        return list(targets)
    if len(configs) > 1:
        _usage("several configs need --out-dir DIR: standard output takes one payload")
    return [None]


def _write(target: Path, data: bytes) -> None:
    try:
        files.write(target, data)
    except OSError as error:
        typer.echo(f"sftc: cannot write {target}: {error.strerror}", err=True)
        raise typer.Exit(1) from None


def _report(diagnostics: Sequence[Diagnostic], sources: dict[str, str]) -> None:
    text = report.text(diagnostics, sources, colour=_colour())
    sys.stderr.write(text)


def _colour() -> bool:
    """Whether standard error takes colours: NO_COLOR, then FORCE_COLOR, then the terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stderr.isatty()


def _fails(diagnostics: Sequence[Diagnostic], *, strict: bool) -> bool:
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return any(diagnostic.severity in failing for diagnostic in diagnostics)


def _usage(message: str) -> NoReturn:
    typer.echo(f"sftc: {message}", err=True)
    raise typer.Exit(2)
