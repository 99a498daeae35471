"""Remedies to changes of a text: all of them at once, so that they fit together.

What is kept is kept to the letter. A key that moves takes along the comments above and beside
it; a table that goes leaves its comments to the first key that leaves it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise

from ... import schemas
from ...diagnostics import Finding, KeyPath, dotted
from .inline import without
from .insertion import Block, insertions
from .outline import Outline, Stretch

Change = tuple[int, int, str]


class Plan:
    """The changes that some findings ask for."""

    def __init__(self, outline: Outline, *, by_key: bool = False) -> None:
        """Begin without a change.

        Args:
            outline: the layout of the text.
            by_key: whether to move each key by itself, and no table where it stands: what is left
                where tables are so entangled that they cannot go as they are.

        """
        self._by_key = by_key
        self._outline = outline
        self._places = outline.places
        self._text = outline.text
        self._changes: list[Change] = []
        self._quotes: list[Stretch] = []  # values to put quotes around
        self._quoted: set[Stretch] = set()  # those that move with the quotes around them
        self._blocks: dict[KeyPath, Block] = {}  # by where they come from
        self._became: dict[KeyPath, KeyPath] = {}  # tables that get their name where they stand
        self._was: dict[KeyPath, KeyPath] = {}  # the same, the other way around
        self._gone: dict[KeyPath, None] = {}  # what leaves its place in the text
        self._left: dict[KeyPath, None] = {}  # what stays there, and leaves its table
        self._around: set[KeyPath] = set()  # tables in which a key has a move of its own
        self._carried: set[Stretch] = set()  # comments that a key takes along

    def add(self, findings: Iterable[Finding]) -> None:
        """Plan the remedies of findings."""
        moves: list[tuple[KeyPath, KeyPath]] = []
        removes: list[KeyPath] = []
        for finding in findings:
            remedy = finding.remedy
            if remedy is not None:
                moves += remedy.moves
                removes += remedy.removes
                if remedy.quote:
                    self._quotes.append(self._places.values[finding.path])
        self._quotes.sort()
        own = {source for source, _ in moves}
        self._around = {path[:length] for path in own for length in range(1, len(path))}
        # A table before what is in it: its keys may then stay where they are.
        for source, home in sorted(moves, key=lambda move: (len(move[1]), len(move[0]), move[0])):
            self._move(source, home, own)
        for path in removes:
            self._remove(path)

    def changes(self) -> list[Change] | None:
        """Return the changes in the order of the text; None if two of them overlap."""
        self._leave_empty_tables()
        found = [*self._changes, *self._removals()]
        found += (
            (*stretch, f'"{self._text[slice(*stretch)]}"')
            for stretch in self._quotes
            if stretch not in self._quoted
        )
        found += insertions(self._outline, self._blocks.values(), self._written, self._now)
        found.sort(key=lambda change: change[:2])
        overlap = any(end > start for (_, end, _), (start, _, _) in pairwise(found))
        return None if overlap else found

    def _now(self, path: KeyPath) -> KeyPath:
        """Return the path that a table will have."""
        return _translated(path, self._became)

    def _written(self, path: KeyPath) -> KeyPath:
        """Return the path that a table has in the text."""
        places = self._places
        defined = path in places.headers or path in places.values or path in self._outline.dotted
        return path if defined else _translated(path, self._was)

    def _move(self, source: KeyPath, home: KeyPath, own: set[KeyPath]) -> None:
        """Move a key, or a table, or what of it has no remedy of its own."""
        absent = self._written(home) not in self._places.mentions
        absent &= not (self._by_key and self._outline.is_table(source))
        if absent and self._now(source)[:-1] == home[:-1]:
            new = dotted(home[-1:])
            self._changes += [(*stretch, new) for stretch in self._places.mentions[source]]
            self._stays(source, home)
        elif absent and source in self._places.pairs and source not in self._around:
            self._cut(source, home)
        elif not self._retitle(source, home):
            children = self._outline.children.get(source, ())
            for child in children:
                if child not in own:
                    self._move(child, (*home, child[-1]), own)
            if source in self._places.headers:
                self._gone[source] = None
                if not children and absent:
                    pair = f"{dotted(home[-1:])} = {{}}"
                    at = self._places.headers[source][0]
                    self._blocks[source] = Block(home[:-1], pair, source, at)

    def _stays(self, source: KeyPath, home: KeyPath) -> None:
        self._became[source] = home
        self._was[home] = source

    def _retitle(self, source: KeyPath, home: KeyPath) -> bool:
        """Give a table below headers its name where it stands, if nothing is in the way."""
        places, outline = self._places, self._outline
        around = [self._written(home[:length]) for length in range(1, len(home) + 1)]
        if around[-1] in outline.dotted or any(table in places.values for table in around):
            return False
        if not outline.only_headers(source) or (self._by_key and outline.has_keys(source)):
            return False
        below = [path for path in outline.headers_below(source) if path in places.headers]
        if any(self._written((*home, *path[len(source) :])) in places.headers for path in below):
            return False
        names = dotted(tuple(part for part in home if isinstance(part, str)))
        for start, end in places.mentions[source]:
            section = outline.section(start)
            first = section.start + (2 if self._text.startswith("[[", section.start) else 1)
            self._changes.append((first, end, names))
        if self._now(source[:-1]) != home[:-1]:
            self._left[source] = None
        self._stays(source, home)
        return True

    def _cut(self, source: KeyPath, home: KeyPath) -> None:
        """Take a pair out, to put it in elsewhere, with the comments on its lines."""
        start, end = self._places.values[source]
        at, _ = self._places.pairs[source]
        block = Block(home[:-1], f"{dotted(home[-1:])} = {self._value(start, end)}", source, at)
        self._carried.update(self._outline.comments(start, end))
        lines = self._outline.lines(source)
        if lines:
            top, behind, bottom = lines
            block.above += map(self._comment, self._outline.comments(top, at))
            block.beside = self._text[behind:bottom].rstrip()
            self._carried.update(self._outline.comments(top, bottom))
        elif comment := self._outline.beside(source):
            block.beside = f" {self._comment(comment)}"
            self._carried.add(comment)
        self._blocks[source] = block
        self._gone[source] = None

    def _value(self, start: int, end: int) -> str:
        """Return a value that moves, with what gets quotes inside it."""
        text, at = "", start
        for stretch in self._quotes[bisect_left(self._quotes, (start, start)) :]:
            if stretch[1] > end:
                break
            self._quoted.add(stretch)
            text += f'{self._text[at : stretch[0]]}"{self._text[slice(*stretch)]}"'
            at = stretch[1]
        return text + self._text[at:end]

    def _comment(self, stretch: Stretch) -> str:
        return self._text[slice(*stretch)]

    def _remove(self, path: KeyPath) -> None:
        if path not in self._places.pairs:
            for child in self._outline.children.get(path, ()):
                self._remove(child)
            if path not in self._places.headers:
                return
        self._gone[path] = None

    def _leave_empty_tables(self) -> None:
        """Have each unknown table go of which nothing would remain."""
        left = {table: len(keys) for table, keys in self._outline.children.items()}
        waiting = {**self._gone, **self._left}
        while waiting:
            path, _ = waiting.popitem()
            table = path[:-1]
            left[table] -= 1
            if not left[table] and table and not schemas.key_schema(table):
                if table not in self._gone:
                    waiting[table] = None
                self._gone[table] = None

    def _removals(self) -> Iterator[Change]:
        heirs: dict[KeyPath, Block] = {}
        for block in sorted(self._blocks.values(), key=lambda block: block.at):
            for length in range(1, len(block.source) + 1):
                heirs.setdefault(block.source[:length], block)
        inside: dict[KeyPath, list[KeyPath]] = {}
        for path in self._gone:
            if self._goes_with_a_statement(path):
                continue
            if path in self._places.statements:
                yield self._without_lines(*self._places.statements[path], heirs.get(path))
            elif path in self._places.pairs:
                inside.setdefault(self._outline.container(path), []).append(path)
            elif path in self._places.headers:
                yield self._without_lines(*self._places.headers[path], heirs.get(path))
        for table, paths in inside.items():
            yield from without(self._outline, table, paths, self._blocks)

    def _goes_with_a_statement(self, path: KeyPath) -> bool:
        above = (path[:length] for length in range(1, len(path)))
        return any(table in self._gone and table in self._places.pairs for table in above)

    def _without_lines(self, start: int, end: int, heir: Block | None) -> Change:
        """Return the removal of lines; comments that nobody takes along go to an heir, or stay."""
        outline = self._outline
        top, bottom = outline.lead(start), outline.line_end(end)
        comments = [
            self._comment(comment)
            for comment in outline.comments(top, bottom)
            if comment not in self._carried
        ]
        if heir:
            heir.above[:0] = comments
            comments = []
        gap = self._text.startswith("\n\n", top - 2)
        if self._text.startswith("[", start) and gap and not comments:
            top -= 1  # the empty line above a header goes with it
        return top, bottom, "".join(f"{comment}\n" for comment in comments)


def _translated(path: KeyPath, names: dict[KeyPath, KeyPath]) -> KeyPath:
    for length in range(len(path), 0, -1) if names else ():
        if path[:length] in names:
            return (*names[path[:length]], *path[length:])
    return path
