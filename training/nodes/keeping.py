"""What a training needs to go on, kept outside of its machines: in a bucket, mounted as a folder.

A mounted bucket has no locks, no appending and no renaming, so the job's folder is not in it: whole
files are copied there. A node's part of a checkpoint counts when its mark is there, which lists
the files and their sizes; a checkpoint counts when it has the marks of all nodes.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ...jobfolder import JobFolder, JournalError, Kind, read_entries
from . import marks
from .making import Digests, RefusedError
from .marks import Mark

_PREFIX: Final = "checkpoint-"
_STATE: Final = "trainer_state.json"
"""What the first process writes last."""
_RESULT: Final = "result.json"
"""The mark of the result."""
_JOB: Final = "kept.json"
"""Of which job this is: the digests of its payload and its rows."""
_OURS: Final = ("checkpoints", "result", _RESULT)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one job, as one node sees it.

    Attributes:
        root: the folder where it is kept.
        folder: the job's folder on this node.
        node: the number of this node, from 0.
        nodes: how many there are.
        processes: those of each node.

    """

    root: Path
    folder: JobFolder
    node: int
    nodes: int
    processes: int

    def claim(self, digests: Digests) -> None:
        """Make sure that what is kept is of a job, before anything is put there or taken.

        Args:
            digests: of the files of the job, by their names.

        Raises:
            RefusedError: it is another one's.
            OSError: it cannot be written.

        """
        known = marks.read_json(self.root / _JOB)
        if isinstance(known, dict):
            if changed := sorted(
                name for name in known.keys() | digests if known.get(name) != digests.get(name)
            ):
                raise RefusedError(
                    f"{self.root} belongs to another job, with a different "
                    f"{' and '.join(changed)}; pass another --keep"
                )
        elif any((self.root / name).exists() for name in (*_OURS, self.folder.journal.name)):
            raise RefusedError(f"{self.root} belongs to an unknown job: {_JOB} is missing")
        else:
            marks.put(self.root / _JOB, json.dumps(digests, indent=2).encode() + b"\n")

    def restore(self) -> list[int]:
        """Put what is kept into the job's folder, and return the steps of its checkpoints.

        What is left of one that lacks parts is removed: another start writes it again, maybe to
        other bits.
        """
        steps = []
        for step, path in list(_all(self.root / "checkpoints")):
            files = self._whole(step)
            if files is not None:
                steps.append(step)
                for name in files:
                    marks.copy(path / name, self._local(step) / name)
            elif self.node == 0:
                _forget(path)
        for path in (self.root / "checkpoints").glob("*.json"):
            if not path.name.startswith(_PREFIX):
                marks.copy(path, self.folder.checkpoints / path.name)
        journal = self.root / self.folder.journal.name
        if journal.is_file():
            marks.copy(journal, self.folder.journal)
        if self.node == 0 and not _is_done(_read(journal)):
            self._result.unlink(missing_ok=True)  # there will be another result
        return steps

    def store(self, *, last: bool = False) -> None:
        """Keep what this node has that is whole, and is not kept yet; a full bucket fails.

        Args:
            last: whether the processes of this node have ended.

        Raises:
            OSError: it cannot be kept.

        """
        if (
            last and self.node == 0 and _is_done(_read(self.folder.journal))
        ):  # the checkpoints do not matter
            self._store_end()
            return
        local, stored = dict(_all(self.folder.checkpoints)), False
        for step in sorted(local):
            wanted = self.node == 0 or self._mark(step, 0) or (last and step == max(local))
            if wanted and not self._mark(step, self.node) and self._has_part(step):
                if self.node == 0:
                    self._renew_small()  # by which the trainer knows whether it may go on
                self._store(step)
                stored = True
        if self.node == 0:
            if stored or last:
                self._renew_small()
                (self._store_result if last else self._renew_journal)()
            self._forget_older(local)

    def _store(self, step: int) -> None:
        with suppress(FileNotFoundError):  # the trainer has just removed an old checkpoint
            files = marks.copy_all(self._local(step), self._checkpoint(step))
            marks.write(self._mark_path(step, self.node), Mark(self.nodes, files))

    def _store_end(self) -> None:
        """Keep the result, and then the journal, which says that all is done.

        If there is no room for it, no checkpoint is needed any more.
        """
        try:
            self._store_result()
        except OSError as error:
            if not marks.is_full(error):
                raise
            for _, path in _all(self.root / "checkpoints"):
                _forget(path)
            self._store_result()
        with suppress(OSError):  # the result tells as much
            self._renew_small()

    def _store_result(self) -> None:
        if self.folder.result.is_dir() and not marks.read(self._result):
            marks.write(
                self._result, Mark(1, marks.copy_all(self.folder.result, self.root / "result"))
            )
        self._renew_journal()

    def _renew_small(self) -> None:
        for path in self.folder.checkpoints.glob("*.json"):
            marks.renew(path.read_bytes(), self.root / "checkpoints" / path.name)

    def _renew_journal(self) -> None:
        """Keep the journal; only when the result is kept, it may say that there is one."""
        journal = self.folder.journal
        data = _read(journal)
        early = _is_done(data) and self.folder.result.is_dir() and not marks.read(self._result)
        if data and not early:
            marks.renew(data, self.root / journal.name)

    def _forget_older(self, local: Mapping[int, Path]) -> None:
        """Forget what the trainer has removed, once a newer one is whole, with its best."""
        kept = dict(_all(self.root / "checkpoints"))
        if kept.keys() <= local.keys():
            return
        newest = max((step for step in kept if self._whole(step) is not None), default=0)
        for step, path in kept.items():
            if step < newest and step not in local and path.name != self._best(newest):
                _forget(path)

    def _best(self, step: int) -> str | None:
        """Return the name of the checkpoint that was the best at a step."""
        state = marks.read_json(self._checkpoint(step) / _STATE)
        best = state.get("best_model_checkpoint") if isinstance(state, dict) else None
        return Path(best).name if isinstance(best, str) else None

    def _has_part(self, step: int) -> bool:
        """Whether this node has written its part of a checkpoint: the random states come last."""
        folder, first = self._local(step), self.node * self.processes
        alone = self.nodes * self.processes == 1
        ranks = range(first, first + self.processes)
        names = ["rng_state.pth"] if alone else [f"rng_state_{rank}.pth" for rank in ranks]
        whole = all(zipfile.is_zipfile(folder / name) for name in names)
        return whole and (self.node > 0 or marks.read_json(folder / _STATE) is not None)

    def _whole(self, step: int) -> list[str] | None:
        """Return the files of a kept checkpoint; None if a part is missing."""
        first, files = self._mark(step, 0), list[str]()
        for node in range(first.nodes if first else 0):
            mark = self._mark(step, node)
            if mark is None or not marks.is_whole(mark, self._checkpoint(step)):
                return None
            files += mark.files
        return files or None

    def _checkpoint(self, step: int) -> Path:
        return self.root / "checkpoints" / f"{_PREFIX}{step}"

    def _local(self, step: int) -> Path:
        return self.folder.checkpoints / f"{_PREFIX}{step}"

    @property
    def _result(self) -> Path:
        return self.root / _RESULT

    def _mark(self, step: int, node: int) -> Mark | None:
        return marks.read(self._mark_path(step, node))

    def _mark_path(self, step: int, node: int) -> Path:
        return self.root / "checkpoints" / f"{_PREFIX}{step}.node-{node}.json"


def _all(folder: Path) -> Iterator[tuple[int, Path]]:
    """Yield the checkpoints of a folder by their steps."""
    for path in sorted(folder.glob(f"{_PREFIX}*")):
        step = path.name.removeprefix(_PREFIX)
        if step.isdecimal() and path.is_dir():
            yield int(step), path


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _is_done(journal: bytes) -> bool:
    """Whether a journal says that the job is done."""
    try:
        return any(entry.kind is Kind.DONE for entry in read_entries(journal))
    except JournalError:
        return False


def _forget(checkpoint: Path) -> None:
    for mark in checkpoint.parent.glob(f"{checkpoint.name}.node-*.json"):
        mark.unlink(missing_ok=True)
    shutil.rmtree(checkpoint, ignore_errors=True)
