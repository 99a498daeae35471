"""What is removed of a job's folder when no process of it is left."""

import shutil
from contextlib import suppress
from typing import Final

from ...jobfolder import JobFolder
from ..records import JobStatus

_LEFT: Final = ("*.unfinished", "*.tmp")
"""Files that somebody was about to write when he was killed: ours, and the engines'."""


def tidy(folder: JobFolder, status: JobStatus) -> None:
    """Remove what nobody needs any more: the payload, the rows, the journal and the result stay.

    A job that failed keeps its checkpoints: somebody may want to go on from them by hand.
    """
    shutil.rmtree(folder.unfinished_result, ignore_errors=True)
    if status is not JobStatus.FAILED:
        shutil.rmtree(folder.checkpoints, ignore_errors=True)
    for pattern in _LEFT:
        for path in folder.root.glob(pattern):
            with suppress(OSError):
                path.unlink()
