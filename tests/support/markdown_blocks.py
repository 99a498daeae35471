"""The fenced blocks of a Markdown page, each with the comments above it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

_COMMENT = re.compile(r"<!--\s*(.*?)\s*-->", re.DOTALL)
_COMMANDS = re.compile(r"^\$ .*(?:\n> .*)*", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and what the comments above it say of it."""

    language: str
    text: str
    notes: tuple[str, ...]
    first: int
    last: int
    """The lines of the text, from 0, ``last`` not among them."""

    def noted(self, name: str) -> str | None:
        """Return what follows ``name:`` in a comment above the block, or None."""
        for note in self.notes:
            head, _, rest = note.partition(":")
            if head.strip() == name:
                return " ".join(rest.split())
        return None

    @property
    def spare(self) -> str | None:
        """Why the block is not run, or None."""
        return self.noted("not run")

    @property
    def commands(self) -> list[tuple[str, str]]:
        """The commands of a console session, each with the output below it.

        A line with ``> `` goes on with the command before.
        """
        found = list(_COMMANDS.finditer(self.text))
        ends = [match.start() for match in found[1:]] + [len(self.text)]
        return [
            (
                "\n".join(line[2:] for line in match[0].splitlines()),
                self.text[match.end() : end].removeprefix("\n"),
            )
            for match, end in zip(found, ends, strict=True)
        ]


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page, those in lists and quotes too, in order."""
    notes: tuple[str, ...] = ()
    for token in MarkdownIt("commonmark").parse(page):
        if token.type == "html_block":
            notes += tuple(_COMMENT.findall(token.content))
        elif token.type == "fence":
            assert token.map
            first, end = token.map
            language = (token.info.split() or [""])[0]
            yield Block(language, token.content, notes, first + 1, end - 1)
            notes = ()
        elif token.type not in {"list_item_close", "list_item_open", "bullet_list_open"}:
            notes = ()


def replaced(page: str, texts: dict[Block, str]) -> str:
    """Return a page with other texts in some of its blocks, indented as these are."""
    lines = page.splitlines(keepends=True)
    for block, text in sorted(texts.items(), key=lambda item: -item[0].first):
        fence = lines[block.first - 1]
        indent = fence[: len(fence) - len(fence.lstrip())]
        lines[block.first : block.last] = [
            indent + line if line.strip() else line for line in text.splitlines(keepends=True)
        ]
    return "".join(lines)


def pages(root: Path) -> list[Path]:
    """Return the pages whose blocks are run: all that people wrote.

    The examples of generated pages have tests of their own, since some of them are bad on purpose.
    """
    of_docs = sorted((root / "docs").rglob("*.md"))
    top = [root / name for name in ("README.md", "CONTRIBUTING.md")]
    generated = {root / "docs" / "rules.md", *(root / "docs" / "reference").iterdir()}
    return [path for path in (*top, *of_docs) if path.exists() and path not in generated]
