"""What the nodes of one attempt tell each other, in files.

srun could end the others when one node fails, but at once, before they have killed what their
ranks leave behind, and it reports whichever exit code is the highest.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_FOLDER: Final = "attempts"
_PRESENT: Final = "node-"
_FAILURE: Final = "failure"


@dataclass(frozen=True, slots=True)
class Meeting:
    """The files of one attempt.

    Attributes:
        folder: where they are, two levels below the job's folder.

    """

    folder: Path

    @classmethod
    def prepare(cls, job: Path, attempt: str) -> Self:
        """Make the folder of an attempt."""
        folder = job / _FOLDER / attempt
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.iterdir():
            left.unlink()
        return cls(folder)

    @property
    def job(self) -> Path:
        """The job's folder."""
        return self.folder.parent.parent

    def arrive(self, node: int) -> None:
        """Say that a node can start its processes."""
        (self.folder / f"{_PRESENT}{node}").touch()

    def present(self) -> int:
        """Return how many nodes could."""
        return sum(entry.name.startswith(_PRESENT) for entry in self.folder.iterdir())

    def fail(self, code: int) -> None:
        """Say with which exit code the processes of a node failed; the first to say so counts."""
        own = self.folder / f"code-{os.urandom(4).hex()}"
        own.write_text(str(code), "ascii")
        with suppress(FileExistsError):
            (self.folder / _FAILURE).hardlink_to(own)

    def failure(self) -> int | None:
        """Return the exit code of the node that failed first, if one said so."""
        try:
            return int((self.folder / _FAILURE).read_text("ascii"))
        except FileNotFoundError:
            return None
