"""What became of a file that was converted or repaired: for people, and for programs.

It takes plain values and gives text; it reads nothing and prints nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from ..diagnostics import Diagnostic, Severity, encodable, printable
from .json_findings import as_object


def converted(facts: Mapping[str, Any]) -> str:
    """Return how many rows were converted, as a line.

    Args:
        facts: what ``datasets.converting.Converted.facts`` gives.

    """
    left_out = facts["rows"] - facts["written"]
    parts = [f"{facts['written']:,} of {facts['rows']:,} rows converted"]
    parts += [f"{left_out:,} left out"] if left_out else []
    parts += [] if facts["complete"] else ["the file could not be read to its end"]
    return f"{printable(facts['file'])}: {', '.join(parts)}\n"


def repaired(facts: Mapping[str, Any], said: Sequence[str]) -> str:
    """Return what was changed, a line for each kind.

    Args:
        facts: what ``datasets.repairing.Fixed.facts`` gives.
        said: its changes in words.

    """
    if not facts["complete"]:
        return f"{printable(facts['file'])}: not fixed: the file could not be read to its end\n"
    if not said:
        return f"{printable(facts['file'])}: nothing to fix\n"
    lines = [f"{printable(facts['file'])}: fixed"]
    for change, words in zip(facts["changes"], said, strict=True):
        numbers = ", ".join(f"{line:,}" for line in change["lines"])
        more = ", …" if change["count"] > len(change["lines"]) else ""
        noun = "line" if change["count"] == 1 else "lines"
        lines.append(f"  {words} ({noun} {numbers}{more})")
    return "".join(f"{line}\n" for line in lines)


def as_json(
    facts: Mapping[str, Any],
    output: str | None,
    diagnostics: Iterable[Diagnostic],
    unseen: Mapping[Severity, int],
) -> str:
    """Return the facts and the findings as one JSON object on one line.

    Its schema is ``convert.schema.json`` or ``fix.schema.json``.
    """
    result = {
        "format": 1,
        **facts,
        "file": encodable(facts["file"]),
        "output": None if output is None else encodable(output),
        "unseen": {str(severity): count for severity, count in unseen.items()},
        "findings": [as_object(diagnostic) for diagnostic in diagnostics],
    }
    return orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE).decode()
