"""What a dataset holds: a summary for people, and an object for machines.

It takes the facts as plain values and gives text; it reads nothing and prints nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from ..diagnostics import Diagnostic
from .json_list import as_object

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
    lines = [f"{facts['file']}: {verdict}"]
    if facts["sha256"]:
        first = f" (the first {facts['head']:,} rows)" if facts["head"] else ""
        lines.append(f"  rows      {facts['rows']:,}{first}")
        lines.append(f"  bytes     {facts['bytes']:,}{_rounded(facts['bytes'])}")
        lines.append(f"  sha256    {facts['sha256']}")
    if facts["rows"]:
        roles = ", ".join(f"{count:,} {role}" for role, count in facts["roles"].items())
        lines.append(f"  messages  {roles or 'none'}")
        kinds = ", ".join(f"{facts[kind]:,} {kind}" for kind in ("tools", "images", "reasoning"))
        lines.append(f"  rows with {kinds}")
        characters = facts["characters"]
        lengths = ", ".join(f"{name} {value:,}" for name, value in characters.items())
        lines.append(f"  a row has {lengths} characters")
        if histogram:
            lines += _bars(facts["histogram"])
    return "".join(f"{line}\n" for line in lines)


def unseen(counts: Mapping[str, int]) -> str:
    """Return how many findings are not shown, on a line of its own; empty if there are none."""
    parts = [
        f"{count:,} more {severity}{'s' if count > 1 else ''}"
        for severity, count in counts.items()
    ]
    return f"and {', '.join(parts)}; see --max-errors\n" if parts else ""


def as_json(facts: Mapping[str, Any], diagnostics: Iterable[Diagnostic]) -> str:
    """Return the facts and the findings as one JSON object on one line."""
    found = [as_object(diagnostic) for diagnostic in diagnostics]
    return orjson.dumps({**facts, "diagnostics": found}, option=orjson.OPT_APPEND_NEWLINE).decode()


def _rounded(size: float) -> str:
    if size < _THOUSAND:
        return ""
    for unit in ("kB", "MB", "GB", "TB"):
        size /= _THOUSAND
        if size < _THOUSAND:
            break
    return f" ({size:.1f} {unit})"


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
