"""``sftc data``: the check, which needs no name, and the commands that have one."""

from typing import Any, Final

import typer
from typer.core import TyperGroup

from .data_check import check
from .data_convert import convert
from .data_diff import diff
from .data_fix import fix
from .data_show import show

_CHECK: Final = "check"


class _Data(TyperGroup):
    """What is no command's name is the first argument of the check: a file, or an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args and args[0] in self.commands
        return super().parse_args(ctx, args if named else [_CHECK, *args])


data = typer.Typer(
    cls=_Data,
    add_completion=False,
    rich_markup_mode=None,
    help="Check, measure, pin and compare datasets; count tokens; show, convert and fix rows.",
)
_OTHERS: Final = (
    "Also: `sftc data show` (rows as a model sees them), `diff` (two datasets compared), `convert` "
    "(rows of other formats), `fix` (what is safe to repair); each has its --help."
)
data.command(_CHECK, epilog=_OTHERS)(check)
data.command("show")(show)
data.command("diff")(diff)
data.command("convert")(convert)
data.command("fix")(fix)
