"""git as a program: where it is asked, in which environment, and why it cannot answer.

Each repository is asked at its top, whatever the hook that calls us has put into the
environment. A ``GitError`` names the cause and the remedy.
"""

import os
import subprocess
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final, Self

_FOLDER: Final = ".git"
_LOCATIONS: Final = (
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
)
"""Variables that hooks are given, and that would send git to another repository than asked."""

_OPTIONS: Final = (
    "--no-pager",
    *("-c", "core.fsmonitor=false"),  # would start a program of the repository's choice
    *("-c", "safe.bareRepository=explicit"),  # no folder of the work tree passes for a repository
)

_LONGEST_POINTER: Final = 4096


class GitError(Exception):
    """git cannot answer; the message says why and what to do, on one line."""


def top_of(folder: str) -> str | None:
    """Return the top of the work tree that a folder is in, by the ``.git`` that it has."""
    while not os.path.lexists(os.path.join(folder, _FOLDER)):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


class Asking:
    """The git program, asked about the repository of one work tree."""

    def __init__(self, top: str) -> None:
        self.top = top
        self._folders: dict[str, str] = {}

    @classmethod
    def here(cls) -> Self:
        """Return the repository that the current directory is in.

        Raises:
            GitError: it is in none.

        """
        top = top_of(os.getcwd())
        if top is None:
            found = _run(["rev-parse", "--show-toplevel"], None, dict(os.environ))
            if found is None or found.returncode:
                raise GitError("this folder is not in a git repository")
            top = os.fsdecode(found.stdout.rstrip(b"\n"))
        return cls(top)

    @cached_property
    def _real(self) -> str:
        return os.path.realpath(self.top)

    def path(self, name: str) -> str:
        """Return the path from the top of a file that is named as seen from here."""
        folder, base = os.path.split(name)
        if folder not in self._folders:
            inside = os.path.relpath(os.path.realpath(folder), self._real)
            self._folders[folder] = "" if inside == os.curdir else inside.replace(os.sep, "/") + "/"
        return self._folders[folder] + base

    def from_here(self, path: str) -> str:
        """Return the name as seen from here of a file at a path from the top."""
        return os.path.relpath(os.path.join(self._real, path), os.path.realpath(os.curdir))

    def ask(self, *arguments: str, allow: Sequence[int] = ()) -> bytes | None:
        """Return what git prints; None if it exits with a code that is allowed.

        Raises:
            GitError: git is not there, or fails in another way.

        """
        found = _run(arguments, self.top, self._environment)
        if found is None:
            raise GitError("git is not installed, or not on the PATH")
        if found.returncode in allow:
            return None
        if found.returncode:
            raise GitError(self._reason(found.stderr.decode("utf-8", "replace")))
        return found.stdout

    def talk(self, command: Sequence[str], text: bytes) -> "subprocess.Popen[bytes]":
        """Start git with a text as its input, which may be longer than a pipe holds."""
        import tempfile  # few commands ask git for many files

        with tempfile.TemporaryFile() as file:
            file.write(text)
            file.seek(0)
            try:
                return subprocess.Popen(  # noqa: S603
                    ["git", *_OPTIONS, *command],  # noqa: S607 - the user's own
                    cwd=self.top,
                    env=self._environment,
                    stdin=file,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            except OSError:
                raise GitError("git is not installed, or not on the PATH") from None

    @cached_property
    def _environment(self) -> dict[str, str]:
        found = dict(os.environ)
        if os.path.lexists(os.path.join(self.top, _FOLDER)):
            for name in _LOCATIONS:
                found.pop(name, None)
            # `git commit FILE` gives its hooks an index with that file alone.
            index = os.path.join(self.top, os.environ.get("GIT_INDEX_FILE") or _FOLDER)
            store = os.path.realpath(self._store())
            if os.path.realpath(index).startswith(store + os.sep) and os.path.isfile(index):
                found["GIT_INDEX_FILE"] = index
        found = {name: text for name, text in found.items() if not name.endswith("_PATHSPECS")}
        return {
            **found,
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }

    def _store(self) -> str:
        """Return git's own folder, which a file names in linked worktrees and submodules."""
        path = os.path.join(self.top, _FOLDER)
        if not os.path.isfile(path):
            return path
        with open(path, "rb") as file:
            pointer = os.fsdecode(file.read(_LONGEST_POINTER)).removeprefix("gitdir:").strip()
            return os.path.join(self.top, pointer)

    def _reason(self, message: str) -> str:
        if "dubious ownership" in message:
            from shlex import quote  # few repositories belong to somebody else

            return (
                "git does not trust this repository, because it belongs to another user; run: "
                f"git config --global --add safe.directory {quote(self.top)}"
            )
        if "not a git repository" in message:
            return (
                f"{os.path.join(self.top, _FOLDER)} is damaged, or does not point to a repository"
            )
        lines = [line for line in message.splitlines() if line.strip()]
        return lines[0].removeprefix("fatal: ") if lines else "git failed"


def _run(
    arguments: Iterable[str], folder: str | None, environment: dict[str, str]
) -> "subprocess.CompletedProcess[bytes] | None":
    try:
        return subprocess.run(  # noqa: S603
            ["git", *_OPTIONS, *arguments],  # noqa: S607 - the user's own
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return None
