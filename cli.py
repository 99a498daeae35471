"""The command line: arguments in, one call, streams and exit code out.

Payloads go to standard output, everything else to standard error; what `lint` finds is its
output in every format but text. Exit codes: 0 success, 1 findings, 2 wrong usage or unreadable
input, 3 the backend, the network or the job failed, 70 a bug of ours.
"""

import os
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Final, NoReturn

import typer

from . import __version__
from .commands.command_line import HELP, PLAIN, Group, Summaries, load
from .commands.stdio import OutputError, open_streams
from .commands.streams import say, show
from .disk import files

_COMMANDS: Final[Mapping[str, str]] = {
    "init": "init:init",
    "lint": "lint:lint",
    "plan": "plan:plan",
    "compile": "compile:compile_",
    "check": "check:check",
    "diff": "diff:diff",
    "explain": "explain:explain",
    "lift": "lift:lift",
    "data": "data:data",
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
    "targets": "porting:list_targets",
    "recipe": "recipe:recipe",
}
"""Where each command stands in ``commands``."""

_SUMMARIES: Final[Summaries] = {
    "Configs": {
        "init": "Write a config to start from.",
        "lint": "Find and fix problems in configs.",
        "plan": "Estimate memory, steps and disk of jobs.",
        "compile": "Compile configs into JSON payloads.",
    },
    "Review": {
        "check": "Check that artifacts are up to date.",
        "diff": "Compare payloads, configs or branches.",
        "explain": "Trace payload fields back to config keys.",
        "lift": "Turn a payload back into a config.",
    },
    "Datasets": {
        "data": "Check, convert, fix and compare datasets.",
    },
    "Jobs": {
        "submit": "Create a job from a payload and start it.",
        "train": "Compile, pin and submit a config in one go.",
        "jobs": "List jobs, newest first.",
        "status": "Show how a job is doing.",
        "follow": "Show events and losses until a job ends.",
        "logs": "Print a job's events or its trainer's log.",
        "cancel": "Cancel a job, after asking.",
        "fetch": "Download the result of a job.",
        "backend": "Run a backend on this machine.",
    },
    "Look-up": {
        "rule": "Explain a finding's code, or search all codes.",
        "schema": "Print a JSON Schema, for editors and tools.",
        "targets": "List the systems that jobs can be written for.",
        "recipe": "Show what a trainer does with each field.",
    },
}
"""What each command does in one line, the first of its help; no command is imported for them."""

_CRASHED: Final = 70
"""The exit code of what should not happen: ``EX_SOFTWARE`` of ``sysexits.h``."""

_COMPLETES: Final = "_SFTC_COMPLETE"
"""Set by the scripts that `--show-completion` prints, to the name of their shell."""

_OF_SHELLS: Final = frozenset({"--install-completion", "--show-completion"})


class _Commands(Group):
    """Imports a command when it is called; all of them would take a fifth of a run."""

    summaries = _SUMMARIES

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        del ctx
        return load(cmd_name, _COMMANDS[cmd_name]) if cmd_name in _COMMANDS else None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if len(args) == 1 and args[0] in _OF_SHELLS:
            args = [*args, os.path.basename(os.environ.get("SHELL", ""))]  # noqa: PTH119 - a text
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_Commands, context_settings={**HELP}, no_args_is_help=True, **PLAIN)


def main() -> NoReturn:
    """Run ``sftc`` with the arguments of this process, and exit."""
    open_streams()
    code = 1
    try:
        if _COMPLETES in os.environ:
            _complete(os.environ[_COMPLETES])
        code = app(prog_name="sftc", standalone_mode=False) or 0
    except OutputError as error:
        if not error.reader_gone:  # as `head` goes, when it has seen enough
            say(f"sftc: cannot write the output: {error}")
    except typer.Abort:
        pass
    except Exception as error:  # noqa: BLE001 - typer's, or a bug
        code = _refused(error)
    sys.exit(code)


def _complete(shell: str) -> NoReturn:
    """Print what may come next on a command line, and exit."""
    from .commands import completion

    command = typer.main.get_command(app)
    show(completion.answer(shell, command, _SUMMARIES), sys.stdout)
    sys.exit(0)


def _refused(error: Exception) -> int:
    """Show what is wrong with the arguments, which may be anything; return the exit code."""
    from .commands import wrong_use

    code = wrong_use.exit_code(error)
    if code is None:
        return _crashed(error)
    say(wrong_use.told(error))
    return code


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
    install: Annotated[
        str | None,
        typer.Option(
            "--install-completion",
            metavar="[SHELL]",
            help="Install completion for bash, zsh or fish; by default, for the shell in $SHELL.",
        ),
    ] = None,
    print_: Annotated[
        str | None,
        typer.Option("--show-completion", metavar="[SHELL]", help="Print the completion script."),
    ] = None,
) -> None:
    """Compile TOML configs of fine-tuning jobs into JSON payloads that people review and submit.

    Start with `sftc init`, which writes a config. `sftc lint sft.toml` shows what is wrong with
    it, `sftc compile sft.toml > job.json` writes the payload, and `sftc submit job.json` starts
    the job.

    Exit codes: 0 success; 1 findings, or for diff a difference; 2 wrong usage or unreadable
    input; 3 the backend, the network or the job failed.
    """
    if version:
        show(f"sftc {__version__}\n", sys.stdout)
        raise typer.Exit
    if install is not None or print_ is not None:
        from .commands import completion

        completion.set_up(install, print_)
