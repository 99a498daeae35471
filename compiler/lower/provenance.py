"""The origin of each field of a payload."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from ...diagnostics import KeyPath
from ...diagnostics.pointers import pointer

Target: TypeAlias = tuple[str, ...]
"""A field of the payload: a JSON Pointer, taken apart."""


class FromConfig(NamedTuple):
    """The value stands at ``path`` in the config ``document``."""

    path: KeyPath
    document: str


class FromDefault(NamedTuple):
    """The config leaves it out; ``pointer`` says where schema ``schema`` gives the value."""

    schema: str
    pointer: str


class FromOption(NamedTuple):
    """The command-line option ``--option`` set it."""

    option: str


Origin: TypeAlias = FromConfig | FromDefault | FromOption


def leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield each scalar and each empty table or array inside a value, with its path."""
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from leaves(child, (*path, key))
    elif isinstance(value, list) and value:
        for index, child in enumerate(value):
            yield from leaves(child, (*path, index))
    else:
        yield path, value


def trace(payload: dict[str, Any], origins: Mapping[KeyPath, Origin]) -> dict[str, Origin]:
    """Return where each leaf of a payload came from, by its JSON Pointer.

    Args:
        payload: the payload.
        origins: where its fields came from; a field may hold a whole table or array, whose
            leaves then stand below the same key of the config.

    """
    return {pointer(path): origin_of(path, origins) for path, _ in leaves(payload)}


def origin_of(path: KeyPath, origins: Mapping[KeyPath, Origin]) -> Origin:
    """Return where the value at a path of the payload came from.

    Raises:
        ValueError: nothing sets a value there, be it that there is none or a table of others.

    """
    cut = next((n for n in range(len(path), -1, -1) if path[:n] in origins), None)
    if cut is None:
        raise ValueError(f"no key and no default sets {pointer(path) or 'the whole payload'}")
    origin = origins[path[:cut]]
    if isinstance(origin, FromConfig):
        return origin._replace(path=(*origin.path, *path[cut:]))
    return origin
