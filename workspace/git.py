"""What git knows: files as they were at a revision, and which ones have changed since.

git itself is asked; nothing here reads its store. Where there is no git, or no repository,
every answer is empty, or a ``RevisionError`` that says why.
"""

import subprocess
from collections.abc import Sequence


class RevisionError(Exception):
    """git cannot answer; the message says why, on one line."""


def is_revision(name: str) -> bool:
    """Whether a name is that of a revision, a commit, and not of a file in one."""
    return ":" not in name and _git("rev-parse", "--verify", "--quiet", _commit(name)) is not None


def read(name: str) -> bytes:
    """Return a file at a revision, ``REV:path``.

    Raises:
        RevisionError: there is no such revision, or no such file in it.

    """
    data = read_all([name])[name]
    if data is not None:
        return data
    revision, _, path = name.partition(":")
    if _git("rev-parse", "--git-dir") is None:
        raise RevisionError("this is no git repository")
    if revision and not is_revision(revision):
        raise RevisionError(f"there is no revision `{revision}`")
    raise RevisionError(f"there is no file `{path}` in it")


def read_all(names: Sequence[str]) -> dict[str, bytes | None]:
    """Return files at revisions, ``REV:path`` each; None for one that is not there."""
    asked = [name for name in names if "\n" not in name]
    found: dict[str, bytes | None] = dict.fromkeys(names)
    answer = _git("cat-file", "--batch", stdin="".join(f"{name}\n" for name in asked)) or b""
    at = 0
    for name in asked:
        end = answer.find(b"\n", at)
        kind, _, size = answer[at:end].rpartition(b" ")
        at = end + 1
        if kind.endswith((b" blob", b" tree", b" commit", b" tag")):  # else: NAME missing
            if kind.endswith(b" blob"):
                found[name] = answer[at : at + int(size)]
            at += int(size) + 1
    return found


def fork_point(revision: str) -> str:
    """Return the commit from which HEAD and a revision went apart.

    Raises:
        RevisionError: there is none; the history may be cut off, as in a shallow clone.

    """
    if _git("rev-parse", "--git-dir") is None:
        raise RevisionError("this is no git repository")
    if not is_revision(revision):
        raise RevisionError(f"there is no revision `{revision}`")
    found = _git("merge-base", "HEAD", _commit(revision))
    if not found:
        raise RevisionError(f"HEAD and `{revision}` have no commit in common; fetch the history")
    return found.decode().strip()


def changed_since(commit: str) -> list[str]:
    """Return the files below the current directory that differ from a commit, new ones too."""
    changed = _git("diff", "--name-only", "--no-renames", "--relative", "-z", commit, "--") or b""
    new = _git("ls-files", "--others", "--exclude-standard", "-z") or b""
    return sorted(
        {name.decode("utf-8", "surrogateescape") for name in (changed + new).split(b"\0")} - {""}
    )


def last_commit(path: str) -> str | None:
    """Return the last commit that changed a file; None if none did."""
    found = _git("log", "-1", "--format=%H", "--", path)
    return found.decode().strip() or None if found else None


def is_shallow() -> bool:
    """Whether the history is cut off, so that nobody can say what changed a file last."""
    return (_git("rev-parse", "--is-shallow-repository") or b"").strip() == b"true"


def _commit(revision: str) -> str:
    return f"{revision}^{{commit}}"


def _git(*arguments: str, stdin: str = "") -> bytes | None:
    """Return what git prints; None if it fails or is not there."""
    command = ["git", "--no-pager", *arguments]
    data = stdin.encode("utf-8", "surrogateescape")
    try:
        result = subprocess.run(command, input=data, capture_output=True, check=False)  # noqa: S603
    except OSError:
        return None
    return result.stdout if result.returncode == 0 else None
