"""The command line: arguments in, one call, streams and exit code out.

Payloads go to standard output, everything else to standard error; what `lint` finds is its
output in every format but text. Exit codes: 0 fine, 1 findings, 2 usage, 3 the backend or
the network failed.
"""

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from . import __version__, files, report, schemas
from .compiler import Compilation, compile_config
from .diagnostics import Diagnostic, Severity
from .linting import Linted, lint_file
from .report import DataFormat, Format
from .starter import Kind
from .workers import each

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: brackets stay, and nothing heavy is imported
    context_settings={"help_option_names": ["-h", "--help"]},
)

Configs = Annotated[
    list[str], typer.Argument(metavar="CONFIG", help="TOML configs; `-` is standard input.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Let warnings fail, as errors do.")]
Codes = Annotated[
    list[str],
    typer.Option(metavar="CODE", help="Only these codes, or prefixes such as SFT2; repeatable."),
]


def main() -> NoReturn:
    """Run ``sftc`` with the arguments of this process, and exit."""
    try:
        app(prog_name="sftc")
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        _give_up_output()
    except OSError as error:
        typer.echo(f"sftc: cannot write the output: {error.strerror}", err=True)
        _give_up_output()
    sys.exit(0)


def _give_up_output() -> NoReturn:
    """Exit without another attempt to write what is left of the output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)


@app.callback(invoke_without_command=True)
def _sftc(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Compile TOML configs of fine-tuning jobs into canonical JSON payloads.

    `sftc init` writes a config to start from, `sftc lint config.toml` says what is wrong
    with it and where, `sftc compile config.toml > job.json` writes the payload to review.
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
        typer.Option(metavar="DIR", help="Write the payload of a/b.toml to DIR/a/b.job.json."),
    ] = None,
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

    One config goes to standard output, or to -o FILE; several go to --out-dir DIR. A config
    with errors has no payload: nothing is written for it, and the exit code is 1.
    """
    targets = _targets(configs, output, out_dir)
    if dataset is not None and not dataset.strip():
        _usage("--dataset is blank")
    compiler: Callable[..., Compilation] = compile_config
    if pin or examples is not None:  # to say which rows to pin is to ask for it
        from .pinning import compile_pinned

        compiler = partial(compile_pinned, head=examples)
    failed = False
    sources: dict[str, str] = {}
    found: list[Diagnostic] = []
    for config, target in zip(configs, targets, strict=True):
        result = _compile(config, partial(compiler, dataset=dataset), sources)
        found += result.diagnostics
        if result.payload_bytes is None or _fails(result.diagnostics, strict=strict):
            failed = True
        else:
            _deliver(result.payload_bytes, target)
    sys.stderr.write(report.render(Format.TEXT, found, sources, colour=_colour(sys.stderr)))
    raise typer.Exit(1 if failed else 0)


@app.command()
def lint(
    configs: Configs,
    form: Annotated[Format, typer.Option("--format", help="How findings are written.")] = (
        Format.TEXT
    ),
    fix: Annotated[bool, typer.Option("--fix", help="Apply the safe fixes.")] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option(help="With --fix or --diff: fixes that change the meaning, too.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.")
    ] = False,
    select: Codes = [],  # noqa: B006 - typer copies it
    ignore: Annotated[
        list[str], typer.Option(metavar="CODE", help="All but these codes or prefixes; repeatable.")
    ] = [],  # noqa: B006 - typer copies it
    strict: Strict = False,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 whatever is found.")
    ] = False,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Count the findings by code instead.")
    ] = False,
) -> None:
    """Say what is wrong with configs, where, and what to write instead.

    The exit code is 1 if there is an error, or with --strict a warning. TOML files that are
    no fine-tuning configs are passed over with a note.
    """
    if select or ignore:
        _check_codes([*select, *ignore])
    sources: dict[str, str] = {}
    found: list[Diagnostic] = []
    changed = False
    job = partial(lint_file, mend=fix or diff, unsafe=unsafe_fixes, select=select, ignore=ignore)
    for linted in each(job, configs):
        changed |= bool(linted.applied)
        if diff:
            sys.stdout.write(report.unified_diff(linted.before, linted.after, linted.name))
        elif linted.applied:
            _write_fixed(linted)
        found += linted.diagnostics
        sources[linted.name] = linted.after
    if diff:
        raise typer.Exit(1 if changed and not exit_zero else 0)
    stream = sys.stderr if form is Format.TEXT and not statistics else sys.stdout
    stream.write(
        report.statistics(found)
        if statistics
        else report.render(form, found, sources, colour=_colour(stream), version=__version__)
    )
    raise typer.Exit(1 if _fails(found, strict=strict) and not exit_zero else 0)


