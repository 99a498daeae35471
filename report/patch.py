"""The change of a file as a patch, as ``patch -p0`` and ``git apply -p0`` take it."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

_ESCAPES: Final = {
    **{ord(char): f"\\{char}" for char in '"\\'},
    **{code: f"\\{letter}" for code, letter in enumerate("abtnvfr", start=7)},
}
_CONTROLS: Final = frozenset((*range(0x20), 0x7F))
_NO_LINE_END: Final = "\n\\ No newline at end of file\n"
_NEAR: Final = 200
"""Lines between two anchors up to which difflib compares them; its time is quadratic."""


def render(before: str, after: str, name: str) -> str:
    """Return a patch that makes one text of a file another; empty if they are the same."""
    old, new = _lines(before), _lines(after)
    if old == new:
        return ""
    quoted = _quoted(name)
    hunks = _Matcher(old, new).get_grouped_opcodes()
    lines = (line for hunk in hunks for line in _hunk(old, new, hunk))
    ended = (line if line.endswith("\n") else line + _NO_LINE_END for line in lines)
    return f"--- {quoted}\n+++ {quoted}\n{''.join(ended)}"


def _lines(text: str) -> list[str]:
    """Return the lines with their ends, which are LF alone: to patch, all else is text."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


class _Block(NamedTuple):
    """Lines that are the same, as difflib has them."""

    a: int
    b: int
    size: int


class _Matcher(SequenceMatcher[str]):
    """Finds lines that stayed by those that are there once: in time proportional to the text."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        super().__init__(None, old, new)
        self._old, self._new = old, new

    def get_matching_blocks(self) -> list[_Block]:  # type: ignore[override]
        blocks: list[_Block] = []
        ends = (len(self._old), len(self._new))
        start = (0, 0)
        for anchor in [*_anchors(self._old, self._new), ends]:
            blocks += self._between(start, anchor)
            if anchor != ends:
                blocks.append(_Block(*anchor, 1))
                start = (anchor[0] + 1, anchor[1] + 1)
        joined: list[_Block] = []
        for block in blocks:
            last = joined[-1] if joined else _Block(0, 0, 0)
            if (last.a + last.size, last.b + last.size) == block[:2] and joined:
                joined[-1] = _Block(last.a, last.b, last.size + block.size)
            else:
                joined.append(block)
        return [*joined, _Block(*ends, 0)]

    def _between(self, start: tuple[int, int], end: tuple[int, int]) -> Iterator[_Block]:
        old, new = self._old[start[0] : end[0]], self._new[start[1] : end[1]]
        if max(len(old), len(new)) <= _NEAR:
            for a, b, size in SequenceMatcher(None, old, new).get_matching_blocks():
                if size:
                    yield _Block(start[0] + a, start[1] + b, size)


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the lines stand that are once in both, as many as keep their order."""
    once, place = Counter(old), {line: index for index, line in enumerate(new)}
    again = Counter(new)
    pairs = [
        (index, place[line])
        for index, line in enumerate(old)
        if once[line] == 1 and again[line] == 1
    ]
    # The longest increasing run, by patience sorting.
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for number, (_, at) in enumerate(pairs):
        pile = bisect_left(tops, at)
        before.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1], piles[pile : pile + 1] = [at], [number]
    found: list[tuple[int, int]] = []
    number = piles[-1] if piles else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _hunk(
    old: Sequence[str], new: Sequence[str], opcodes: Sequence[tuple[str, int, int, int, int]]
) -> Iterator[str]:
    (_, a, _, b, _), (_, _, a_end, _, b_end) = opcodes[0], opcodes[-1]
    yield f"@@ -{_range(a, a_end)} +{_range(b, b_end)} @@\n"
    for tag, start, end, new_start, new_end in opcodes:
        if tag == "equal":
            yield from (f" {line}" for line in old[start:end])
        else:
            yield from (f"-{line}" for line in old[start:end])
            yield from (f"+{line}" for line in new[new_start:new_end])


def _range(start: int, end: int) -> str:
    """Return a range of lines; an empty one begins at the line before it."""
    length = end - start
    return f"{start + 1 if length else start},{length}"


def _quoted(name: str) -> str:
    """Return the name of a file as git writes it: between quotes where it has to be."""
    raw = name.encode("utf-8", "surrogateescape")
    if not any(byte in _CONTROLS or byte in b'"\\' for byte in raw):
        return f"{name}\t" if " " in name else name  # the tab ends a name with spaces
    return f'"{"".join(map(_byte, raw))}"'


def _byte(byte: int) -> str:
    plain = byte not in _CONTROLS and byte < 0x80  # noqa: PLR2004 - ASCII
    return _ESCAPES.get(byte) or (chr(byte) if plain else f"\\{byte:03o}")
