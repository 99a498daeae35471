"""The index of findings: each code on one line, linked to its page."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from sftc.diagnostics.catalogue import CODES

from .markdown import anchor, page, table

_ABOUT: Final = """\
Every code that sftc reports, on one line. [Findings](../rules.md) explains each with examples, as \
does `sftc rule CODE`. The words in braces are filled in with what was found."""
_GROUPS: Final = {
    "SFT0": "Files and texts",
    "SFT1": "Keys, types and values",
    "SFT2": "Contradictions",
    "SFT3": "What is forwarded",
    "SFT4": "Datasets",
    "SFT5": "Payloads, submitting and fetching",
    "SFT6": "Artifacts and reviews",
    "SFT7": "Training and planning",
    "SFT8": "Other systems",
}


def findings() -> str:
    """Return the page."""
    return page("Index of findings", _ABOUT, _lines())


def _lines() -> Iterator[str]:
    for group, found in groupby(CODES.values(), lambda each: each.code[:4]):
        yield f"## {_GROUPS[group]}"
        yield ""
        rows = [
            (
                f"[{each.code}](../rules.md#{anchor(f'{each.code} {each.slug}')})",
                each.slug,
                str(each.severity),
                each.message,
            )
            for each in found
        ]
        yield from table(("code", "name", "severity", "message"), rows)
