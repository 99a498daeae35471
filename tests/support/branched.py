"""Two states of a repository, compared without one: as ``sftc diff main`` does it, but pure."""

from collections.abc import Mapping
from pathlib import Path

from sftc.review import Comparison, Move, Side, match_moved, read_side

SHORT = "abc1234"


def tree(folder: Path) -> dict[str, bytes]:
    """Return the configs below a folder, by their paths in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.toml"))
    }


def compared(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[Comparison]:
    """Return a comparison for each config that was there before, or is there after."""
    old = {path: side(data, path, f"{SHORT}:") for path, data in before.items()}
    new = {path: side(data, path) for path, data in after.items()}
    moves = match_moved(
        {path: old[path] for path in old.keys() - new.keys()},
        {path: new[path] for path in new.keys() - old.keys()},
        {path: old[path] for path in old.keys() & new.keys()},
    )
    renamed = {move.path for move in moves.values() if move.kind == "renamed"}
    return [
        comparison(path, old, new, moves.get(path))
        for path in sorted(old.keys() | new.keys())
        if path in new or path not in renamed
    ]


def comparison(
    path: str, old: Mapping[str, Side], new: Mapping[str, Side], move: Move | None
) -> Comparison:
    """Return the comparison of a path."""
    before = old.get(move.path if move else path)
    return Comparison(before, new.get(path), path, moved=move)


def side(data: bytes, path: str, revision: str = "") -> Side:
    """Return a config as a side."""
    found = read_side(data, f"{revision}{path}")
    assert isinstance(found, Side), found
    return found
