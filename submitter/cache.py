"""What a backend was asked for before, remembered on this machine: a cache, never the truth.

A folder for each backend and key, a small file for each dataset and each submission. What one
says is asked of the backend again, and forgotten when it is gone there. Nothing depends on it:
where it cannot be kept, datasets are found by digest and jobs by their idempotency key.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from ..client import is_id
from ..disk import files, writing
from ..disk.gate import Gate, RefusedError

FOLDER: Final = "SFTC_STATE_DIR"
"""The environment variable that names the folder."""
_LARGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a submission."""

    attempt: str = ""  # what tells its request from those for earlier jobs of the same payload
    job_id: str = ""  # the job that was created, or empty
    started: bool = False


class Cache:
    """What one backend and one key were asked for."""

    def __init__(self, api: str, key: str, note: Callable[[str], None]) -> None:
        self._folder = _folder() / sha256(f"{api}\n{key}".encode()).hexdigest()[:32]
        self._gate = Gate(
            str(self._folder), base=str(self._folder)
        )  # regular files only: a pipe would keep us waiting
        self._note = note
        self._entries: dict[str, dict[str, Any]] = {}
        self._writable = True

    def file(self, digest: str) -> str | None:
        """Return the id of the file with a digest."""
        found = self._read(f"file-{digest}").get("id")
        return found if is_id(found) else None

    def keep_file(self, digest: str, file_id: str | None) -> None:
        """Remember the id of a file, or forget it."""
        self._write(f"file-{digest}", {"id": file_id})

    def job(self, identity: str) -> Known | None:
        """Return what is known of a submission, or None if it was never tried."""
        entry = self._read(f"job-{identity}")
        types = {name: type(value) for name, value in asdict(Known()).items()}
        if {name: type(value) for name, value in entry.items()} != types:
            return None
        known = Known(**entry)
        has_ids = all(is_id(part) or not part for part in (known.attempt, known.job_id))
        return known if has_ids and known.started <= bool(known.job_id) else None

    def keep_job(self, identity: str, known: Known) -> None:
        """Remember how far a submission has come."""
        self._write(f"job-{identity}", asdict(known))

    @contextmanager
    def turn(self, identity: str) -> Iterator[None]:
        """Let one process after the other submit the same thing."""
        # Imported here because only a submission needs it.
        from filelock import FileLock, Timeout

        lock = FileLock(self._folder / f"job-{identity}.lock")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                self._note("another sftc process is submitting this payload; waiting for it")
                lock.acquire()
        except (OSError, NotImplementedError) as error:
            self._lose(error)
        try:
            yield
        finally:
            lock.release()

    def _read(self, name: str) -> dict[str, Any]:
        if name not in self._entries:
            try:
                value = json.loads(self._gate.read(f"{name}.json", _LARGEST))
            except (OSError, RefusedError, ValueError, RecursionError):
                value = None
            self._entries[name] = value if isinstance(value, dict) else {}
        return self._entries[name]

    def _write(self, name: str, entry: dict[str, Any]) -> None:
        self._entries[name] = entry
        path = self._folder / f"{name}.json"
        if self._writable:
            try:
                if writing.is_stream(path):  # which would keep us waiting
                    path.unlink()
                writing.write(path, json.dumps(entry).encode())
            except OSError as error:
                self._lose(error)

    def _lose(self, error: Exception) -> None:
        """Go on without a memory, and say so once."""
        reason = files.reason(error) if isinstance(error, OSError) else str(error)
        if self._writable:
            self._note(
                f"cannot record the submission in {self._folder}: {reason}; continuing without"
            )
        self._writable = False


def _folder() -> Path:
    chosen = os.environ.get(FOLDER)
    if chosen:
        return Path(chosen).absolute()
    # Imported here because only a submission needs it.
    from platformdirs import user_state_path

    return user_state_path("sftc", appauthor=False) / "submissions"
