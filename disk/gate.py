"""The gate to files that a document names: a config, an artifact, settings, a dataset.

A document may come from a stranger's pull request, and be read by a CI that holds secrets. So
what it names is opened only if it is a regular file inside a folder, links followed, and neither
it nor a folder around it is hidden: secrets are often in such files, and git's own store is. Of
any other file nothing is read, and nothing is waited for.

Files that the user names on the command line do not come here; see ``files``.
"""

import os
import stat
from typing import Final

_NO_FILES: Final = ("/proc/", "/sys/")
"""Folders of what looks like regular files and is none: memory, environments."""

_STORE: Final = ".git"

_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe put there meanwhile is not waited for
)


class RefusedError(Exception):
    """A file may not be opened; the message says why, as the end of a sentence about it."""


class OutsideError(RefusedError):
    """A file is outside, where the user might allow it."""


class Gate:
    """Opens files inside a folder, and no others.

    Where the folders lead is looked up once, so that thousands of files cost little.
    """

    def __init__(self, root: str, *more: str, called: str = "", base: str = "") -> None:
        """Open the gate to what is inside a folder.

        Args:
            root: the folder.
            more: other folders, whose files may be opened as well.
            called: what people call the folder; its path if that is empty.
            base: the folder that paths start from; the current directory if that is empty.

        """
        self._base = base
        self._roots = tuple(map(os.path.realpath, (root, *more)))
        self._called = called or self._roots[0]
        self._folders: dict[str, str] = {}

    def from_here(self) -> "Gate":
        """Return the same gate to paths that start from the current directory."""
        return Gate(*self._roots, called=self._called)

    def path(self, name: str) -> str:
        """Return the absolute path that a name stands for, whatever is there."""
        return os.path.abspath(os.path.join(self._base, name))

    def resolve(self, name: str) -> str:
        """Return the absolute path of the regular file that a path leads to.

        Raises:
            RefusedError: it leads out of the folder, or to what is no regular file.
            OSError: there is no such file, or it cannot be looked at.

        """
        if "\0" in name:
            raise RefusedError("is not a valid file name")
        path = self._admitted(os.path.join(self._base, name))
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise RefusedError("is not a regular file")
        return path

    def read(self, name: str, most: int, suffix: str = "") -> bytes:
        """Return what a file holds.

        Args:
            name: the path.
            most: how many bytes of it are read at most.
            suffix: the end of the names of files of its kind, to which alone a link may lead.

        Raises:
            RefusedError: it leads out of the folder, or to what is no regular file.
            OSError: it cannot be read.

        """
        path = self.resolve(name)
        if not path.endswith(suffix):
            raise RefusedError(f"points to {os.path.basename(path)}")
        descriptor = os.open(path, _FLAGS)
        with open(descriptor, "rb", buffering=0) as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise RefusedError("is not a regular file")
            data = file.read(min(status.st_size + 1, most)) or b""
            while len(data) < most and (piece := file.read(most - len(data))):  # it grows
                data += piece
        return data

    def place(self, name: str, suffix: str) -> str:
        """Return the absolute path at which a file can be written; it need not be there.

        A link may lead to a file of its own kind only, lest it overwrites another.

        Args:
            name: the path.
            suffix: the end of the names of such files.

        Raises:
            RefusedError: it leads out of the folder, or to what is no such file.

        """
        path = self._followed(name)
        if _STORE in self._inside(path):
            raise RefusedError("is in git's own folder")
        if not path.endswith(suffix):
            raise RefusedError(f"points to {os.path.basename(path)}")
        if os.path.lexists(path) and not os.path.isfile(path):
            raise RefusedError("is not a regular file")
        return path

    def entry(self, name: str) -> str:
        """Return the absolute path of an entry of a folder that is inside: of a link, its own.

        Raises:
            RefusedError: the folder leads out.

        """
        folder, base = os.path.split(os.path.abspath(name))
        path = os.path.join(self._followed(folder), base)
        self._inside(path)
        return path

    def enter(self, folder: str) -> None:
        """Make sure that a folder is inside.

        Raises:
            RefusedError: it leads out.

        """
        path = self._followed(folder)
        if not any(_is_inside(path, root) for root in self._roots):
            raise OutsideError(f"is outside {self._called}")

    def _admitted(self, name: str) -> str:
        """Return the path that a name leads to, if it may be read."""
        folder, base = os.path.split(name)
        if folder in self._folders and not base.startswith("."):
            path = os.path.join(self._folders[folder], base)
            if base and not os.path.islink(path):
                return path
        path = self._followed(name)
        if any(part.startswith(".") for part in self._inside(path)):
            raise RefusedError("is hidden, and may contain secrets")
        if base and not base.startswith(".") and not os.path.islink(name):
            self._folders[folder] = os.path.dirname(path)
        return path

    def _followed(self, name: str) -> str:
        if "\0" in name:
            raise RefusedError("is not a valid file name")
        return os.path.realpath(name)

    def _inside(self, path: str) -> list[str]:
        """Return the parts of a path below the innermost of the folders that it is in."""
        if path.startswith(_NO_FILES):
            raise RefusedError("is not a regular file")
        roots = [root for root in self._roots if _is_inside(path, root)]
        if not roots:
            raise OutsideError(f"is outside {self._called}")
        inside = os.path.relpath(path, max(roots, key=len))
        return [part for part in inside.split(os.sep) if part != os.curdir]


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def leads_out(path: str) -> bool:
    """Whether a path, as it is written, leads out of the folder that it starts from."""
    first = os.path.normpath(path).split(os.sep)[0]
    return "\0" in path or os.path.isabs(path) or first == os.pardir
