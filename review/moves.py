"""Renames and copies: which payload a new one was, or was made from.

Payloads are matched by content, as git matches files. Pure: knows payloads and their paths, and
neither git nor the disk.
"""

from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from ..compiler.inspection import leaves
from .side import Side


class MoveKind(StrEnum):
    """How a payload came to a new path."""

    RENAMED = "renamed"
    COPIED = "copied"


class Move(NamedTuple):
    """Where the payload at a new path comes from.

    Attributes:
        kind: whether the old path still exists.
        path: the old path.

    """

    kind: MoveKind
    path: str


RENAME_SIMILARITY: Final = 0.5
"""The least similarity of a rename. It is git's: one path is gone and one is new, so that half
of the content is evidence enough."""
COPY_SIMILARITY: Final = 0.75
"""The least similarity of a copy. It is higher because nothing is gone: the configs of one
project share half of their fields without being copies."""
_EXACT: Final = 1.0
_MOST_PAIRS: Final = 250_000
"""Pairs of equal payloads whose paths are compared."""
_MOST_LEAVES: Final = 10_000_000
"""Leaves that are looked up: those of 250,000 comparisons of payloads with 40 fields. It takes
a second or two; beyond it, payloads are matched only if they are equal or named alike."""


class _File(NamedTuple):
    path: str
    name: str
    folders: frozenset[str]
    leaves: frozenset[int]


class _Pair(NamedTuple):
    """A candidate; the best sorts first."""

    unlikeness: float
    other_name: bool
    folders_apart: int
    old: str
    new: str

    @property
    def is_near(self) -> bool:
        """Whether the two have their file name or their folder in common."""
        (one, name), (other, other_name) = (
            path.rpartition("/")[::2] for path in (self.old, self.new)
        )
        return name == other_name or one == other


def match_moved(
    gone: Mapping[str, Side], new: Mapping[str, Side], existing: Mapping[str, Side]
) -> dict[str, Move]:
    """Return where new payloads come from; one without a likely origin is left out.

    Equal payloads are matched first, then similar ones. Ties go to the path with the same file
    name, then to the one that shares the most folders. A path that is gone is renamed once; other
    new payloads like it are copies. A similar payload under another name in another folder is
    renamed only if nothing that still exists is more similar. The order of the mappings does not
    matter.

    Args:
        gone: the old sides whose paths no longer exist, by path.
        new: the new sides whose paths did not exist, by path.
        existing: the old sides whose paths still exist, changed or not, by path; what a copy may
            be made of.

    """
    numbers: dict[Hashable, int] = {}
    olds, news = _files(gone, numbers), _files(new, numbers)
    others = [file for file in _files(existing, numbers) if file.path not in new]
    found = _Moves(gone)
    found.rename(_equal(olds, news, _EXACT))
    found.copy(_equal([*others, *olds], found.left(news), _EXACT))
    sources = [file for file in olds if file.path not in found.renamed]
    similar = list(_similar(sources, found.left(news), RENAME_SIMILARITY))
    found.rename(pair for pair in similar if pair.is_near)
    copies = list(_similar([*others, *olds], found.left(news), COPY_SIMILARITY))
    best = {pair.new: pair.unlikeness for pair in sorted(copies, reverse=True)}
    found.rename(pair for pair in similar if pair.unlikeness <= best.get(pair.new, 0.0))
    found.copy(copies)
    return found.moves


class _Moves:
    """The moves that were found so far."""

    def __init__(self, gone: Container[str]) -> None:
        self._gone = gone
        self.moves: dict[str, Move] = {}
        self.renamed: set[str] = set()

    def left(self, files: Iterable[_File]) -> list[_File]:
        """Return those new files whose origin is not known."""
        return [file for file in files if file.path not in self.moves]

    def rename(self, pairs: Iterable[_Pair]) -> None:
        """Take in renames, the best first."""
        for pair in sorted(pairs):
            if pair.old not in self.renamed and pair.new not in self.moves:
                self.renamed.add(pair.old)
                self.moves[pair.new] = Move(MoveKind.RENAMED, pair.old)

    def copy(self, pairs: Iterable[_Pair]) -> None:
        """Take in copies, the best first; of what is gone, only if it was renamed."""
        for pair in sorted(pairs):
            if pair.old in self.renamed or pair.old not in self._gone:
                self.moves.setdefault(pair.new, Move(MoveKind.COPIED, pair.old))


