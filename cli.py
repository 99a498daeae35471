"""The command line: arguments in, one call, streams and exit code out.

Payloads go to standard output, everything else to standard error; what `lint` finds is its
output in every format but text. Exit codes: 0 fine, 1 findings, 2 usage, 3 the backend or
the network failed, 70 a bug of ours.
"""

import io
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperGroup

from . import __version__
from .commands.stdio import OutputError, open_streams
from .commands.streams import say, show
from .disk import files

_COMMANDS: Final[Mapping[str, str]] = {
    "compile": "compile:compile_",
    "lint": "lint:lint",
    "plan": "plan:plan",
    "data": "data:data",
    "check": "check:check",
    "diff": "diff:diff",
    "explain": "explain:explain",
    "lift": "lift:lift",
    "targets": "porting:list_targets",
    "recipe": "recipe:recipe",
    "submit": "submit:submit",
    "train": "train:train",
    "jobs": "jobs:jobs",
    "status": "jobs:status",
    "follow": "jobs:follow",
    "logs": "jobs:logs",
    "cancel": "jobs:cancel",
    "fetch": "fetch:fetch",
    "backend": "backend:backend",
    "rule": "lookup:rule",
    "schema": "lookup:schema",
    "init": "init:init",
}
"""The commands in the order of the help: where each stands in ``commands``."""

_CRASHED: Final = 70
"""The exit code of what should not happen: ``EX_SOFTWARE`` of ``sysexits.h``."""

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
    open_streams()
    code = 1
    try:
        code = app(prog_name="sftc", standalone_mode=False) or 0
    except OutputError as error:
        if not error.reader_gone:  # as `head` goes, when it has seen enough
            say(f"sftc: cannot write the output: {error}")
    except typer.Abort:
        pass
    except Exception as error:  # noqa: BLE001 - typer's, or a bug
        code = _refused(error)
    sys.exit(code)


def _refused(error: Exception) -> int:
    """Show what is wrong with the arguments, which may be anything; return the exit code."""
    # typer has a click of its own, or not, by its version, so there is no class to name.
    show_to = getattr(error, "show", None)
    if show_to is None:
        return _crashed(error)
    shown = io.StringIO()
    show_to(file=shown)
    say(shown.getvalue().removesuffix("\n"))
    return int(getattr(error, "exit_code", 2))


def _crashed(error: Exception) -> int:
    """Show what no command expected, and return the exit code: files cannot be used, or a bug."""
    match error:
        case OSError():  # no current directory, too many open files
            name = f": {error.filename}" if error.filename else ""
            say(f"sftc: {files.reason(error)}{name}")
            return 2
        case UnicodeEncodeError():  # printing takes any text, so it is the name of a file
            say(f"sftc: the locale cannot name the file `{error.object}`; set PYTHONUTF8=1")
            return 2
        case _:
            import traceback  # few runs need it

            traceback.print_exception(error)
            return _CRASHED


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
        show(f"sftc {__version__}\n", sys.stdout)
        raise typer.Exit
