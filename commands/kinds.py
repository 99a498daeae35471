"""Files of the wrong kind for a command, recognised by name: what to run instead."""

import os
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

from .streams import usage


class Kind(Enum):
    """What a file is, by its name."""

    CONFIG = "a config"
    PAYLOAD = "a payload"
    DATASET = "a dataset"


_ENDS: Final[Mapping[str, Kind]] = {
    ".toml": Kind.CONFIG,
    ".json": Kind.PAYLOAD,
    ".jsonl": Kind.DATASET,
    ".jsonl.gz": Kind.DATASET,
    ".jsonl.zst": Kind.DATASET,
}

_INSTEAD: Final[Mapping[tuple[Kind, Kind], str]] = {
    (Kind.CONFIG, Kind.PAYLOAD): "`sftc lift {name}` turns it into a config",
    (Kind.CONFIG, Kind.DATASET): "`sftc data {name}` checks it",
    (Kind.PAYLOAD, Kind.CONFIG): "compile it first: `sftc compile {name} > job.json`",
    (Kind.PAYLOAD, Kind.DATASET): "`sftc data {name}` checks it",
    (Kind.DATASET, Kind.CONFIG): "`sftc data --config {name}` checks the datasets that it names",
}
"""What to do where the first was wanted and the second was named."""


def refuse_others(names: Iterable[str], *kinds: Kind, folders: bool = True) -> None:
    """Exit with 2 if a name is that of another kind of file.

    Args:
        names: what the user named.
        kinds: what the command takes; what has none of the usual names may be any of them.
        folders: whether it takes folders of them, too.

    """
    wanted = kinds[0]
    for name in names:
        if os.path.isdir(name):  # noqa: PTH112 - a text
            if not folders:
                usage(f"{name} is a folder: name {wanted.value} in it")
            continue
        kind = _kind(name)
        if kind is None or kind in kinds or _is_artifact(name, wanted):
            continue
        instead = _INSTEAD.get((wanted, kind), f"name {wanted.value}")
        usage(f"{name} is {kind.value}, not {wanted.value}: {instead.format(name=name)}")


def _kind(name: str) -> Kind | None:
    ends = (end for end in sorted(_ENDS, key=len, reverse=True) if name.lower().endswith(end))
    return next((_ENDS[end] for end in ends), None)


def _is_artifact(name: str, wanted: Kind) -> bool:
    """Whether it is an artifact, which commands that take many configs skip with a note."""
    return wanted is Kind.CONFIG and name.endswith(".job.json")
