"""Bar charts of the tables in ``docs/performance.md``, so that each figure stands in one place.

A comment ``<!-- plot: NAME, 1: ours, 3: peer -->`` above a table asks for the picture
``docs/pictures/NAME.svg``: a bar for each row and each of the columns that it names, as long as the
first number in the cell.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final, NamedTuple

_ASKED: Final = re.compile(r"<!-- plot: ([\w-]+), (.+?) -->\n((?:\|.*\n)+)")
_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_MARKS: Final = re.compile(r"[`*]|\[|\]\([^)]*\)")
_WIDTH, _LABELS, _ROOM = 760, 330, 90
_BAR, _GAP, _TOP = 14, 10, 12
_LONGEST: Final = 46
_RECTANGLE: Final = '<rect class="{}" x="{}" y="{}" width="{:.1f}" height="{}" rx="2"/>'
_STYLE: Final = """\
svg{color-scheme:light dark}
text{font:13px system-ui,sans-serif;fill:#1a1c1e}
.a{fill:#0f5ea8}.b{fill:#9aa4ae}.w{fill:#fff;stroke:#d0d5da}
@media (prefers-color-scheme:dark){
text{fill:#e6e8ea}.a{fill:#7cb8f2}.b{fill:#6b747d}.w{fill:#16181a;stroke:#3a3f45}}"""


class Bar(NamedTuple):
    """One bar: what it shows, the cell that it is as long as, and whose it is, counted from 0."""

    label: str
    shown: str
    value: float
    whose: int


def charts(page: str) -> dict[str, str]:
    """Return the charts that a page asks for, as SVG, by name."""
    return {
        name: _svg(list(_bars(columns, table.splitlines()[2:])))
        for name, columns, table in _ASKED.findall(page)
    }


def write(page: Path, folder: Path) -> None:
    """Write the charts of a page into a folder."""
    for name, text in charts(page.read_text("utf-8")).items():
        (folder / f"{name}.svg").write_text(text, "utf-8")


def _bars(columns: str, rows: Sequence[str]) -> Iterator[Bar]:
    wanted = [part.split(":") for part in columns.split(", ")]
    for row in rows:
        cells = [_MARKS.sub("", cell).strip() for cell in row.strip("|").split("|")]
        for whose, (column, title) in enumerate(wanted):
            cell = cells[int(column)]
            number = _NUMBER.search(cell)
            if number is None:
                continue
            label = cells[0] if len(wanted) == 1 or whose == 0 else cells[int(column) - 1]
            shown = f"{cell} {title.strip()}" if len(wanted) > 1 else cell
            yield Bar(label, shown, float(number[0].replace(",", "")), whose)


def _svg(bars: Sequence[Bar]) -> str:
    longest = max(bar.value for bar in bars)
    lines, top = [], _TOP
    for bar in bars:
        long = max(1.0, bar.value / longest * (_WIDTH - _LABELS - _ROOM))
        middle = top + _BAR - 2
        lines += [
            _text(_LABELS - 10, middle, _cut(bar.label), ' text-anchor="end"'),
            _RECTANGLE.format("ab"[bar.whose], _LABELS, top, long, _BAR),
            _text(_LABELS + long + 6, middle, bar.shown),
        ]
        top += _BAR + _GAP
    frame = f'<rect class="w" x=".5" y=".5" width="{_WIDTH - 1}" height="{top - 1}" rx="8"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}">'
    return "\n".join([head, f"<style>{_STYLE}</style>", frame, *lines, "</svg>", ""])


def _text(left: float, bottom: float, text: str, more: str = "") -> str:
    return f'<text x="{left:.1f}" y="{bottom}"{more}>{escape(text)}</text>'


def _cut(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"


if __name__ == "__main__":
    DOCS: Final = Path(__file__).parents[2] / "docs"
    write(DOCS / "performance.md", DOCS / "pictures")
