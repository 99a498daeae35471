"""Markdown put together: tables, code, and text that others wrote."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import tomlkit

_NOTE: Final = "<!-- Written by `make docs`; do not edit. -->"


def page(title: str, about: str, lines: Iterable[str]) -> str:
    """Return a page with its title, what it is about, and its lines."""
    return "\n".join((f"# {title}", "", _NOTE, "", about, "", *lines)).rstrip("\n") + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a table; none where there is no row."""
    body = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    if body:
        names = list(head)
        yield f"| {' | '.join(names)} |"
        yield "|" + "---|" * len(names)
        yield from body
        yield ""


def fenced(language: str, text: str) -> Iterator[str]:
    """Yield the lines of a fenced block."""
    yield f"```{language}"
    yield from text.rstrip("\n").split("\n")
    yield "```"
    yield ""


def code(text: str) -> str:
    """Return text as code in a line, whatever backticks it has."""
    ticks = "``" if "`" in text else "`"
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def codes(texts: Iterable[str]) -> str:
    """Return texts as code, parted by commas."""
    return ", ".join(map(code, texts))


def toml_value(value: object) -> str:
    """Return a value as a config writes it; JSON alone has null."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        inner = tomlkit.inline_table()
        inner.update(value)
        return inner.as_string()
    return tomlkit.item(value).as_string()


def anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
