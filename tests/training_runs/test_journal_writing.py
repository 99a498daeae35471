"""The journal as its trainer writes it, while the disk is full and other ranks write as well."""

import errno
import os
from pathlib import Path

import pytest

from sftc.jobfolder import Kind, read_entries
from sftc.training.program.journal import Journal


@pytest.mark.parametrize("kind", [Kind.STEP, Kind.FAILED])
def test_a_full_disk_costs_no_line_of_another_rank(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    path = tmp_path / "journal.jsonl"
    first, second = Journal(path, writes=True), Journal(path, writes=False)
    first.tell(Kind.STEP, step=1)
    second.add(Kind.FAILED, message="process 1: the disk is full")
    write = os.write

    def full(file: int, data: bytes) -> int:
        if len(data) <= 9:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(file, data[:-9])

    with monkeypatch.context() as small:
        small.setattr(os, "write", full)
        for rank in (first.tell, second.add):
            with pytest.raises(OSError, match="No space left"):
                rank(kind, message="is not told")
    first.tell(Kind.STEP, step=2)
    entries = read_entries(path.read_bytes())
    assert [(entry.kind, entry.step) for entry in entries] == [
        (Kind.STEP, 1),
        (Kind.FAILED, None),
        (Kind.STEP, 2),
    ]
