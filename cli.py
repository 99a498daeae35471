"""The command line: arguments in, one call, streams and exit code out.

Payloads go to standard output, everything else to standard error; what `lint` finds is its
output in every format but text. Exit codes: 0 fine, 1 findings, 2 usage, 3 the backend or
the network failed.
"""

import os
import sys
from typing import Annotated, NoReturn

import typer

from . import __version__
from .commands.backend import backend
from .commands.check import check
from .commands.compile import compile_
from .commands.data import data
from .commands.diff import diff
from .commands.explain import explain
from .commands.init import init
from .commands.lift import lift
from .commands.lint import lint
from .commands.lookup import rule, schema
from .commands.submit import follow, submit, train

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: brackets stay, and nothing heavy is imported
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("compile")(compile_)
for _command in (lint, data, check, diff, explain, lift, submit, follow, train, rule, schema, init):
    app.command()(_command)
app.add_typer(backend, name="backend")


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
