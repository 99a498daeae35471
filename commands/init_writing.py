"""Writes several files: all of them or none."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ..disk import writing
from .streams import write


def write_all(wanted: Mapping[Path, bytes]) -> None:
    """Write files, or say why one cannot be, leave everything as it was, and exit with 1."""
    before = {target: target.read_bytes() if target.is_file() else None for target in wanted}
    folders = {folder for target in wanted for folder in target.parents if not folder.exists()}
    done: list[Path] = []
    try:
        for target, data in wanted.items():
            write(target, data)
            done.append(target)
    except BaseException:  # an interrupt, too
        for target in done:
            _put_back(target, before[target])
        for folder in sorted(folders, key=lambda folder: len(folder.parts), reverse=True):
            with suppress(OSError):
                folder.rmdir()
        raise


def _put_back(target: Path, data: bytes | None) -> None:
    with suppress(OSError):
        if data is None:
            target.unlink()
        else:
            writing.write(target, data)
