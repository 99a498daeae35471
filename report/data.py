"""What a dataset holds: a summary for people, and an object for machines.

It takes the facts as plain values and gives text; it reads nothing and prints nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from ..diagnostics import Diagnostic, Severity, encodable, printable
from .json_findings import as_object

_BAR: Final = 40
"""Columns of the longest bar of the histogram."""
_EIGHTHS: Final = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
_THOUSAND: Final = 1000


def summary(facts: Mapping[str, Any], *, histogram: bool = False) -> str:
    """Return what a dataset holds as text that ends with a newline.

    Args:
        facts: what ``datasets.Measured.facts`` gives.
        histogram: whether to draw how long the rows are.

    """
    verdict = "valid" if facts["valid"] else "not valid"
    lines = [f"{printable(facts['file'])}: {verdict}"]
    rows, size = facts["rows"], facts["bytes"]
    if rows:
        kinds = ("tools", "images", "reasoning")
        held = [f"{facts[kind]:,} with {kind}" for kind in kinds if facts[kind]]
        lines.append(f"  rows        {rows:,}{_in_brackets(held)}")
    if facts["sha256"]:
        first = f", of the first {facts['head']:,} rows" if facts["head"] else ""
        lines.append(f"  bytes       {size:,}{_rounded(size)}{first}")
        lines.append(f"  sha256      {facts['sha256']}")
    if rows:
        roles = facts["roles"]
        by_role = [f"{count:,} {printable(role)}" for role, count in roles.items()]
        lines.append(f"  messages    {sum(roles.values()):,}{_in_brackets(by_role)}")
        lengths = facts["characters"]
        lines.append(
            f"  characters  {lengths['shortest']:,} in the shortest row, "
            f"{lengths['median']:,} in the median, {lengths['longest']:,} in the longest"
        )
        if histogram:
            lines += _bars(facts["histogram"])
    if "tokens" in facts:
        lines += _tokens(facts)
        if histogram and facts["token_histogram"]:
            lines += _bars(facts["token_histogram"])
    return "".join(f"{line}\n" for line in lines)


def _tokens(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a dataset has in tokens."""
    learned = facts["trained_tokens"]
    known = (
        "what is learned cannot be told"
        if learned is None
        else f"{learned:,} learned{_of_those_that_tell(facts)}"
    )
    cut = [f"{facts['tokens_cut']:,} cut off"] if facts["tokens_cut"] else []
    yield f"  tokens      {facts['tokens']:,}{_in_brackets([known, *cut])}"
    shares = facts["token_percentiles"]
    if shares:
        yield (
            f"  per row     {shares['min']:,} in the shortest, {shares['p50']:,} in the median, "
            f"{shares['p95']:,} or less in 95%, {shares['max']:,} in the longest"
        )
    length = facts["sequence_length"]
    counts = {
        "refused by the chat template": facts["rows_refused"],
        f"cut to {length:,} tokens" if length else "cut": facts["rows_cut"],
        "with nothing to learn": facts["rows_without_labels"],
        "whose learned part cannot be told": facts["rows_labels_unknown"],
        "with tools or calls left out": facts["rows_tools_dropped"],
    }
    said = [f"{count:,} {what}" for what, count in counts.items() if count]
    yield f"  tokenized   {facts['rows_tokenized']:,} rows{_in_brackets(said)}"


def _of_those_that_tell(facts: Mapping[str, Any]) -> str:
    """Return which rows the learned tokens are of, if not of all."""
    why_unknown = facts["rows_labels_unknown"]
    return f" of {facts['rows_tokenized'] - why_unknown:,} rows that tell" if why_unknown else ""


def _in_brackets(parts: Sequence[str]) -> str:
    return f" ({', '.join(parts)})" if parts else ""


def unseen(counts: Mapping[Severity, int], options: str) -> str:
    """Return how many findings are not shown, on a line of its own; empty if there are none.

    Args:
        counts: how many, by severity.
        options: what shows more of them.

    """
    parts = [
        f"{count:,} more {severity}{'s' if count > 1 else ''}" for severity, count in counts.items()
    ]
    return f"and {', '.join(parts)}; see {options}\n" if parts else ""


def as_json(facts: Mapping[str, Any], diagnostics: Iterable[Diagnostic]) -> str:
    """Return the facts and the findings as one JSON object on one line.

    Its schema is ``data.schema.json``.
    """
    found = [as_object(diagnostic) for diagnostic in diagnostics]
    dataset = {
        "format": 1,
        "version": 1,
        **facts,
        "file": encodable(facts["file"]),
        "findings": found,
    }
    return orjson.dumps(dataset, option=orjson.OPT_APPEND_NEWLINE).decode()


def _rounded(size: float) -> str:
    if size < _THOUSAND:
        return ""
    units = ["kB", "MB", "GB", "TB"]
    size /= _THOUSAND
    while size >= _THOUSAND and len(units) > 1:
        size /= _THOUSAND
        units.pop(0)
    return f" ({size:.1f} {units[0]})"


def _bars(histogram: Iterable[tuple[int, int]]) -> list[str]:
    bins = list(histogram)
    most = max(count for _, count in bins)
    width = max(len(f"{below:,}") for below, _ in bins)
    return [
        f"    < {below:>{width},}  {_bar(count / most)} {count:,}".rstrip() for below, count in bins
    ]


def _bar(share: float) -> str:
    eighths = round(share * _BAR * 8)
    if share and not eighths:
        eighths = 1
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8]
