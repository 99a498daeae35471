"""The links of the Markdown lead somewhere, as GitHub shows it: files, folders and headings."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def tokens(page: Path) -> Iterator[Token]:
    """Yield all tokens of a page, those in paragraphs too."""
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(page.read_text("utf-8")):
        yield token
        yield from token.children or ()


def links(page: Path) -> Iterator[str]:
    for token in tokens(page):
        if token.type in {"link_open", "image"}:
            yield str(token.attrGet("href") or token.attrGet("src"))


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page; GitHub numbers those of equal headings."""
    found: dict[str, int] = {}
    before = ""
    for token in tokens(page):
        if token.type == "inline" and before == "heading_open":
            text = "".join(
                child.content for child in token.children or () if child.type != "html_inline"
            )
            name = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
            number = found.get(name, 0)
            found[name] = number + 1
            if number:
                found[f"{name}-{number}"] = 1
        before = token.type if token.level == 0 or token.type == "heading_open" else before
    return frozenset(found)


def wrong(page: Path) -> Iterator[str]:
    """Yield the links of a page that lead nowhere."""
    for link in links(page):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        if not target.exists():
            yield f"{link}: there is no such file"
        elif not target.is_relative_to(ROOT):
            yield f"{link}: leads out of the repository"
        elif parts.fragment and target.suffix == ".md" and parts.fragment not in anchors(target):
            yield f"{link}: there is no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    assert list(wrong(page)) == []


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("b.md", None),
        ("b.md#a-heading-with-code-and-dots", None),
        ("b.md#twice-1", None),
        ("#here", None),
        ("https://example.org/nowhere", None),
        ("c.md", "there is no such file"),
        ("b.md#twice-2", "there is no such heading"),
        ("#there", "there is no such heading"),
        ("../../outside.md", "leads out of the repository"),
    ],
)
def test_a_link_that_leads_nowhere_is_seen(
    link: str, problem: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "root" / "docs"
    folder.mkdir(parents=True)
    (tmp_path / "outside.md").write_text("# x\n")
    monkeypatch.setitem(wrong.__globals__, "ROOT", tmp_path / "root")
    (folder / "b.md").write_text("# A heading: with `code`, and dots…\n\n## Twice\n\n## Twice\n")
    page = folder / "a.md"
    page.write_text(f"# Here\n\n[text]({link})\n")
    assert list(wrong(page)) == ([f"{link}: {problem}"] if problem else [])