@app.command()
def data(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE", help="JSONL datasets, also *.gz and *.zst; `-` is standard input."
        ),
    ],
    form: Annotated[
        DataFormat, typer.Option("--format", help="For people, or one JSON object a file.")
    ] = DataFormat.TEXT,
    max_errors: Annotated[
        int, typer.Option(metavar="N", min=0, help="Show at most N findings of each file.")
    ] = 20,
    examples: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Look at the first N rows only.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Processes that share the work; by default all."),
    ] = None,
) -> None:
    """Check, measure and pin datasets.

    The exit code is 0 when all are valid, 1 when one is not; warnings are allowed.
    """
    from .datasets import measure, size
    from .progress import progress

    valid = True
    for name in names:
        with progress(name, size(name)) as bar:
            measured = measure(name, head=examples, most=max_errors, jobs=jobs, progress=bar)
        valid &= measured.valid
        found, facts = measured.diagnostics, measured.facts()
        if form is DataFormat.TEXT:
            sys.stderr.write(report.render(Format.TEXT, found, {}, colour=_colour(sys.stderr)))
            sys.stderr.write(report.unseen(measured.unseen))
        sys.stdout.write(report.dataset(form, facts, found, histogram=sys.stdout.isatty()))
        sys.stdout.flush()
    raise typer.Exit(0 if valid else 1)


@app.command()
def rule(
    code: Annotated[
        str | None, typer.Argument(metavar="[CODE]", help="A code, for example SFT211.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Explain every code.")] = False,
) -> None:
    """Explain a code: what it means, and how to write it instead."""
    if all_ == (code is not None):
        _usage("name one code, or use --all")
    if all_:
        typer.echo(report.book(), nl=False)
        return
    from .diagnostics.catalogue import CODES

    entry = CODES.get(str(code).upper())
    if entry is None:
        _usage(f"there is no code {code}; `sftc rule --all` shows every one")
    typer.echo(report.page(entry), nl=False)


@app.command()
def schema(
    name: Annotated[schemas.Name, typer.Argument(help="The format whose schema to print.")],
) -> None:
    """Print the JSON Schema of a format, for editors and other tools."""
    sys.stdout.buffer.write(schemas.text(name))


@app.command()
def init(
    path: Annotated[Path, typer.Argument(metavar="[FILE]", help="The config to write.")] = Path(
        "sft.toml"
    ),
    kind: Annotated[Kind, typer.Option(help="The flavour of fine-tuning.")] = Kind.QLORA,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write a commented config to start from, and beside it the schema for your editor."""
    from .starter import SCHEMA_FILE, starter

    wanted = {path: starter(kind).encode(), path.with_name(SCHEMA_FILE): schemas.text("config")}
    for target, text in wanted.items():
        if target.exists() and not force and (target == path or target.read_bytes() != text):
            _usage(f"{target} exists; --force overwrites it")
    for target, text in wanted.items():
        _write(target, text)
    typer.echo(f"Wrote {' and '.join(map(str, wanted))}.", err=True)
    typer.echo(f"Name your data in it, then run: sftc lint {path}", err=True)


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
    configs: Sequence[str], output: Path | None, out_dir: Path | None
) -> Sequence[Path | None]:
    """Return the file that each payload goes to; None is standard output."""
    try:
        return files.targets(configs, output, out_dir)
    except ValueError as error:
        _usage(str(error))


def _deliver(payload: bytes, target: Path | None) -> None:
    if target is None:
        sys.stdout.buffer.write(payload)
        sys.stdout.buffer.flush()
    else:
        _write(target, payload)


def _write(target: Path, data: bytes) -> None:
    try:
        files.write(target, data)
    except OSError as error:
        typer.echo(f"sftc: cannot write {target}: {error.strerror}", err=True)
        raise typer.Exit(1) from None


def _write_fixed(linted: Linted) -> None:
    if linted.config == files.STDIN:
        sys.stdout.write(linted.after)
    else:
        _write(Path(linted.config), linted.after.encode())
    for diagnostic in linted.applied:
        title = diagnostic.fix.title if diagnostic.fix else ""
        typer.echo(f"{diagnostic.file}: fixed {diagnostic.code}: {title}", err=True)


def _check_codes(chosen: Sequence[str]) -> None:
    from .diagnostics.catalogue import CODES

    for prefix in chosen:
        if not any(code.startswith(prefix.upper()) for code in CODES):
            _usage(f"no code begins with {prefix}")


def _colour(stream: object) -> bool:
    """Whether a stream takes colours: NO_COLOR, then FORCE_COLOR, then the terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or getattr(stream, "isatty", bool)()


def _fails(diagnostics: Sequence[Diagnostic], *, strict: bool) -> bool:
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return any(diagnostic.severity in failing for diagnostic in diagnostics)


def _usage(message: str) -> NoReturn:
    typer.echo(f"sftc: {message}", err=True)
    raise typer.Exit(2)
