"""What git knows: which files there are, how they were at a revision, which have changed.

git itself is asked; nothing here reads its store.
"""

import os
import re
from collections.abc import Iterator, Sequence
from typing import IO, Final

from .asking import Asking, GitError

_HEADER: Final = re.compile(rb"[0-9a-f]{40,64} (\w+) (\d+)")
_ASIDE: Final = re.compile(rb"(?:symlink|dangling|loop|notdir) (\d+)")
"""What git says of a link that leads to no file of the revision."""

_LINK: Final = "120000"
"""The mode of a symbolic link."""

_MANY: Final = 50
"""Files of one revision from which on all of its names are listed."""

_PIECE: Final = 1024 * 1024


class Git(Asking):
    """The repository of one work tree, and its history."""

    def files(self, folder: str, patterns: Sequence[str]) -> list[str]:
        """Return the files in a folder that git tracks, or would if they were added.

        Args:
            folder: its absolute path, in this work tree.
            patterns: globs, of which one must match; ``*`` matches slashes, too.

        Returns:
            paths as seen from the folder, once each; some may be gone from the work tree.

        Raises:
            GitError: git cannot tell.

        """
        command = ("-C", folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        return sorted(set(_names(self.ask(*command, "--", *patterns))))

    def absent(self, patterns: Sequence[str]) -> set[str]:
        """Return the tracked files that a sparse checkout leaves out, by their paths from the top.

        Raises:
            GitError: git cannot tell.

        """
        found = _names(self.ask("ls-files", "-z", "-t", "--cached", "--", *patterns))
        return {name[2:] for name in found if name.startswith("S ")}

    def ignores(self, folder: str) -> bool:
        """Whether a folder of this work tree is ignored as a whole."""
        return self.ask("check-ignore", "-q", "--", folder, allow=(1, 128)) is not None

    def commit(self, revision: str) -> str:
        """Return the commit that a branch, a tag or the like names.

        Raises:
            GitError: there is none.

        """
        found = self._commit(revision)
        if found:
            return found
        if self._commit(f"origin/{revision}"):
            raise GitError(f"there is no revision `{revision}`; did you mean `origin/{revision}`?")
        raise GitError(f"there is no revision `{revision}`{self._if_shallow()}")

    def _commit(self, revision: str) -> str | None:
        wanted = f"{revision}^{{commit}}"
        found = self.ask("rev-parse", "--verify", "--quiet", wanted, allow=(1, 128))
        return found.decode().strip() if found else None

    def merge_base(self, one: str, other: str) -> str:
        """Return the commit from which two revisions went apart.

        Raises:
            GitError: there is none, or the history is cut off before it.

        """
        found = self.ask("merge-base", self.commit(one), self.commit(other), allow=(1,))
        if found is None:
            cut = self._if_shallow()
            raise GitError(f"`{one}` and `{other}` have no merge base{cut}")
        return found.decode().strip()

    def changed(self, before: str, after: str | None, patterns: Sequence[str]) -> list[str]:
        """Return the files that differ between a commit and another, or the work tree.

        Args:
            before: a commit.
            after: another one; None: the files that are there now, new ones too.
            patterns: globs, of which one must match.

        Returns:
            paths as seen from the top.

        """
        command = ["diff", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "-z"]
        ends = [before] if after is None else [before, after]
        found = _names(self.ask(*command, *ends, "--", *patterns))
        if after is None:
            found += _names(
                self.ask("ls-files", "-z", "--others", "--exclude-standard", "--", *patterns)
            )
        return sorted(set(found))

    def tracked(self, commit: str, suffixes: Sequence[str]) -> list[str]:
        """Return the files of a commit whose names end in one of the suffixes."""
        names = _names(self.ask("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit))
        return [name for name in names if name.endswith(tuple(suffixes))]

    def last_changes(self, paths: Sequence[str]) -> dict[str, str]:
        """Return the commit that changed each of some files last, by their paths from the top.

        The history is read no further than to the last of them.
        """
        command = ["log", "--format=%x01%H", "--name-only", "--no-renames", "-m", "-z", "--stdin"]
        found: dict[str, str] = {}
        wanted = {path for path in paths if "\n" not in path}
        specs = [f":(top,literal){path}" for path in sorted(wanted)]
        if len(specs) > _MANY:  # git holds each file to each of them
            specs = sorted({f":(top)*{os.path.splitext(path)[1]}" for path in wanted})
        asked = "\n".join(("HEAD", "--", *specs))
        with self.talk(command, asked.encode("utf-8", "surrogateescape")) as process:
            commit = ""
            for part in _parts(process.stdout) if process.stdout and wanted else ():
                text = os.fsdecode(part.lstrip(b"\n"))
                if text.startswith("\x01"):
                    commit = text[1:].strip()
                elif text in wanted:
                    found[text] = commit
                    wanted.remove(text)
                if not wanted:
                    break
            process.kill()
        return found

    def read_all(self, names: Sequence[str], *, most: int) -> dict[str, bytes | None]:
        """Return files at revisions, ``REV:path`` each with the path from the top.

        Args:
            names: what to read.
            most: bytes of the largest file that is read.

        Returns:
            each with its bytes, as many as are read; None for one that is not there, or is no
            file. A link gives the file that it leads to in its revision.

        """
        found: dict[str, bytes | None] = dict.fromkeys(names)
        asked = [name for name in found if "\n" not in name]
        if not asked:
            return found
        queries = self._queries(asked)
        asked = list(queries)
        text = "".join(f"{query}\n" for query in queries.values()).encode(
            "utf-8", "surrogateescape"
        )
        command = ["cat-file", "--batch", "--follow-symlinks"]
        if any(name.startswith(":") for name in asked):  # the index, where git follows no links
            command.pop()
        with self.talk(command, text) as process:
            if process.stdout:
                found.update((name, _object(process.stdout, most)) for name in asked)
        return found

    def _queries(self, names: Sequence[str]) -> dict[str, str]:
        """Return what git is asked for each file that may be there.

        Git looks a path up in the whole of its folder, each time. Of many files of one revision
        it is asked once what their names are in its store.
        """
        by_revision: dict[str, list[str]] = {}
        for name in names:
            by_revision.setdefault(name.partition(":")[0], []).append(name)
        queries = {}
        for revision, some in by_revision.items():
            known = self._objects(revision) if revision and len(some) > _MANY else None
            for name in some:
                path = name.partition(":")[2]
                if known is None:
                    queries[name] = name
                elif path in known:
                    queries[name] = known[path] or name
        return queries

    def _objects(self, revision: str) -> dict[str, str]:
        """Return the name in git's store of each file of a revision; of a link, an empty one."""
        found = {}
        entries = self.ask("ls-tree", "-r", "-z", "--full-tree", revision, allow=(128,))
        for entry in _names(entries):
            facts, _, path = entry.partition("\t")
            mode, _, name = facts.split(" ")
            found[path] = "" if mode == _LINK else name
        return found

    def read(self, revision: str, path: str, *, most: int) -> bytes:
        """Return a file at a revision; the empty one is the index.

        Raises:
            GitError: there is no such revision, or no such file in it.

        """
        if revision:
            self.commit(revision)
        name = f"{revision}:{path}"
        data = self.read_all([name], most=most)[name]
        if data is None:
            raise GitError(f"there is no file `{path}` in it")
        return data

    @property
    def is_shallow(self) -> bool:
        """Whether the history is cut off, so that nobody can say what changed a file last."""
        return (self.ask("rev-parse", "--is-shallow-repository") or b"").strip() == b"true"

    def _if_shallow(self) -> str:
        if not self.is_shallow:
            return ""
        return ": this is a shallow clone; run: git fetch --unshallow"


def _names(answer: bytes | None) -> list[str]:
    return [os.fsdecode(name) for name in (answer or b"").split(b"\0") if name]


def _parts(stream: "IO[bytes]") -> Iterator[bytes]:
    """Yield what NULs separate."""
    rest = b""
    while piece := stream.read1(_PIECE):  # type: ignore[attr-defined]
        *parts, rest = (rest + piece).split(b"\0")
        yield from parts
    yield rest


def _object(stream: "IO[bytes]", most: int) -> bytes | None:
    """Return the next object of a batch, if it is a file of a fitting size."""
    header = stream.readline()
    if not header:
        raise GitError("git cannot read its own store; run: git fsck")
    match = _HEADER.fullmatch(header.strip()) or _ASIDE.fullmatch(header.strip())
    if match is None:  # NAME missing
        return None
    kind, size = match[1] if match.re is _HEADER else b"", int(match[match.lastindex or 1])
    data = stream.read(min(size, most))
    left = size + 1 - len(data)  # a line end follows
    while left and (piece := stream.read(min(left, _PIECE))):
        left -= len(piece)
    return data if kind == b"blob" else None
