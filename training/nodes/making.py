"""A job's folder, made on each node from the files that were brought there.

Several nodes may make one folder at once: each file gets its name when it is whole, and all of
them write the same bytes.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

from ...datasets.reading.opening import Unreadable, opened
from ...diagnostics.catalogue import diagnose
from ...jobfolder import JobFolder
from ...payloads import Payload, pins, read
from . import marks

_PIECE: Final = 1024 * 1024
_MADE: Final = "made.json"
"""By which payload a start has made the folder."""

Digests: TypeAlias = dict[str, str]
"""The SHA-256 of each file of a job, by its name in the folder."""


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
        raise RefusedError(f"{path} was changed: its digest is {found}, expected {sha256}")
    payload = read(data, name=path.name)
    if not isinstance(payload, Payload):
        raise RefusedError(f"{path}: {payload[0].message}")
    return payload, data


def claim(folder: JobFolder, payload: bytes, *, clears: bool = True) -> None:
    """Make a folder that of a job, before anything in it is put there or removed.

    Args:
        folder: the job's.
        payload: the payload.
        clears: whether what is in it is removed; else it may be this job's, whoever made it.

    Raises:
        RefusedError: it is another job's, or what is in it was put there by somebody else.
        OSError: the folder cannot be written.

    """
    digests = {folder.payload.name: hashlib.sha256(payload).hexdigest()}
    made = marks.read_json(folder.root / _MADE)
    if isinstance(made, dict):
        if made != digests:
            raise RefusedError(
                f"{folder.root} is the folder of another payload; pass another --folder"
            )
        return
    theirs = [path.name for path in _ours(folder) if os.path.lexists(path)]
    same = folder.payload.is_file() and folder.payload.read_bytes() == payload
    if theirs and (clears or not same):
        raise RefusedError(
            f"{folder.root} contains {theirs[0]}, which this program did not create; pass "
            "another --folder"
        )
    marks.put(folder.root / _MADE, json.dumps(digests).encode() + b"\n")


def make(folder: JobFolder, payload: bytes, files: Mapping[Path, tuple[Path, str]]) -> Digests:
    """Make a job's folder, and return the digests of its files.

    What is there already is not made again, and has to be the same.

    Args:
        folder: the job's.
        payload: the payload, which is put there last: where it is, the rest is.
        files: for each dataset file of the folder, where its rows are, and their digest or "".

    Raises:
        RefusedError: a file cannot be read, or is another one than is pinned or was there.
        OSError: the folder cannot be written.

    """
    found = {folder.payload.name: hashlib.sha256(payload).hexdigest()}
    if folder.payload.is_file():
        if folder.payload.read_bytes() != payload:
            raise RefusedError(f"{folder.payload} was changed after the folder was created")
        return found | _unchanged(folder, files)
    folder.root.mkdir(parents=True, exist_ok=True)
    for target, (source, digest) in files.items():
        beside = _beside(target)
        try:
            with beside.open("wb") as file:
                found[target.name] = _read(source, file)
            if digest and found[target.name] != digest:
                why = f"{source} is not the file that was reviewed"
                what = f"its digest is {found[target.name]}, but the payload pins {digest}"
                raise RefusedError(f"{why}: {what}")
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    beside = _beside(folder.payload)
    beside.write_bytes(payload)
    beside.replace(folder.payload)
    return found


def _unchanged(folder: JobFolder, files: Mapping[Path, tuple[Path, str]]) -> Digests:
    """Return the digests of the rows of a folder that was made before; a source may be gone."""
    found = {}
    for target in (folder.training, folder.validation):
        if (target in files) != target.is_file():
            had = "without" if target in files else "with"
            raise RefusedError(f"{folder.root} was created {had} {target.name}")
        if target not in files:
            continue
        source, digest = files[target]
        found[target.name] = digest or _read(target)
        if not digest and source.is_file() and _read(source) != found[target.name]:
            raise RefusedError(
                f"{source} was changed after it was copied to {target}; pass another --folder"
            )
    return found


def pinned(payload: Mapping[str, Any], use: str) -> str:
    """Return the digest that a dataset file has to have; empty if nothing pins it.

    Raises:
        RefusedError: only its first rows are pinned, which nobody has cut off here.

    """
    pin = pins(payload).get(use, {})
    if "head" in pin:
        raise RefusedError(f"the payload pins the first {pin['head']} rows of the {use} file")
    return str(pin.get("sha256", ""))


def _read(source: Path, target: BinaryIO | None = None) -> str:
    """Return the digest of a dataset file as plain JSONL, and write it where that is wanted."""
    digest = hashlib.sha256()
    try:
        with opened(str(source)) as rows:
            while piece := rows.read(_PIECE):
                digest.update(piece)
                if target:
                    target.write(piece)
    except Unreadable as error:
        raise RefusedError(f"{source}: {diagnose(error.finding, str(source)).message}") from error
    return digest.hexdigest()


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.{os.urandom(4).hex()}.unfinished")


def clear(folder: JobFolder) -> None:
    """Remove what an earlier start on this machine left; what counts is kept elsewhere."""
    for path in _ours(folder):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _ours(folder: JobFolder) -> Iterator[Path]:
    """Yield what a start puts into a folder, and removes from it when it is kept elsewhere."""
    yield from (folder.checkpoints, folder.result, folder.unfinished_result)
    yield from (folder.payload, folder.training, folder.validation, folder.journal)
