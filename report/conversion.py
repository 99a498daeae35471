"""What became of a file that was converted or repaired: for people, and for programs.

It takes plain values and gives text; it reads nothing and prints nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from shlex import quote
from typing import Any

import orjson

from ..diagnostics import Diagnostic, Severity, encodable, printable
from .json_findings import as_object

_LINES = 5
"""Lines that are named of those with changes of one kind, at most."""


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
    """Return what was changed, a line for each kind, and what is left to do.

    Args:
        facts: what ``datasets.repairing.Fixed.facts`` gives.
        said: its changes in words.

    """
    if not facts["complete"]:
        return f"{printable(facts['file'])}: not fixed: the file could not be read to its end\n"
    legacy, source = facts["legacy"], facts["source"]
    outcome = "fixed" if said else "nothing could be fixed" if legacy else "nothing to fix"
    lines = [f"{printable(facts['file'])}: {outcome}"]
    for change, words in zip(facts["changes"], said, strict=True):
        lines.append(f"  {words} {_places(change)}")
    if legacy:
        rows = "1 row keeps" if legacy["count"] == 1 else f"{legacy['count']:,} rows keep"
        what = "legacy functions, calls or answers"
        lines.append(f"  {rows} {what} {_places(legacy)}: {printable(legacy['reason'])}")
    if source:
        name = "-" if facts["file"] == "<stdin>" else quote(printable(facts["file"]))
        lines.append(f"Most rows need: sftc data convert --from {source} {name} -o OUT")
    return "".join(f"{line}\n" for line in lines)


def _places(some: Mapping[str, Any]) -> str:
    numbers = ", ".join(f"{line:,}" for line in some["lines"])
    # There may be many in one line, so that fewer lines than that are all of them.
    more = ", …" if some["count"] > len(some["lines"]) >= _LINES else ""
    return f"({'line' if len(some['lines']) == 1 else 'lines'} {numbers}{more})"


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
