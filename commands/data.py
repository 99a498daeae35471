"""``sftc data``: the check, which needs no name, and the commands that have one."""

from typing import Any, Final

import typer

from .command_line import PLAIN, Command, Group, Summaries, write_commands
from .data_check import check
from .data_convert import convert
from .data_diff import diff
from .data_fix import fix
from .data_show import show

_CHECK: Final = "check"
_SUMMARIES: Final[Summaries] = {
    "Commands": {
        "check": "Check, measure and pin datasets (the default).",
        "show": "Show rows as a model sees them.",
        "diff": "Compare two datasets row by row.",
        "convert": "Convert rows of other formats.",
        "fix": "Repair what is safe to repair.",
    }
}


class _Data(Group):
    """What is no command's name is the first argument of the check: a file, or an option."""

    summaries = _SUMMARIES
    default = _CHECK

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args and args[0] in self.commands
        return super().parse_args(ctx, args if named else [_CHECK, *args])


class _Check(Command):
    """The check: `sftc data --help` is its help, so the other commands are listed in it."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        del ctx
        write_commands(formatter, _SUMMARIES)


data = typer.Typer(cls=_Data, **PLAIN)
data.command(_CHECK, cls=_Check)(check)
data.command("show", cls=Command)(show)
data.command("diff", cls=Command)(diff)
data.command("convert", cls=Command)(convert)
data.command("fix", cls=Command)(fix)
