"""``sftc fetch``: the result of a job, into a folder."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..diagnostics import printable
from ..disk import files
from ..report import Format
from .connection import Backend, JobId, ResultAs, failing, note, put_json
from .streams import say

if TYPE_CHECKING:
    from ..following import Fetched


def fetch(
    job_id: JobId,
    folder: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="The folder to write the files to."),
    ],
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files in DIR that have other content.")
    ] = False,
    backend: Backend = None,
    form: ResultAs = Format.TEXT,
) -> None:
    """Download the result of a job.

    The result is the adapter or the model that was trained. Each file is verified against its
    SHA-256 and gets its name once it is complete. Run the same command again after an
    interruption: it continues where it stopped.

    Exit codes: 0 success; 1 a file in DIR is in the way, or DIR cannot be written to; 2 wrong
    usage; 3 there is no result, or the backend or the network failed.
    """
    from .. import following
    from .progress import progress

    with failing({}, form, "interrupted; run the same command again to continue"):
        try:
            fetched = following.fetch(
                job_id, folder, force=force, bar=progress, backend=backend, note=note
            )
        except OSError as error:
            where = printable(str(error.filename or folder))
            note(f"cannot write {where}: {files.reason(error)}")
            raise typer.Exit(1) from None
    if form is Format.JSON:
        put_json(asdict(fetched))
    else:
        _say(fetched)


def _say(fetched: "Fetched") -> None:
    number, size = len(fetched.fetched), sum(artifact.bytes for artifact in fetched.fetched)
    there = len(fetched.present)
    done = f"Fetched {number} {'file' if number == 1 else 'files'}, {size:,} bytes, "
    already = f"; {there} {'was' if there == 1 else 'were'} there already" if there else ""
    say(f"{done}into {fetched.folder}{already}.")
