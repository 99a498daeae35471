"""A block of lines to its tally: what is surely good at once, and each other row with care.

Most rows that are not good are like others before them. The accelerator gives each a signature,
and what was found in one row is so of all with its signature: it need not be looked for again.
"""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from struct import iter_unpack
from typing import Final, NamedTuple

import xxhash

from ..reading.blocks import Block, LargeLine
from ..rows.accelerator import REST
from ..rows.conversation import CONVERSATIONS
from ..rows.grouping import Familiar, Findings, Kind, kind_of
from ..rows.kind import RowKind
from ..rows.validating import validate_row
from ..rows.verdict import Contents
from .tally import Tally

_LARGE: Final = 256 * 1024
"""Bytes from which on a row is not taken apart as a whole: as values, it may need 30 times them."""
_SIGNATURES: Final = 10_000
"""Signatures that are remembered."""
_SIMPLE: Final = 20
"""Kinds of findings, and roles, of a row that is worth remembering."""


class _Known(NamedTuple):
    """What is found in each row with a signature.

    Attributes:
        length: characters of the row that was looked at.
        kinds: how many findings of each kind.
        contents: what the row holds, if it is good.

    """

    length: int
    kinds: Counter[Kind]
    contents: Contents | None

    @property
    def simple(self) -> bool:
        """Whether it is small, however large the row was."""
        roles = len(self.contents.roles) if self.contents else 0
        return len(self.kinds) <= _SIMPLE and roles <= _SIMPLE


@dataclass(slots=True)
class _Repeated:
    """Rows of a block that are only counted.

    Attributes:
        known: what is found in each.
        place: the 0-based line of one of them.
        count: how many there are.

    """

    known: _Known
    place: int
    count: int = 0


@dataclass(slots=True)
class Judge:
    """How the rows of one file are judged, by any number of threads.

    Attributes:
        most: how many kinds of findings of each severity may come to be shown; None: all
            findings are, each alone.
        allowed: the codes that are not looked for.
        kind: what the rows are to be.
        familiar: the kinds of which no more examples are needed, and turns that have no other.

    """

    most: int | None
    allowed: frozenset[str] = frozenset()
    kind: RowKind = CONVERSATIONS
    familiar: Familiar = field(default_factory=Familiar)
    _known: dict[int, _Known] = field(default_factory=dict)
    _literal: dict[int, _Known] = field(default_factory=dict)

    def tally(self, block: Block | LargeLine) -> Tally:
        """Return what the lines of a block, or one large line, give."""
        if isinstance(block, LargeLine):
            tally = Tally(Findings(self.most), lines=1)
            self._add_large(block, tally, 0)
            return tally
        sifted = self.kind.sift(block.text)
        tally = Tally(
            Findings(self.most),
            lines=sifted.lines,
            roles=Counter(sifted.roles),
            tools=sifted.tools,
            images=sifted.images,
            reasoning=sifted.reasoning,
            arguments=dict(sifted.arguments),
            lengths=array("Q", sifted.lengths),
            hashes=array("Q", sifted.hashes),
            places=array("I", sifted.places),
        )
        surely_good = len(tally.hashes)
        self._add_rest(block, sifted.rest, tally)
        _in_order(tally, surely_good)
        return tally

    def _add_rest(self, block: Block, rest: bytes, tally: Tally) -> None:
        """Add the rows that are not surely good."""
        repeated: dict[int, _Repeated] = {}
        for signature, digest, length, place, start, stop, literal in iter_unpack(REST, rest):
            if like := repeated.get(signature):
                like.count += 1
                tally.lengths.append(length or like.known.length)
                if like.known.contents:
                    tally.hashes.append(digest)
                    tally.places.append(place)
                continue
            remembered = self._literal if literal else self._known
            known = remembered.get(signature) if signature else None
            if known is None or not self._is_exemplified(known, tally):
                known = self._add_row(block, start, stop, place, tally)
                if signature and known and known.simple and len(remembered) < _SIGNATURES:
                    remembered[signature] = known
            elif _add_known(known, place, length, digest, tally):
                repeated[signature] = _Repeated(known, place)
        for like in repeated.values():
            _count(like, tally)

    def _is_exemplified(self, known: _Known, tally: Tally) -> bool:
        if self.most is None:
            return False
        groups, exemplified = tally.findings.groups, self.familiar.enough
        return all(
            kind in exemplified or ((group := groups.get(kind)) and group.exemplified)
            for kind in known.kinds
        )

    def _add_row(
        self, block: Block, start: int, stop: int, place: int, tally: Tally
    ) -> _Known | None:
        """Add one row, which is this stretch of a block; return what rows like it give."""
        begin = block.text.rfind(b"\n", 0, start) + 1  # white space before it counts in columns
        line = block.text[begin:stop]
        offset = block.offset + begin
        ended = block.text.find(b"\n", stop) >= 0  # white space is all that may stand between
        if len(line) > _LARGE:
            pieces = iter((line + b"\n" if ended else line,))
            self._add_large(LargeLine(pieces, offset), tally, place)
            return None
        verdict = validate_row(
            line,
            self.kind,
            offset=offset,
            ended=ended,
            allowed=self.allowed,
            familiar=self.familiar,
        )
        tally.lengths.append(verdict.length)
        kinds = Counter(map(kind_of, verdict.findings))
        kinds.update(verdict.familiar)
        for kind, times in verdict.familiar.items():
            tally.findings.again(kind, place, times)
        for finding in verdict.findings:
            tally.findings.note(place, finding, line)
        if verdict.contents:
            tally.add(place, verdict.contents, xxhash.xxh64_intdigest(line[start - begin :]))
        return _Known(verdict.length, kinds, verdict.contents)

    def _add_large(self, line: LargeLine, tally: Tally, place: int) -> None:
        verdict = self.kind.validate_large(line, self.most, self.allowed)
        if not verdict.length:  # megabytes of white space are no row
            return
        tally.lengths.append(verdict.length)
        tally.findings.merge(verdict.findings, place)
        if verdict.contents:
            tally.add(place, verdict.contents, verdict.digest)


def _add_known(known: _Known, place: int, length: int, digest: int, tally: Tally) -> bool:
    """Add a row that is like others, and return whether more of them need only be counted."""
    for kind, times in known.kinds.items():
        tally.findings.again(kind, place, times)
    tally.lengths.append(length or known.length)
    if known.contents:
        tally.add(place, known.contents, digest)
    return all(tally.findings.groups[kind].lined for kind in known.kinds)


def _count(repeated: _Repeated, tally: Tally) -> None:
    for kind, times in repeated.known.kinds.items():
        tally.findings.again(kind, repeated.place, times * repeated.count)
    if repeated.known.contents:
        tally.count(repeated.place, repeated.known.contents, repeated.count)


def _in_order(tally: Tally, surely_good: int) -> None:
    """Put good rows that were judged alone among the other good rows."""
    if 0 < surely_good < len(tally.places):
        rows = sorted(zip(tally.places, tally.hashes, strict=True))
        tally.places = array("I", [place for place, _ in rows])
        tally.hashes = array("Q", [digest for _, digest in rows])
