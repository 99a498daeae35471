"""The data directory: who holds it, and where the bytes of the files are.

A file appears under its digest whole or not at all, and is on the disk before anyone hears
of it; what a crash left half-written goes at the next start.
"""

import fcntl
import os
import tempfile
from pathlib import Path


class InUseError(Exception):
    """Another server holds the directory."""


class Directory:
    """A data directory.

    ``state.sqlite3`` is the state, ``files/SHA256`` the datasets, ``incoming/`` what is on its
    way, ``lock`` is held by the server at work.
    """

    def __init__(self, root: Path) -> None:
        """Make the directory if it is not there.

        Raises:
            OSError: it cannot be made.

        """
        self.root = root
        self.files = root / "files"
        self.incoming = root / "incoming"
        self.state = root / "state.sqlite3"
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.files.mkdir(exist_ok=True)
        self.incoming.mkdir(exist_ok=True)
        (root / ".gitignore").write_text("*\n")

    def hold(self) -> int:
        """Take the directory for this process, and clear what a crash left.

        Returns:
            The descriptor that holds it; the system lets go when the process ends.

        Raises:
            InUseError: another process has it.

        """
        lock = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise InUseError from None
        for left in self.incoming.iterdir():
            left.unlink()
        return lock

    def path(self, sha256: str) -> Path:
        """Return where the bytes of a digest are."""
        return self.files / sha256

    def begin(self) -> tuple[int, Path]:
        """Open a new file for bytes on their way, and return its descriptor and path."""
        descriptor, name = tempfile.mkstemp(dir=self.incoming)
        return descriptor, Path(name)

    def keep(self, descriptor: int, arrived: Path, sha256: str) -> None:
        """Put bytes that have arrived in their place, for good."""
        os.fsync(descriptor)
        arrived.replace(self.path(sha256))
        folder = os.open(self.files, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name, too, has to outlive a power cut
        finally:
            os.close(folder)
