"""A remedy to edits of the text: what is kept, is kept to the letter.

Every piece of the config that moves is cut out of the text and put in elsewhere as it
stands, with the comment beside it; only new pieces are written, by tomlkit.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from operator import itemgetter

from .. import schemas
from ..diagnostics import Edit, Finding, Fix, KeyPath, dotted
from ..diagnostics.lines import Lines
from .source import parse
from .source.places import Places

_Change = tuple[int, int, str]


def mend(finding: Finding, places: Places) -> Fix | None:
    """Return the fix of a finding, or None if its remedy cannot be written into this text.

    A fix always leaves TOML that can be read.
    """
    remedy = finding.remedy
    if remedy is None:
        return None
    surgeon = _Surgeon(places)
    possible = all(
        (
            *(surgeon.move(source, home) for source, home in remedy.moves),
            *(surgeon.remove(path) for path in remedy.removes),
            not remedy.quote or surgeon.quote(finding.path),
        )
    )
    if remedy.adds:
        surgeon.add(remedy.adds)
    changes = surgeon.changes()
    edits = tuple(Edit(places.lines.span(start, end), text) for start, end, text in changes)
    if not possible or not edits or parse(apply(places.text, edits))[0] is None:
        return None
    return Fix(remedy.title, remedy.safe, edits)


def apply(text: str, edits: Iterable[Edit]) -> str:
    r"""Return a text after edits that do not overlap; line ends stay ``\r\n`` where they are."""
    lines = Lines(text)
    line_end = "\r\n" if "\r\n" in text else "\n"
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        start = lines.offset(edit.span.line, edit.span.column)
        end = lines.offset(edit.span.end_line, edit.span.end_column)
        text = text[:start] + edit.text.replace("\n", line_end) + text[end:]
    return text


class _Surgeon:
    """Collects the changes of one remedy."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._text = places.text
        self._cut: set[KeyPath] = set()
        self._put: list[tuple[KeyPath, str, str]] = []  # table, pair, what to write
        self._changes: list[_Change] = []

    def move(self, source: KeyPath, home: KeyPath) -> bool:
        if source[:-1] == home[:-1]:
            new = _key(str(home[-1]))
            self._changes += [(*stretch, new) for stretch in self._places.mentions[source]]
            return True
        if source in self._places.values:
            start, end = self._places.values[source]
            value = self._text[start:end]
            pair = f"{_key(str(home[-1]))} = {value}"
            self._put.append((home[:-1], pair, self._comment(source)))
            self._cut.add(source)
            return True
        return self._move_headers(source, home)

    def _move_headers(self, source: KeyPath, home: KeyPath) -> bool:
        """Rename a table that is written below a header, and the tables below it."""
        if source not in self._places.headers:
            return False
        for path, (start, end) in self._places.headers.items():
            if path[: len(source)] == source and all(isinstance(part, str) for part in path):
                self._changes.append((start, end, f"[{dotted((*home, *path[len(source) :]))}]"))
        return True

    def remove(self, path: KeyPath) -> bool:
        self._cut.add(path)
        return True

    def quote(self, path: KeyPath) -> bool:
        start, end = self._places.values[path]
        self._changes.append((start, end, f'"{self._text[start:end]}"'))
        return True

    def add(self, tables: dict[str, dict[str, str]]) -> None:
        # Imported here because few fixes write anything new.
        import tomlkit

        end = len(self._text)
        gap = "\n" if self._text.endswith("\n") else "\n\n"
        self._changes.append((end, end, gap + tomlkit.dumps(tables)))

    def changes(self) -> list[_Change]:
        """Return the changes in the order of the text; none if two of them overlap."""
        changes = sorted({*self._changes, *self._removals(), *self._insertions()})
        overlap = any(end > start for (_, end, _), (start, _, _) in pairwise(changes))
        return [] if overlap else changes

    def _removals(self) -> Iterator[_Change]:
        cut = self._with_empty_tables()
        for path in cut:
            if any(path[:n] in cut for n in range(1, len(path))):
                continue  # goes with the table around it
            for statement, (start, end) in self._places.statements.items():
                if statement[: len(path)] == path:
                    yield self._line_start(start), self._line_end(end), ""
            for header, (start, end) in self._places.headers.items():
                if header[: len(path)] == path:
                    yield self._header_start(start), self._line_end(end), ""
            if self._is_inside_a_value(path):
                yield self._without(path[:-1], cut)

    def _with_empty_tables(self) -> set[KeyPath]:
        """Return the paths to cut, with each unknown table of which nothing would remain."""
        cut = set(self._cut)
        written = (*self._places.pairs, *self._places.headers)
        for path in self._cut:
            for length in range(len(path) - 1, 0, -1):
                table = path[:length]
                rest = [p for p in written if len(p) > length and p[:length] == table]
                if schemas.key_schema(table) or not all(
                    any(p[:n] in cut for n in range(length, len(p) + 1)) for p in rest
                ):
                    break
                cut.add(table)
        return cut

    def _is_inside_a_value(self, path: KeyPath) -> bool:
        return path[:-1] in self._places.values and path in self._places.values

    def _without(self, table: KeyPath, cut: set[KeyPath]) -> _Change:
        """Return an inline table without some of its pairs."""
        start, end = self._places.values[table]
        pairs = [p for p in self._places.pairs if p[: len(table)] == table and p not in cut]
        kept = [
            self._text[slice(*self._places.pairs[p])] for p in pairs if len(p) == len(table) + 1
        ]
        return start, end, "{ " + ", ".join(kept) + " }" if kept else "{}"

    def _comment(self, path: KeyPath) -> str:
        """Return the comment behind a statement, with the space before it."""
        if path not in self._places.statements:
            return ""
        end = self._places.statements[path][1]
        return self._text[end : self._line_end(end)].rstrip()

    def _insertions(self) -> Iterator[_Change]:
        for table, group in groupby(sorted(self._put, key=itemgetter(0)), key=itemgetter(0)):
            yield self._insertion(table, [(pair, comment) for _, pair, comment in group])

    def _insertion(self, table: KeyPath, pairs: list[tuple[str, str]]) -> _Change:
        lines = "".join(f"{pair}{comment}\n" for pair, comment in pairs)
        for length in range(len(table), 0, -1):
            above, rest = table[:length], table[length:]
            prefix = f"{dotted(rest)}." if rest else ""
            if above in self._places.headers:
                at = self._section_end(above)
                return (
                    at,
                    at,
                    self._newline(at) + (lines if not rest else f"\n[{dotted(table)}]\n{lines}"),
                )
            if above in self._places.values:
                return self._into_inline(above, [prefix + pair for pair, _ in pairs])
            beside = self._dotted_beside(above)
            if beside:
                at, section = beside
                prefix = f"{dotted(table[len(section) :])}."
                text = "".join(f"{prefix}{pair}{comment}\n" for pair, comment in pairs)
                return at, at, self._newline(at) + text
        end = len(self._text)
        return end, end, f"{self._newline(end)}\n[{dotted(table)}]\n{lines}"

    def _section_end(self, header: KeyPath) -> int:
        """Return the offset behind the last line of what stands directly below a header."""
        start = self._places.headers[header][0]
        following = [other for other, _ in self._places.headers.values() if other > start]
        stop = min(following, default=len(self._text))
        ends = [end for at, end in self._places.statements.values() if start < at < stop]
        return self._line_end(max(ends, default=self._places.headers[header][1]))

    def _dotted_beside(self, table: KeyPath) -> tuple[int, KeyPath] | None:
        """Return the offset behind the last dotted key of a table, and the header it is below."""
        found = [
            (span, path)
            for path, span in self._places.statements.items()
            if len(path) > len(table) and path[: len(table)] == table
        ]
        for (start, end), _ in sorted(found, reverse=True):
            above = [(at, path) for path, (at, _) in self._places.headers.items() if at < start]
            section = max(above)[1] if above else ()
            if len(section) < len(table):
                return self._line_end(end), section
        return None

    def _into_inline(self, table: KeyPath, pairs: list[str]) -> _Change:
        start, end = self._places.values[table]
        body = self._text[start + 1 : end - 1].rstrip().removesuffix(",")
        return start, end, "{" + ", ".join(([body] if body.strip() else []) + pairs) + " }"

    def _line_start(self, offset: int) -> int:
        return self._text.rfind("\n", 0, offset) + 1

    def _header_start(self, offset: int) -> int:
        """Return the start of a header's line, or of the empty line before it."""
        start = self._line_start(offset)
        return start - 1 if self._text[:start].endswith("\n\n") else start

    def _line_end(self, offset: int) -> int:
        end = self._text.find("\n", offset)
        return len(self._text) if end < 0 else end + 1

    def _newline(self, offset: int) -> str:
        return "" if offset == 0 or self._text[offset - 1] == "\n" else "\n"


def _key(key: str) -> str:
    return dotted((key,))
