"""A job's folder, made on each node from the files that were brought there.

Several nodes may make one folder at once: each file gets its name when it is whole, and all of
them write the same bytes.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ...datasets.reading.opening import Unreadable, opened
from ...diagnostics.catalogue import diagnose
from ...jobfolder import JobFolder
from ...payloads import Payload, pins, read

_PIECE: Final = 1024 * 1024


class RefusedError(Exception):
    """The job cannot be trained here; the message says why."""


def checked(path: Path, sha256: str | None) -> tuple[Payload, bytes]:
    """Return a payload and its bytes.

    Args:
        path: its file.
        sha256: the digest that it has to have; None: any.

    Raises:
        RefusedError: it has another one, or is none.

    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RefusedError(f"the payload cannot be read: {error}") from error
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and found != sha256:
        raise RefusedError(f"{path} was changed: its digest is {found}, and was {sha256}")
    payload = read(data, name=path.name)
    if not isinstance(payload, Payload):
        raise RefusedError(f"{path}: {payload[0].message}")
    return payload, data


def make(folder: JobFolder, payload: bytes, files: Mapping[Path, tuple[Path, str]]) -> None:
    """Make a job's folder; what is there already is not made again.

    Args:
        folder: the job's.
        payload: the payload, which is put there last: where it is, the rest is.
        files: for each dataset file of the folder, where its rows are, and their digest or "".

    Raises:
        RefusedError: a file cannot be read, or is another one than is pinned.
        OSError: the folder cannot be written.

    """
    if folder.payload.is_file():
        return
    folder.root.mkdir(parents=True, exist_ok=True)
    for target, (source, digest) in files.items():
        beside = _beside(target)
        try:
            found = _copy(source, beside)
            if digest and found != digest:
                why = f"{source} is not the file that was reviewed: its digest is {found}"
                raise RefusedError(f"{why}, and the payload pins {digest}")
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    beside = _beside(folder.payload)
    beside.write_bytes(payload)
    beside.replace(folder.payload)


def pinned(payload: Mapping[str, Any], use: str) -> str:
    """Return the digest that a dataset file has to have; empty if nothing pins it.

    Raises:
        RefusedError: only its first rows are pinned, which nobody has cut off here.

    """
    pin = pins(payload).get(use, {})
    if "head" in pin:
        raise RefusedError(f"the payload pins the first {pin['head']} rows of the {use} file")
    return str(pin.get("sha256", ""))


def _copy(source: Path, target: Path) -> str:
    """Copy a dataset file as plain JSONL, and return its digest."""
    digest = hashlib.sha256()
    try:
        with opened(str(source)) as rows, target.open("wb") as file:
            while piece := rows.read(_PIECE):
                digest.update(piece)
                file.write(piece)
    except Unreadable as error:
        raise RefusedError(f"{source}: {diagnose(error.finding, str(source)).message}") from error
    return digest.hexdigest()


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.{os.urandom(4).hex()}.unfinished")


def clear(folder: JobFolder) -> None:
    """Remove what an earlier start on this machine left; what counts is kept elsewhere."""
    for path in (folder.checkpoints, folder.result, folder.unfinished_result):
        shutil.rmtree(path, ignore_errors=True)
    for path in (folder.payload, folder.training, folder.validation, folder.journal):
        path.unlink(missing_ok=True)
