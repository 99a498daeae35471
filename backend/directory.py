"""The data directory: the lock on it, and the bytes of the files in it.

A file appears under its digest complete or not at all, and is on the disk before anyone hears of
it. Half-written files that a crash left are deleted at the next start.
"""

import errno
import fcntl
import os
import tempfile
from contextlib import suppress
from pathlib import Path


class InUseError(Exception):
    """Another server holds the lock of the directory."""


class NotOursError(Exception):
    """Something in the directory leads out of it, or is of another kind than it should be."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is a link, or not what the backend would have made")


class Directory:
    """A data directory.

    ``state.sqlite3`` is the state, ``files/SHA256`` are the datasets, ``incoming/`` holds uploads
    under way, ``runs/JOB`` what a job's trainer works in; the server that runs holds ``lock``.
    """

    def __init__(self, root: Path) -> None:
        """Make the directory if it does not exist.

        Raises:
            OSError: it cannot be made.
            NotOursError: what is in it is not the backend's.

        """
        self.root = root
        self.files = root / "files"
        self.incoming = root / "incoming"
        self.runs = root / "runs"
        self.state = root / "state.sqlite3"
        self._identity: tuple[int, int] | None = None
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.files, self.incoming, self.runs):
            with suppress(FileExistsError):
                folder.mkdir()
            if folder.is_symlink() or not folder.is_dir():
                raise NotOursError(folder)
        ignoring = root / ".gitignore"
        journals = (root / f"{self.state.name}{end}" for end in ("-wal", "-shm", "-journal"))
        for file in (self.state, *journals, root / "lock", ignoring):
            if file.is_symlink() or (file.exists() and not file.is_file()):
                raise NotOursError(file)
        if not ignoring.exists():
            ignoring.write_text("*\n")

    def hold(self) -> int:
        """Lock the directory for this process, and delete what a crash left half-written.

        Returns:
            The descriptor of the lock; the system releases it when the process ends.

        Raises:
            InUseError: another process holds it.
            OSError: the directory cannot be written to.

        """
        # Python's descriptors are not inherited, so a process that checks a file holds no lock.
        lock = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise InUseError from None
        for left in self.incoming.iterdir():
            left.unlink()
        return lock

    def check(self) -> None:
        """Check that the state has not been deleted or replaced since the first call.

        SQLite would go on writing to a deleted file, and what was answered would be lost.

        Raises:
            OSError: it has been.

        """
        found = self.state.stat()
        identity = found.st_dev, found.st_ino
        self._identity = self._identity or identity
        if identity != self._identity:
            raise FileNotFoundError(errno.ENOENT, "the state was replaced", str(self.state))

    def path(self, sha256: str) -> Path:
        """Return the path of the file with a digest."""
        return self.files / sha256

    def begin(self) -> tuple[int, Path]:
        """Open a new file for an upload, and return its descriptor and path."""
        descriptor, name = tempfile.mkstemp(dir=self.incoming)
        return descriptor, Path(name)

    def keep(self, descriptor: int, arrived: Path, sha256: str) -> None:
        """Move a file that has arrived to its place, and sync both."""
        os.fsync(descriptor)
        arrived.replace(self.path(sha256))
        folder = os.open(self.files, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name has to survive a power cut, too
        finally:
            os.close(folder)
