"""Where something is in another system's config: ``datasets[0].path``, read, found and put.

Knows no target and no field of ours.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from ..diagnostics import KeyPath

_PART: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class Absent:
    """The one value that stands for no value."""

    def __repr__(self) -> str:
        """Return its name."""
        return "ABSENT"


ABSENT: Final = Absent()


@cache
def parsed(text: str) -> KeyPath:
    """Return the path that a text such as ``datasets[0].path`` writes."""
    return tuple(
        int(match[1]) if match[1] is not None else match[2] for match in _PART.finditer(text)
    )


def found(tree: Any, path: KeyPath) -> Any:
    """Return what is at a path of a tree of mappings and lists; ``ABSENT`` for nothing."""
    for part in path:
        if isinstance(part, int):
            if not isinstance(tree, list) or part >= len(tree):
                return ABSENT
            tree = tree[part]
        elif isinstance(tree, Mapping) and part in tree:
            tree = tree[part]
        else:
            return ABSENT
    return tree


def put(tree: dict[str, Any], path: KeyPath, value: Any) -> None:
    """Put a value at a path; mappings and lists on the way are made."""
    here: Any = tree
    for part, below in zip(path, (*path[1:], None), strict=True):
        empty: Any = value if below is None else [] if isinstance(below, int) else {}
        if isinstance(part, int):
            if part == len(here):
                here.append(empty)
            elif below is None:
                here[part] = value
            here = here[part]
        elif below is None:
            here[part] = value
        else:
            here = here.setdefault(part, empty)


def leaves(tree: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield each value that holds no other, with its path: scalars, empty mappings and lists."""
    if isinstance(tree, Mapping) and tree:
        for key, below in tree.items():
            yield from leaves(below, (*path, key))
    elif isinstance(tree, list) and tree:
        for index, below in enumerate(tree):
            yield from leaves(below, (*path, index))
    else:
        yield path, tree


def is_below(path: KeyPath, above: KeyPath) -> bool:
    """Whether a path is another one, or inside it."""
    return path[: len(above)] == above
