"""The files of a result as a backend lists them, which may be anything.

A name that a file could not have everywhere, or that leads anywhere else, is refused here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from unicodedata import normalize

from ..client import Answer, BackendError, Client, diagnosed, number, text
from ..diagnostics import Finding, codes, printable

_MOST: Final = 1000
"""Files of a result; those of the largest models have some hundreds."""
_LONGEST: Final = 200
"""Characters of a path, so that it fits into that of a folder."""
_LONGEST_PART: Final = 255
"""Bytes of a name on all usual file systems."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_FORBIDDEN: Final = re.compile(r'[\\:*?"<>|]')
_DEVICE: Final = re.compile(r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])(?:\..*)?")
_NAMED: Final = 5
"""Files that are named when many are refused."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file of a result.

    Attributes:
        path: its name, behind those of its folders, with ``/`` between them.
        bytes: its size.
        sha256: the SHA-256 of its bytes, in hexadecimal.

    """

    path: str
    bytes: int
    sha256: str


def artifacts_of(answer: Answer, client: Client) -> list[Artifact]:
    """Return the files that an answer lists.

    Raises:
        BackendError: it is no list of files, or one of them has no name to be used.

    """
    backend = client.address.shown
    listed = answer.object.get(client.dialect.lists.get("artifacts", "artifacts"))
    found = [_artifact(item) for item in listed[: _MOST + 1]] if isinstance(listed, list) else None
    files = [artifact for artifact in found or () if artifact]
    reason = "it lists no files"
    if found is not None:
        reason = f"it lists more than {_MOST:,} files" if len(found) > _MOST else ""
        reason = reason or (
            "" if len(files) == len(found) else "a file in it has no path, size or SHA-256"
        )
    if reason:
        words = {"request": answer.request, "reason": reason}
        raise BackendError([diagnosed(Finding(codes.ODD_ANSWER, words=words), backend)])
    if unsafe := [*_unsafe(files)]:
        raise BackendError(
            diagnosed(
                Finding(codes.UNSAFE_ARTIFACT, words={"path": text(path), "reason": reason}),
                backend,
            )
            for path, reason in unsafe[:_NAMED]
        )
    return files


def _artifact(item: Any) -> Artifact | None:
    given = item if isinstance(item, dict) else {}
    path, size, sha256 = given.get("path"), number(given.get("bytes")), given.get("sha256")
    if not isinstance(path, str) or size is None or not isinstance(sha256, str):
        return None
    return Artifact(path, size, sha256) if _SHA256.fullmatch(sha256) else None


def _unsafe(artifacts: list[Artifact]) -> Iterator[tuple[str, str]]:
    """Yield the paths that cannot be used, and why: the end of a sentence about each."""
    spelled: dict[str, str] = {}  # files and folders by what a file system takes for the same
    files: set[str] = set()
    for path in (artifact.path for artifact in artifacts):
        if reason := wrong(path):
            yield path, reason
            continue
        parts = path.split("/")
        above = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
        same = {folded(name): name for name in (*above, path)}
        if any(spelled.get(key, name) != name for key, name in same.items()):
            yield path, "differs from another one only in case"
        elif folded(path) in spelled or any(folded(name) in files for name in above):
            yield path, "is listed twice, or as a file and as a folder"
        spelled |= same
        files.add(folded(path))


def folded(path: str) -> str:
    """Return what paths have in common that some file system takes for one."""
    return normalize("NFC", normalize("NFC", path).casefold())


def wrong(path: str) -> str:
    """Return why a file cannot have a path inside a folder, on any system; empty if it can."""
    parts = path.split("/")
    if len(path) > _LONGEST or any(
        len(part.encode("utf-8", "replace")) > _LONGEST_PART for part in parts
    ):
        return "is too long"
    if printable(path) != path or not path.isprintable():
        return "has control or format characters"
    if _FORBIDDEN.search(path):
        return "has characters that Windows does not allow, or reads as a folder separator"
    if "" in parts or {".", ".."} & {*parts}:
        return "is outside the folder, or invalid"
    if any(part.startswith(".") for part in parts):
        return "is hidden"
    if any(part.endswith((".", " ")) or part.startswith(" ") for part in parts):
        return "begins or ends with a space or a dot, which Windows removes"
    if any(_DEVICE.fullmatch(part.upper().rstrip(" ")) for part in parts):
        return "is a Windows device name"
    return ""
