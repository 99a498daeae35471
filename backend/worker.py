"""The workers behind the API, each a thread: this one checks files; ``running.py`` runs jobs.

What there is to do is in the state and nowhere else. So a crash loses no work: at the next start
all find what was waiting, and what was under way.
"""

import logging
import sqlite3
import threading
from typing import Final

from .checking import UNREAD, Check
from .directory import Directory
from .store import Files

_LOG: Final = logging.getLogger(__name__)
AGAIN: Final = 2.0
"""Seconds until work that failed because of the disk is tried again."""


class Worker(threading.Thread):
    """A thread that does what there is to do, and sleeps until it is woken."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._wake = threading.Event()
        self.stopping = threading.Event()

    def wake(self) -> None:
        """Look again whether there is something to do."""
        self._wake.set()

    def run(self) -> None:
        """Work until stopped."""
        while not self.stopping.is_set():
            self._wake.clear()
            try:
                worked = self.work()
            except (sqlite3.Error, OSError) as error:
                _LOG.error("%s: %s; trying again", self.name, error)
                self.stopping.wait(AGAIN)
                continue
            except Exception:  # noqa: BLE001 - a bug of ours; the next piece of work may be without it
                _LOG.exception("%s: unexpected error; trying again", self.name)
                self.stopping.wait(AGAIN)
                continue
            if not worked and not self.stopping.is_set():
                self._wake.wait()

    def work(self) -> bool:
        """Do one piece of work; return whether there was any."""
        raise NotImplementedError

    def stop(self) -> None:
        """Ask the thread to end; ``join`` waits for it."""
        self.stopping.set()
        self._wake.set()


class FileWorker(Worker):
    """Checks the files that wait for it, in the order of their arrival."""

    def __init__(self, directory: Directory, files: Files) -> None:
        super().__init__("checking files")
        self.directory = directory
        self._files = files
        self._under_way: Check | None = None

    def stop(self) -> None:
        """Give up the check under way; it begins again at the next start."""
        super().stop()
        check = self._under_way
        if check:
            check.stop()

    def work(self) -> bool:
        """Check a file."""
        file = self._files.next_to_check()
        if file is None:
            return False
        check = self._under_way = Check(self.directory.path(file.sha256))
        if self.stopping.is_set():  # since before the check began, so that stop() found none
            check.stop()
        verdict = check.verdict()
        self._under_way = None
        if verdict:
            self._files.checked(file.id, verdict.rows, verdict.error)
        elif not self.stopping.is_set():
            self._files.checked(file.id, None, UNREAD)
        return True