def _files(sides: Mapping[str, Side], numbers: dict[Hashable, int]) -> list[_File]:
    return [_file(path, sides[path], numbers) for path in sorted(sides)]


def _file(path: str, side: Side, numbers: dict[Hashable, int]) -> _File:
    """Return what is compared of a side; each leaf is a number, which is quick to compare."""
    *folders, name = path.split("/")
    # The text of a value has its type in it: 1, 1.0, true and "1" are four.
    content = frozenset(
        numbers.setdefault((at, repr(value)), len(numbers)) for at, value in leaves(side.payload)
    )
    return _File(path, name, frozenset(folders), content)


def _equal(olds: Sequence[_File], news: Sequence[_File], _: float) -> Iterator[_Pair]:
    """Yield pairs of equal payloads: all of them, or where there are too many, one for each."""
    spent = 0
    for some, others in _buckets(olds, news, lambda file: file.leaves):
        spent += len(some) * len(others)
        if spent <= _MOST_PAIRS:
            yield from (_pair(old, new, _EXACT) for old in some for new in others)
        else:
            some.sort(key=lambda file: (file.name, file.path))
            others.sort(key=lambda file: (file.name, file.path))
            for index, new in enumerate(others):
                yield _pair(some[min(index, len(some) - 1)], new, _EXACT)


def _similar(olds: Sequence[_File], news: Sequence[_File], threshold: float) -> Iterator[_Pair]:
    """Yield pairs of similar payloads, where there are too many only of those named alike."""
    buckets: Sequence[tuple[Sequence[_File], Sequence[_File]]] = [(olds, news)]
    for parts in (1, 2):  # the name of the file; with its folder, as in exp-17/job.toml
        if sum(_cost(some, others) for some, others in buckets) > _MOST_LEAVES:
            buckets = _buckets(olds, news, _end_of_path(parts))
    spent = 0
    for some, others in buckets:
        spent += _cost(some, others)
        if spent > _MOST_LEAVES:
            return
        for old in some:
            for new in others:
                similarity = _similarity(old.leaves, new.leaves, threshold)
                if similarity >= threshold:
                    yield _pair(old, new, similarity)


def _end_of_path(parts: int) -> Callable[[_File], Hashable]:
    return lambda file: tuple(file.path.split("/")[-parts:])


def _buckets(
    olds: Iterable[_File], news: Iterable[_File], key: Callable[[_File], Hashable]
) -> list[tuple[list[_File], list[_File]]]:
    """Return the files with a key in common, the fewest pairs first."""
    found: dict[Hashable, tuple[list[_File], list[_File]]] = {}
    for old in olds:
        found.setdefault(key(old), ([], []))[0].append(old)
    for new in news:
        if (bucket := found.get(key(new))) is not None:
            bucket[1].append(new)
    both = [(some, others) for some, others in found.values() if others]
    return sorted(both, key=lambda pair: (len(pair[0]) * len(pair[1]), pair[0][0].path))


def _cost(olds: Sequence[_File], news: Sequence[_File]) -> int:
    """Return how many leaves are looked up at most when each is compared with each."""
    return min(
        len(news) * sum(len(file.leaves) for file in olds),
        len(olds) * sum(len(file.leaves) for file in news),
    )


def _similarity(old: frozenset[int], new: frozenset[int], threshold: float) -> float:
    """Return which part of the larger payload is in the other; 0 where it must be too small."""
    fewer, more = sorted((len(old), len(new)))
    if fewer < threshold * more:
        return 0.0
    return len(old & new) / more


def _pair(old: _File, new: _File, similarity: float) -> _Pair:
    shared = len(old.folders & new.folders)
    return _Pair(-similarity, old.name != new.name, -shared, old.path, new.path)
