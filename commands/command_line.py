"""Commands and groups of commands as click has them, with help that wraps and is never cut."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar, Final

import typer
from typer.core import TyperCommand, TyperGroup

PLAIN: Final[Mapping[str, Any]] = {
    "add_completion": False,  # ours completes codes and targets too, and costs no import
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,  # plain help: brackets stay, and nothing heavy is imported
}
"""How each ``typer.Typer`` is made."""

HELP: Final[Mapping[str, Any]] = {"help_option_names": ["-h", "--help"]}

Summaries = Mapping[str, Mapping[str, str]]
"""Commands and what each does in one line, by the heading above them."""


class _InContext:
    """Gives errors about arguments the command that they are about, which parsers do not know."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse arguments."""
        try:
            parsed: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        except Exception as error:
            if getattr(error, "ctx", ctx) is None:
                error.ctx = ctx  # type: ignore[attr-defined]
            raise
        return parsed


class Command(_InContext, TyperCommand):
    """A command of which the usage shows arguments as the help below it does."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the usage without the braces that the library puts around arguments."""
        pieces = super().collect_usage_pieces(ctx)
        return [p[1:-1] if p[0] == "{" and p[-1] == "}" else p for p in pieces]


class Group(_InContext, TyperGroup):
    """Commands under headings, each with a line that wraps instead of being cut."""

    summaries: ClassVar[Summaries] = {}
    default: str | None = None
    """The command that is meant where none is named."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order of the help."""
        del ctx
        return [name for section in self.summaries.values() for name in section]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the sections, with all lines below one another."""
        del ctx
        write_commands(formatter, self.summaries)


def write_commands(formatter: Any, summaries: Summaries) -> None:
    """Write commands under their headings into help."""
    widest = max(len(name) for section in summaries.values() for name in section)
    for heading, section in summaries.items():
        with formatter.section(heading):
            formatter.write_dl([(name.ljust(widest), line) for name, line in section.items()])


def load(name: str, place: str) -> Any:
    """Return a command.

    Args:
        name: what it is called.
        place: its module in ``commands``, a colon, and its function or group there.

    """
    module, _, function = place.partition(":")
    command = getattr(import_module(f".{module}", __package__), function)
    if isinstance(command, typer.Typer):
        return typer.main.get_command(command)
    alone = typer.Typer(**PLAIN)
    alone.command(name, cls=Command)(command)
    return typer.main.get_command(alone)
