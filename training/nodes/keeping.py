"""What a training needs to go on, kept outside of its machines: in a bucket, mounted as a folder.

A mounted bucket has no locks, no appending and no renaming, so the job's folder is not in it: whole
files are copied there. A node's part of a checkpoint counts when its mark is there, which lists
the files and their sizes; a checkpoint counts when it has the marks of all nodes.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...jobfolder import JobFolder, JournalError, Kind, read_entries

_PREFIX: Final = "checkpoint-"
_STATE: Final = "trainer_state.json"
"""What the first process writes last."""
_RESULT: Final = "result.json"


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

    def restore(self) -> list[int]:
        """Put what is kept into the job's folder, and return the steps of its checkpoints.

        What is left of one that lacks parts is removed: another start writes it again, maybe to
        other bits.
        """
        steps = []
        for step, path in list(_all(self.root / "checkpoints")):
            if self._is_whole(step):
                steps.append(step)
                for name in self._files(step):
                    _copy(path / name, self._local(step) / name)
            elif self.node == 0:
                _forget(path)
        for path in (self.root / "checkpoints").glob("*.json"):
            if not path.name.startswith(_PREFIX):
                _copy(path, self.folder.checkpoints / path.name)
        journal = self.root / self.folder.journal.name
        if journal.is_file():
            _copy(journal, self.folder.journal)
        if self.node == 0 and not _is_done(journal):
            (self.root / _RESULT).unlink(missing_ok=True)  # there will be another result
        return steps

    def store(self, *, last: bool = False) -> None:
        """Keep what this node has that is whole, and is not kept yet; a full bucket fails.

        Args:
            last: whether the processes of this node have ended.

        Raises:
            OSError: it cannot be kept.

        """
        local, stored = dict(_all(self.folder.checkpoints)), False
        for step in sorted(local):
            wanted = self.node == 0 or self._mark(step, 0).exists() or (last and step == max(local))
            if wanted and not self._mark(step, self.node).exists() and self._has_part(step):
                self._store(step)
                stored = True
        if self.node == 0 and (stored or last):
            self._store_rest()
            for step, path in _all(self.root / "checkpoints"):
                if step not in local and any(step < other for other in local):
                    _forget(path)

    def _store(self, step: int) -> None:
        files = {}
        with suppress(FileNotFoundError):  # the trainer has just removed an old checkpoint
            for path in sorted(self._local(step).rglob("*")):
                if path.is_file():
                    name = path.relative_to(self._local(step)).as_posix()
                    files[name] = _copy(path, self._checkpoint(step) / name)
            mark = {"nodes": self.nodes, "files": files}
            self._mark(step, self.node).write_text(json.dumps(mark), "utf-8")

    def _store_rest(self) -> None:
        """Keep what belongs to no checkpoint; the journal last, which says that all is done."""
        journal = self.folder.journal
        told = journal.read_bytes() if journal.is_file() else b""
        for path in self.folder.checkpoints.glob("*.json"):
            _renew(path, self.root / "checkpoints" / path.name)
        done = self.root / _RESULT
        if self.folder.result.is_dir() and not done.exists():
            files = {}
            for path in sorted(self.folder.result.rglob("*")):
                if path.is_file():
                    name = path.relative_to(self.folder.result).as_posix()
                    files[name] = _copy(path, self.root / "result" / name)
            done.write_text(json.dumps({"files": files}), "utf-8")
        kept = self.root / journal.name
        if told and not (kept.is_file() and kept.stat().st_size == len(told)):
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(told)

    def _has_part(self, step: int) -> bool:
        """Whether this node has written its part of a checkpoint: the random states come last."""
        folder, first = self._local(step), self.node * self.processes
        alone = self.nodes * self.processes == 1
        ranks = range(first, first + self.processes)
        names = ["rng_state.pth"] if alone else [f"rng_state_{rank}.pth" for rank in ranks]
        whole = all(zipfile.is_zipfile(folder / name) for name in names)
        return whole and (self.node > 0 or _json(folder / _STATE) is not None)

    def _is_whole(self, step: int) -> bool:
        """Whether all parts of a kept checkpoint are there."""
        first = _json(self._mark(step, 0)) or {"nodes": 0}
        marks = [_json(self._mark(step, node)) for node in range(first["nodes"])]
        return bool(marks) and all(
            mark is not None
            and all(
                _size(self._checkpoint(step) / name) == mark["files"][name]
                for name in mark["files"]
            )
            for mark in marks
        )

    def _files(self, step: int) -> Iterator[str]:
        for node in range(_json(self._mark(step, 0))["nodes"]):
            yield from _json(self._mark(step, node))["files"]

    def _checkpoint(self, step: int) -> Path:
        return self.root / "checkpoints" / f"{_PREFIX}{step}"

    def _local(self, step: int) -> Path:
        return self.folder.checkpoints / f"{_PREFIX}{step}"

    def _mark(self, step: int, node: int) -> Path:
        return self.root / "checkpoints" / f"{_PREFIX}{step}.node-{node}.json"


def _all(folder: Path) -> Iterator[tuple[int, Path]]:
    """Yield the checkpoints of a folder by their steps."""
    for path in sorted(folder.glob(f"{_PREFIX}*")):
        step = path.name.removeprefix(_PREFIX)
        if step.isdecimal() and path.is_dir():
            yield int(step), path


def _is_done(journal: Path) -> bool:
    """Whether a journal says that the job is done."""
    try:
        return any(entry.kind is Kind.DONE for entry in read_entries(journal.read_bytes()))
    except (OSError, JournalError):
        return False


def _forget(checkpoint: Path) -> None:
    for mark in checkpoint.parent.glob(f"{checkpoint.name}.node-*.json"):
        mark.unlink(missing_ok=True)
    shutil.rmtree(checkpoint, ignore_errors=True)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _renew(source: Path, target: Path) -> None:
    if _size(source) != _size(target):
        _copy(source, target)


def _copy(source: Path, target: Path) -> int:
    """Copy a file, and return its size."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return target.stat().st_size
