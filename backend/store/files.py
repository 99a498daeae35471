"""The uploaded files and the results of their checks."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..records import File, FileStatus
from .database import Database


class Files:
    """The table of files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, file: File) -> tuple[File, bool]:
        """Add a file; return it as it is stored, and whether it is new.

        One that failed is checked again: its bytes are the same, but the check may have changed.
        """
        with self._database.changing() as state:
            known = state.execute("SELECT * FROM files WHERE id = ?", (file.id,)).fetchone()
            if known is None:
                state.execute(
                    "INSERT INTO files (id, owner, purpose, sha256, bytes, filename, status,"
                    " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        file.id,
                        file.owner,
                        file.purpose,
                        file.sha256,
                        file.bytes,
                        file.filename,
                        file.status,
                        file.created_at,
                    ),
                )
            elif known["status"] == FileStatus.FAILED:
                state.execute(
                    "UPDATE files SET status = ?, error = NULL, rows = NULL WHERE id = ?",
                    (FileStatus.VALIDATING, file.id),
                )
            row = state.execute("SELECT * FROM files WHERE id = ?", (file.id,)).fetchone()
            return _file(row), known is None

    def get(self, owner: str, name: str) -> File | None:
        """Return a file of an owner by its id."""
        with self._database.reading() as state:
            row = state.execute(
                "SELECT * FROM files WHERE id = ? AND owner = ?", (name, owner)
            ).fetchone()
            return _file(row) if row else None

    def named(self, owner: str, names: Iterable[str]) -> Mapping[str, File]:
        """Return the files of an owner with some ids, by id."""
        with self._database.reading() as state:
            rows = state.execute(
                "SELECT * FROM files WHERE owner = ? AND id IN (SELECT value FROM json_each(?))",
                (owner, json.dumps([*names])),
            )
            return {row["id"]: _file(row) for row in rows}

    def of(self, owner: str, sha256: str | None, limit: int) -> Sequence[File]:
        """Return the files of an owner, those of a digest if one is given, the newest first."""
        with self._database.reading() as state:
            of_digest = "" if sha256 is None else " AND sha256 = :sha256"  # by its index
            rows = state.execute(
                f"SELECT * FROM files WHERE owner = :owner{of_digest}"  # noqa: S608 - constants
                " ORDER BY rowid DESC LIMIT :limit",
                {"owner": owner, "sha256": sha256, "limit": limit},
            )
            return [_file(row) for row in rows]

    def next_to_check(self) -> File | None:
        """Return the file that has waited longest to be checked."""
        with self._database.reading() as state:
            row = state.execute(
                "SELECT * FROM files WHERE status = ? ORDER BY rowid LIMIT 1",
                (FileStatus.VALIDATING,),
            ).fetchone()
            return _file(row) if row else None

    def checked(self, name: str, rows: int | None, error: Mapping[str, Any] | None) -> None:
        """Store what the check of a file has found."""
        status = FileStatus.FAILED if error else FileStatus.READY
        with self._database.changing() as state:
            state.execute(
                "UPDATE files SET status = ?, rows = ?, error = ? WHERE id = ?",
                (status, rows, json.dumps(error) if error else None, name),
            )


def _file(row: sqlite3.Row) -> File:
    facts = dict(row)
    error = facts.pop("error")
    return File(
        **{**facts, "status": FileStatus(facts["status"])},
        error=json.loads(error) if error else None,
    )
