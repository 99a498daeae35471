"""What has been submitted already: one small file for each request, on this machine.

It holds ids, digests and times; the key is never in it. A lock makes two submitters of the
same artifact take turns.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from ..diagnostics import Finding, codes
from ..disk import writing
from .errors import StateError, told

FOLDER: Final = "SFTC_STATE_DIR"
"""The environment variable that names the folder."""
_VERSION: Final = 1


@dataclass(slots=True)
class State:
    """How far a submission has come.

    Attributes:
        begun: digests of the files whose upload has begun.
        uploaded: ids of the files that were uploaded, by digest.
        attempt: empty for the first job; for a job that was asked for again, what tells its
            request from the ones before.
        job_id: the job that was created.
        started: whether it was started.

    """

    begun: list[str] = field(default_factory=list)
    uploaded: dict[str, str] = field(default_factory=dict)
    attempt: str = ""
    job_id: str | None = None
    started: bool = False


class Record:
    """The state of one submission, on disk."""

    def __init__(self, path: Path) -> None:
        """Read what is there; a file that cannot be understood counts as none."""
        self._path = path
        self.state = State()
        try:
            value = json.loads(path.read_bytes())
            if value.pop("version") == _VERSION:
                self.state = State(**value)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            pass

    def save(self) -> None:
        """Write the state before what comes next; whole or not at all.

        Raises:
            StateError: it cannot be written.

        """
        data = json.dumps({"version": _VERSION, **asdict(self.state)}, indent=2)
        try:
            writing.write(self._path, data.encode())
        except OSError as error:
            raise _not_kept(self._path.parent, error) from error


@contextmanager
def recorded(identity: str, backend: str, waiting: Callable[[], None]) -> Iterator[Record]:
    """Give the record of a request to a backend, to one process at a time.

    Args:
        identity: the digest that stands for the request.
        backend: the backend's address.
        waiting: is called when another process has it, before waiting for that.

    Raises:
        StateError: the folder cannot be written.

    """
    # Imported here because only a submission needs it.
    from filelock import FileLock, Timeout

    folder = _folder()
    name = sha256(f"{identity} {backend}".encode()).hexdigest()[:32]
    lock = FileLock(folder / f"{name}.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire()
    except OSError as error:
        raise _not_kept(folder, error) from error
    try:
        yield Record(folder / f"{name}.json")
    finally:
        lock.release()


def _folder() -> Path:
    chosen = os.environ.get(FOLDER)
    if chosen:
        return Path(chosen).absolute()
    # Imported here because only a submission needs it.
    from platformdirs import user_state_path

    return user_state_path("sftc", appauthor=False) / "submissions"


def _not_kept(folder: Path, error: OSError) -> StateError:
    words = {"folder": str(folder), "reason": error.strerror or str(error)}
    return StateError([told(Finding(codes.STATE_NOT_KEPT, words=words), str(folder))])
