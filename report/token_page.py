"""The tokens of datasets as a page of HTML: one file, no script, nothing from elsewhere.

What strangers wrote is text in it, never markup.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from ..diagnostics import Diagnostic, printable
from ..diagnostics.words import printable_lines

_STYLE: Final = """\
:root { color-scheme: light dark; --ink: #1a1c1e; --paper: #fff; --soft: #5c6166;
  --line: #d5d9dd; --bar: #2f6fb0; --cut: #c2410c; --learned: #d7f0dc; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --paper: #16181a; --soft: #9aa1a8;
  --line: #3a3f44; --bar: #6aa9e9; --cut: #fb923c; --learned: #1d4429; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .2rem 1rem .2rem 0;
  border-bottom: 1px solid var(--line); vertical-align: top; } th { font-weight: 500;
  color: var(--soft); } td.number { text-align: right; font-variant-numeric: tabular-nums; }
svg { display: block; max-width: 100%; height: auto; } svg text { fill: var(--soft);
  font: 12px system-ui, sans-serif; } .bar { fill: var(--bar); } .cut { fill: var(--cut); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line);
  border-radius: 4px; padding: .6rem; max-height: 30rem; overflow: auto; }
mark { background: var(--learned); color: inherit; } .soft { color: var(--soft); }
"""
_WIDTH: Final = 720
_HEIGHT: Final = 180
_MOST: Final = 20_000
"""Characters of a row that are shown."""


def render(datasets: Sequence[Mapping[str, Any]]) -> str:
    """Return the page.

    Args:
        datasets: the facts of each, as ``Measured.facts`` and ``Counted.facts`` give them, with
            ``findings``, and ``sample``: rows in parts.

    """
    body = "".join(part for facts in datasets for part in _dataset(facts))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        f"<title>Tokens</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>Tokens of the datasets</h1>\n{body}</body>\n</html>\n"
    )


def _dataset(facts: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2>{_text(facts['file'])}</h2>\n"
    if "tokens" not in facts:
        yield '<p class="soft">It could not be read to its end, so no tokens were counted.</p>\n'
    else:
        yield _table(_numbers(facts))
        if facts["token_histogram"]:
            yield f"<h3>Rows by tokens</h3>\n{_histogram(facts)}"
            yield "<h3>Tokens of a row, by share of the rows</h3>\n"
            yield _table((name, f"{value:,}") for name, value in facts["token_percentiles"].items())
    yield from _findings(facts["findings"])
    yield from _sample(facts["sample"])


def _numbers(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    learned, unlabelled = facts["trained_tokens"], facts["rows_without_labels"]
    tokens, length = facts["tokens"], facts["sequence_length"]
    yield "tokenizer", facts["tokenizer"]
    yield "rows", f"{facts['rows']:,}"
    yield "rows with tokens", f"{facts['rows_tokenized']:,}"
    yield "tokens", f"{tokens:,}"
    yield (
        "learned tokens",
        "cannot be told"
        if learned is None
        else f"{learned:,} ({_percent(learned, tokens)} of all)",
    )
    if length is not None:
        yield "sequence length", f"{length:,}"
        yield "rows cut", f"{facts['rows_cut']:,}"
        yield "tokens cut off", f"{facts['tokens_cut']:,} ({_percent(facts['tokens_cut'], tokens)})"
    yield (
        "rows with nothing to learn",
        "cannot be told" if unlabelled is None else f"{unlabelled:,}",
    )
    yield "rows whose learned part cannot be told", f"{facts['rows_labels_unknown']:,}"
    yield "rows that the template refuses", f"{facts['rows_refused']:,}"
    yield "rows with tools or calls left out", f"{facts['rows_tools_dropped']:,}"


def _table(rows: Iterator[tuple[str, str]]) -> str:
    lines = "".join(
        f'<tr><th scope="row">{_text(name)}</th><td class="number">{_text(value)}</td></tr>\n'
        for name, value in rows
    )
    return f"<table>\n{lines}</table>\n"


def _histogram(facts: Mapping[str, Any]) -> str:
    """Return the rows by the power of two that their tokens are below, as bars."""
    bins, length = facts["token_histogram"], facts["sequence_length"]
    most = max(count for _, count in bins)
    step = _WIDTH / len(bins)
    drawn = []
    for place, (below, count) in enumerate(bins):
        height = round(count / most * _HEIGHT, 1)
        is_cut = length is not None and below // 2 >= length
        drawn.append(
            f'<rect class="{"cut" if is_cut else "bar"}" x="{place * step + 2:.1f}" '
            f'y="{20 + _HEIGHT - height:.1f}" width="{max(step - 4, 1):.1f}" height="{height:.1f}">'
            f"<title>{count:,} rows of fewer than {below:,} tokens</title></rect>\n"
            f'<text x="{(place + 0.5) * step:.1f}" y="{14 + _HEIGHT - height:.1f}" '
            f'text-anchor="middle">{count:,}</text>\n'
            f'<text x="{(place + 0.5) * step:.1f}" y="{_HEIGHT + 36}" '
            f'text-anchor="middle">&lt; {below:,}</text>\n'
        )
    label = "Rows by the power of two that their tokens are below"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + 44}" width="{_WIDTH}" role="img" '
        f'aria-label="{label}">\n{"".join(drawn)}</svg>\n'
    )


def _findings(findings: Sequence[Diagnostic]) -> Iterator[str]:
    if not findings:
        return
    lines = "".join(
        f"<tr><td>line {found.span.line:,}</td><td>{found.severity} {found.code}</td>"
        f"<td>{_text(found.message)}</td></tr>\n"
        for found in findings
    )
    yield f"<h3>Findings</h3>\n<table>\n{lines}</table>\n"


def _sample(sample: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not sample:
        return
    yield "<h3>The first rows as the model sees them</h3>\n"
    yield '<p class="soft">What is learned is <mark>marked</mark>.</p>\n'
    for row in sample:
        if row["refused"] is not None:
            said = f"line {row['line']:,} has no tokens: {row['refused']}"
            yield f'<p class="soft">{_text(said)}</p>\n'
            continue
        untold = any(learned is None for _, learned in row["parts"])
        note = "; what is learned cannot be told" if untold else ""
        shown = "".join(_parts(row["parts"]))
        yield f'<p class="soft">line {row["line"]:,}{note}</p>\n<pre>{shown}</pre>\n'


def _parts(parts: Sequence[tuple[str, bool | None]]) -> Iterator[str]:
    left = _MOST
    for text, learned in parts:
        shown = escape(printable_lines(text[:left]))
        yield f"<mark>{shown}</mark>" if learned else shown
        left -= len(text)
        if left <= 0:
            yield '<span class="soft"> … and more</span>'
            return


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "0%"


def _text(text: str) -> str:
    return escape(printable(text))
