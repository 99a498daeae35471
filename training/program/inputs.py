"""By which payload and rows a training began, so that it never goes on by other ones.

It imports no torch.
"""

import hashlib
import json
from typing import Any, Final

from ...disk import writing
from ...jobfolder import JobFolder

_RECORD: Final = "inputs.json"
_FORMAT: Final = 1


def record(folder: JobFolder) -> None:
    """Store by what a training begins, before there is a checkpoint.

    Raises:
        OSError: it cannot be stored.

    """
    value = {"format": _FORMAT, "files": _digests(folder)}
    writing.write(folder.checkpoints / _RECORD, json.dumps(value, indent=2).encode() + b"\n")


def changed(folder: JobFolder) -> str | None:
    """Return which files of a job have changed since its training began, in words; None: none.

    What an older trainer began is not known, and counts as unchanged.

    Raises:
        OSError: a file cannot be read.

    """
    known = _recorded(folder)
    now = _digests(folder)
    if known is None or known == now:
        return None
    names = sorted(name for name in known.keys() | now if known.get(name) != now.get(name))
    return (
        f"{' and '.join(names)} changed after this training began: restore them, or train in "
        "another folder"
    )


def _recorded(folder: JobFolder) -> dict[str, Any] | None:
    try:
        value = json.loads((folder.checkpoints / _RECORD).read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    known = value.get("files") if isinstance(value, dict) else None
    return known if isinstance(known, dict) and value.get("format") == _FORMAT else None


def _digests(folder: JobFolder) -> dict[str, str]:
    found = {}
    for path in (folder.payload, folder.training, folder.validation):
        if path.is_file():
            with path.open("rb") as file:
                found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found
