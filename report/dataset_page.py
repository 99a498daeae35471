"""Datasets as HTML, a page or a part of one: no script, nothing from elsewhere.

What strangers wrote is text in it, never markup.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from ..diagnostics import Diagnostic, printable
from ..diagnostics.words import printable_lines
from .prose import sentences

_STYLE: Final = """\
.sftc { color-scheme: light dark; --ink: #1a1c1e; --paper: #fff; --soft: #5c6166;
  --line: #d5d9dd; --bar: #2f6fb0; --cut: #c2410c; --learned: #d7f0dc;
  font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
@media (prefers-color-scheme: dark) { .sftc { --ink: #e6e8ea; --paper: #16181a; --soft: #9aa1a8;
  --line: #3a3f44; --bar: #6aa9e9; --cut: #fb923c; --learned: #1d4429; } }
body.sftc { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
.sftc h1 { font-size: 1.5rem; }
.sftc h2 { font-size: 1.2rem; margin-top: 2.5rem; overflow-wrap: anywhere; }
.sftc h3 { font-size: 1rem; }
.sftc table { border-collapse: collapse; }
.sftc :is(th, td) { text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top;
  border-bottom: 1px solid var(--line); }
.sftc th { font-weight: 500; color: var(--soft); }
.sftc td.number { text-align: right; font-variant-numeric: tabular-nums; }
.sftc svg { display: block; max-width: 100%; height: auto; }
.sftc svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
.sftc .bar { fill: var(--bar); } .sftc .cut { fill: var(--cut); }
.sftc pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line);
  border-radius: 4px; padding: .6rem; max-height: 30rem; overflow: auto; }
.sftc mark { background: var(--learned); color: inherit; }
.sftc .soft { color: var(--soft); }
"""
_WIDTH: Final = 720
_HEIGHT: Final = 180
_MOST: Final = 20_000
"""Characters of a row that are shown."""


def page(datasets: Sequence[Mapping[str, Any]]) -> str:
    """Return a page about the tokens of datasets.

    Args:
        datasets: the facts of each, as ``Measured.facts`` gives them, with ``findings``, and
            ``sample``: rows in parts.

    """
    body = "".join(part for facts in datasets for part in _tokenized(facts))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        f"<title>Tokens</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        f'<body class="sftc">\n<h1>Tokens of the datasets</h1>\n{body}</body>\n</html>\n'
    )


def fragment(facts: Mapping[str, Any], findings: Sequence[Diagnostic]) -> str:
    """Return one dataset as a part of a page, such as a notebook: its numbers and its plots.

    Args:
        facts: what ``Measured.facts`` gives.
        findings: what is wrong with it.

    """
    parts = [_table(_rows(facts))]
    if facts["histogram"]:
        parts.append(f"<h3>Rows by characters</h3>\n{_histogram(facts['histogram'], 'characters')}")
    if "tokens" in facts:
        parts += _tokens(facts)
    body = "".join((*parts, *_findings(findings)))
    return f'<div class="sftc">\n<style>\n{_STYLE}</style>\n{body}</div>\n'


def _tokenized(facts: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2>{_text(facts['file'])}</h2>\n"
    if "tokens" not in facts:
        yield '<p class="soft">It could not be read to its end, so no tokens were counted.</p>\n'
    else:
        yield from _tokens(facts)
    yield from _findings(facts["findings"])
    yield from _sample(facts["sample"])


def _tokens(facts: Mapping[str, Any]) -> Iterator[str]:
    yield _table(_numbers(facts))
    if facts["token_histogram"]:
        length = facts["sequence_length"]
        yield "<h3>Rows by tokens</h3>\n"
        if length is not None:
            said = "Orange: all of these rows are longer than the sequence length."
            yield f'<p class="soft">{said}</p>\n'
        yield _histogram(facts["token_histogram"], "tokens", length)
        yield "<h3>Tokens of a row, by share of the rows</h3>\n"
        yield _table((name, f"{value:,}") for name, value in facts["token_percentiles"].items())


def _rows(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "file", facts["file"]
    if "valid" in facts:
        yield "verdict", "valid" if facts["valid"] else "not valid"
    yield "rows", f"{facts['rows']:,}"
    yield "bytes", f"{facts['bytes']:,}"
    for role, count in facts["roles"].items():
        yield f"messages: {role}", f"{count:,}"
    for kind in ("tools", "images", "reasoning"):
        if facts[kind]:
            yield f"rows with {kind}", f"{facts[kind]:,}"
    for name, length in facts["characters"].items():
        yield f"characters, {name} row", f"{length:,}"


def _numbers(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    learned, unlabelled = facts["trained_tokens"], facts["rows_without_labels"]
    tokens, length = facts["tokens"], facts["sequence_length"]
    yield "tokenizer", facts["tokenizer"]
    yield "rows", f"{facts['rows']:,}"
    yield "rows with tokens", f"{facts['rows_tokenized']:,}"
    yield "tokens", f"{tokens:,}"
    why_unknown = facts["rows_labels_unknown"]
    if learned is None:
        yield "learned tokens", "cannot be told"
    elif why_unknown:
        rows = facts["rows_tokenized"] - why_unknown
        yield "learned tokens", f"{learned:,}, of the {rows:,} rows that tell"
    else:
        yield "learned tokens", f"{learned:,} ({_percent(learned, tokens)} of all)"
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


def _histogram(bins: Sequence[Sequence[int]], unit: str, length: int | None = None) -> str:
    """Return rows by the power of two that their length is below, as bars.

    Args:
        bins: for each power of two, how many rows.
        unit: what the length is counted in.
        length: rows that are surely longer than so many are set apart.

    """
    most = max(count for _, count in bins)
    step = _WIDTH / len(bins)
    drawn = []
    for place, (below, count) in enumerate(bins):
        height = round(count / most * _HEIGHT, 1)
        is_cut = length is not None and below // 2 >= length
        drawn.append(
            f'<rect class="{"cut" if is_cut else "bar"}" x="{place * step + 2:.1f}" '
            f'y="{20 + _HEIGHT - height:.1f}" width="{max(step - 4, 1):.1f}" height="{height:.1f}">'
            f"<title>{count:,} rows of fewer than {below:,} {unit}</title></rect>\n"
            f'<text x="{(place + 0.5) * step:.1f}" y="{14 + _HEIGHT - height:.1f}" '
            f'text-anchor="middle">{count:,}</text>\n'
            f'<text x="{(place + 0.5) * step:.1f}" y="{_HEIGHT + 36}" '
            f'text-anchor="middle">&lt; {below:,}</text>\n'
        )
    label = f"Rows by the power of two that their {unit} are below"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + 44}" width="{_WIDTH}" role="img" '
        f'aria-label="{label}">\n{"".join(drawn)}</svg>\n'
    )


def _findings(findings: Sequence[Diagnostic]) -> Iterator[str]:
    if not findings:
        return
    lines = "".join(
        f"<tr><td>line {found.span.line:,}</td><td>{found.severity} {found.code}</td>"
        f"<td>{_text(sentences(found))}</td></tr>\n"
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
        why_unknown = any(learned is None for _, learned in row["parts"])
        note = "; what is learned cannot be told" if why_unknown else ""
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
