"""The command line: arguments in, one call, streams and exit code out.

Payloads go to standard output, everything else to standard error; what `lint` finds is its
output in every format but text. Exit codes: 0 fine, 1 findings, 2 usage, 3 the backend or
the network failed.
"""

import io
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperGroup

from . import __version__
from .diagnostics.words import printable_lines

_COMMANDS: Final[Mapping[str, str]] = {
    "compile": "compile:compile_",
    "lint": "lint:lint",
    "data": "data:data",
    "check": "check:check",
    "diff": "diff:diff",
    "explain": "explain:explain",
    "lift": "lift:lift",
    "submit": "submit:submit",
    "follow": "submit:follow",
    "train": "submit:train",
    "backend": "backend:backend",
    "rule": "lookup:rule",
    "schema": "lookup:schema",
    "init": "init:init",
}
"""The commands in the order of the help: where each stands in ``commands``."""

_STYLE: Final[Mapping[str, Any]] = {
    "add_completion": False,
    "no_args_is_help": True,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,  # plain help: brackets stay, and nothing heavy is imported
}


class _Commands(TyperGroup):
    """Imports a command when it is called; all of them would take a fifth of a run."""

    def list_commands(self, ctx: Any) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, _, function = _COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(f".commands.{module}", __package__), function)
        if isinstance(command, typer.Typer):
            return typer.main.get_command(command)
        alone = typer.Typer(**_STYLE)
        alone.command(cmd_name)(command)
        return typer.main.get_command(alone)


app = typer.Typer(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, **_STYLE)


def main() -> NoReturn:
    """Run ``sftc`` with the arguments of this process, and exit."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # whatever the locale, no text is refused
        sys.stdout.reconfigure(errors="backslashreplace")
    code = 0
    try:
        code = app(prog_name="sftc", standalone_mode=False) or 0
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        _give_up_output()
    except OSError as error:
        typer.echo(f"sftc: cannot write the output: {error.strerror}", err=True)
        _give_up_output()
    except typer.Abort:
        code = 1
    except Exception as error:  # noqa: BLE001 - raised again, if it is none of typer's
        code = _refused(error)
    sys.exit(code)


def _refused(error: Exception) -> int:
    """Show what is wrong with the arguments, which may be anything; return the exit code.

    Raises:
        Exception: it is no such error. (typer has a click of its own, or not, by its version.)

    """
    show = getattr(error, "show", None)
    if show is None:
        raise error
    shown = io.StringIO()
    show(file=shown)
    typer.echo(printable_lines(shown.getvalue()), nl=False, err=True)
    return int(getattr(error, "exit_code", 2))


def _give_up_output() -> NoReturn:
    """Exit without another attempt to write what is left of the output."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)


@app.callback(invoke_without_command=True)
def _sftc(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Compile TOML configs of fine-tuning jobs into payloads to review, and submit them.

    `sftc init` writes a config to start from, `sftc lint sft.toml` says what is wrong with it
    and where, `sftc compile sft.toml > job.json` writes the payload to review, and
    `sftc submit job.json` makes a job of it.
    """
    if version:
        typer.echo(f"sftc {__version__}")
        raise typer.Exit
