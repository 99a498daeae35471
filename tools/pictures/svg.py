"""Lines of styled text as an SVG: one file that is light or dark as its reader's system is.

No font and no script is loaded: the text is in whatever monospaced font there is, and each run of
it is stretched to its columns.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

_WIDE: Final = 8.0
_HIGH: Final = 18.0
_MARGIN: Final = 16.0
_BAR: Final = 34.0
_COLOURS: Final = {
    "black": ("#1a1c1e", "#8b9299"),
    "red": ("#b3261e", "#ff8a80"),
    "green": ("#1b6e2c", "#7fd88f"),
    "yellow": ("#8a5a00", "#f2c14e"),
    "blue": ("#0f5ea8", "#7cb8f2"),
    "magenta": ("#8e24aa", "#d7a0ea"),
    "cyan": ("#00696f", "#6fd3da"),
    "white": ("#4a4f55", "#d5d9dd"),
}
"""The eight colours of a terminal in their order, legible on light and on dark paper."""
_STYLE: Final = """\
svg{{color-scheme:light dark}}
text{{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}}
text{{white-space:pre;fill:#1a1c1e}}
.w{{fill:#fff;stroke:#d0d5da}}.b{{font-weight:700}}.d{{opacity:.65}}.t{{fill:#5c6166}}
{light}
@media (prefers-color-scheme:dark){{
text{{fill:#e6e8ea}}.w{{fill:#16181a;stroke:#3a3f45}}.t{{fill:#9aa1a8}}
{dark}}}"""


def wrapped(lines: Sequence[Text], columns: int) -> list[Text]:
    """Return lines as a terminal of so many columns breaks them: anywhere."""
    found: list[Text] = []
    for line in lines:
        ends = []
        wide = 0
        for place, character in enumerate(line.plain):
            if wide + cell_len(character) > columns:
                ends.append(place)
                wide = 0
            wide += cell_len(character)
        found += line.divide(ends)
    return found


def terminal(title: str, lines: Sequence[Text], columns: int) -> str:
    """Return the SVG of a terminal with a title and lines of text.

    Args:
        title: what stands above, and what a screen reader says of the picture.
        lines: as a terminal of ``columns`` columns shows them.
        columns: how wide it is.

    """
    lines = wrapped(lines, columns)
    width = columns * _WIDE + 2 * _MARGIN
    height = len(lines) * _HIGH + _BAR + _MARGIN
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    named = f'role="img" aria-label="{escape(title)}"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {named}>',
            f"<style>{_style()}</style>",
            f'<rect class="w" x=".5" y=".5" width="{width - 1:g}" height="{height - 1:g}" rx="8"/>',
            f'<text class="t" x="{_MARGIN:g}" y="22">{escape(title)}</text>',
            *(line for number, text in enumerate(lines) for line in _line(number, text)),
            "</svg>\n",
        )
    )


def _style() -> str:
    light, dark = (
        "".join(f".{name}{{fill:{pair[side]}}}" for name, pair in _COLOURS.items())
        for side in (0, 1)
    )
    return _STYLE.format(light=light, dark=dark)


def _line(number: int, text: Text) -> Iterator[str]:
    y = _BAR + number * _HIGH + 12
    column = 0
    for segment in text.render(Console(width=10_000)):
        for piece, skipped in _words(segment.text.rstrip("\n")):
            column += skipped
            if piece:
                wide = cell_len(piece)
                names = " ".join(_classes(segment.style or Style()))
                chosen = f' class="{names}"' if names else ""
                yield (
                    f'<text{chosen} x="{_MARGIN + column * _WIDE:g}" y="{y:g}"'
                    f' textLength="{wide * _WIDE:g}">{escape(piece, quote=False)}</text>'
                )
                column += wide


def _words(text: str) -> Iterator[tuple[str, int]]:
    """Yield a text without the blanks before and after it, and how many were before it."""
    bare = text.strip(" ")
    before = len(text) - len(text.lstrip(" "))
    yield bare, before
    if bare:
        yield "", len(text) - before - len(bare)


def _classes(style: Style) -> Iterator[str]:
    if style.bold:
        yield "b"
    if style.dim:
        yield "d"
    if style.color and not style.color.is_default:
        number = style.color.number
        if number is not None and number < 2 * len(_COLOURS):  # the bright ones are the same here
            yield list(_COLOURS)[number % len(_COLOURS)]
