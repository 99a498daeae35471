"""Which base model a training began with, so that it never goes on with another one.

It imports no torch. A large file of weights is sampled, not read.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ...diagnostics.pointers import pointer
from ...disk import writing
from ...jobfolder import Exit
from ...payloads import fields
from .failures import JobError

_RECORD: Final = "base.json"
_FORMAT: Final = 1
_FILES: Final = (
    "config.json",
    "*.safetensors",
    "*.safetensors.index.json",
    "tokenizer*",
    "*.jinja",
)
"""What a training depends on."""
_WHOLE: Final = 64 * 1024 * 1024
"""Bytes up to which a file is read to its end."""
_SAMPLES: Final = 64
_SAMPLE: Final = 64 * 1024
"""Bytes of a sample; the first has at least the start of the header of a safetensors file."""


def record(checkpoints: Path, name: str, base: Path) -> None:
    """Store by which base model a training begins, before there is a checkpoint.

    Raises:
        OSError: it cannot be stored.

    """
    value = {"format": _FORMAT, "name": name, "folder": str(base), "files": _digests(base)}
    writing.write(checkpoints / _RECORD, json.dumps(value, indent=2).encode() + b"\n")


def check(checkpoints: Path, name: str, base: Path, step: int) -> str | None:
    """Compare a base model with the one of a checkpoint.

    Args:
        checkpoints: the folder of all checkpoints.
        name: the base model's, as the payload has it.
        base: its folder.
        step: that of the checkpoint.

    Returns:
        Why they could not be compared, if so.

    Raises:
        JobError: it is another one.

    """
    known = _recorded(checkpoints / _RECORD)
    if known is None:
        return f"the base model of the checkpoint of step {step:,} is unknown"
    before, now = known["files"], _digests(base)
    changed = sorted(file for file in before.keys() | now if before.get(file) != now.get(file))
    if not changed:
        return None
    file = changed[0]
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    message = (
        f"the checkpoint of step {step:,} was trained from another base model: {file}{more} of "
        f"{known.get('name')} in {known.get('folder')} had the digest "
        f"{_short(before.get(file))}, but {name} in {base} has {_short(now.get(file))}"
    )
    raise JobError(message, "model-changed", Exit.REFUSED, pointer(fields.MODEL))


def _short(digest: str | None) -> str:
    return "none" if digest is None else digest[:12]


def _recorded(path: Path) -> Mapping[str, Any] | None:
    try:
        value = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    shown = isinstance(value, dict) and value.get("format") == _FORMAT
    return value if shown and isinstance(value.get("files"), dict) else None


def _digests(base: Path) -> dict[str, str]:
    """Return a digest of each file that matters; of a large one, by its size and samples."""
    found = {path for pattern in _FILES for path in base.glob(pattern) if path.is_file()}
    return {path.name: _digest(path) for path in sorted(found)}


def _digest(path: Path) -> str:
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        if size <= _WHOLE:
            while piece := file.read(_SAMPLE):
                digest.update(piece)
            return digest.hexdigest()
        for number in range(_SAMPLES):
            place = (size - _SAMPLE) * number // (_SAMPLES - 1)
            digest.update(os.pread(file.fileno(), _SAMPLE, place))
    return digest.hexdigest()
