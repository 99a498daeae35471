"""``sftc submit``: from a reviewed payload to a job."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..diagnostics import Finding, codes
from ..disk import files
from ..report import Format, TextOrJson
from .configs import is_config
from .connection import (
    FAILED,
    Backend,
    Follow,
    ResultAs,
    Retries,
    failing,
    followed,
    note,
    put_json,
    tell,
)
from .kinds import Kind, refuse_others
from .stdio import OutputError
from .streams import put, say

if TYPE_CHECKING:
    from ..submitter import Prepared, Submission

Name = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The job's name in lists. Default: the file's name."),
]
Resubmit = Annotated[
    bool,
    typer.Option("--resubmit", help="Create another job, even if this one was submitted before."),
]
Validation = Annotated[
    str | None,
    typer.Option(
        metavar="DATASET", help="Path of the validation dataset, overriding the given one."
    ),
]


def submit(
    payload: Annotated[
        str, typer.Argument(metavar="PAYLOAD", help="A compiled payload; `-` reads standard input.")
    ],
    backend: Backend = None,
    name: Name = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            metavar="DATASET", help="Path of the training dataset, overriding the payload's."
        ),
    ] = None,
    validation: Validation = None,
    data_root: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Read the payload's datasets below DIR only. Default: the current folder.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print the requests as JSON; send nothing."),
    ] = False,
    follow: Follow = False,
    resubmit: Resubmit = False,
    retries: Retries = 5,
    form: ResultAs = Format.TEXT,
) -> None:
    """Create a job from a payload and start it.

    Uploads the datasets, creates the job, starts it, and prints its id. The API key is read from
    SYNTH_API_KEY. Run the same command again after an interruption: it continues where it
    stopped and never creates the job twice.

    Exit codes: 0 success; 1 the payload or a dataset is invalid; 2 wrong usage or unreadable
    input; 3 the backend, the network or the job failed.
    """
    refuse_others([payload], Kind.PAYLOAD, Kind.CONFIG, folders=False)
    from .. import submitter
    from ..client import LEARNING, address, secret
    from .progress import progress

    sources: dict[str, str] = {}
    given = [name for name in (payload, dataset, validation) if name is not None]
    with failing(sources, form, named=given):
        if not dry_run:
            address(backend, LEARNING.api), secret(None)  # before a dataset is read
        submitter.check_name(name)
        data = submitter.read(payload)
        shown = files.shown_name(payload)
        sources[shown] = data.decode("utf-8", "replace")
        _refuse_config(payload, sources[shown])
        chosen = {"training": dataset, "validation": validation}
        warn = partial(tell, sources=sources)
        prepared = submitter.prepare(data, shown, chosen, data_root, warn=warn, bar=progress)
        if name is None and payload != files.STDIN:
            name = submitter.job_name(Path(payload))
        if dry_run:
            put_json(submitter.dry_run(prepared, name, backend))
            return
    send(
        prepared,
        name,
        backend,
        sources,
        follow=follow,
        resubmit=resubmit,
        retries=retries,
        form=form,
    )


def send(
    prepared: "Prepared",
    name: str | None,
    backend: str | None,
    sources: dict[str, str],
    *,
    follow: bool,
    resubmit: bool,
    retries: int,
    form: TextOrJson,
) -> None:
    """Submit what has been prepared, print the job, follow it if that is wanted, and exit."""
    from .. import submitter
    from ..client import Patience
    from .progress import progress

    with failing(sources, form, "interrupted; run the same command again to continue"):
        job = submitter.submit(
            prepared,
            name=name,
            backend=backend,
            resubmit=resubmit,
            patience=Patience(attempts=retries + 1),
            note=note,
            bar=progress,
        )
    try:
        _print(job, form)
    except OutputError as error:  # the job is there, whoever reads of it
        note(f"{job.job_id} was submitted, but standard output cannot be written: {error}")
        raise typer.Exit(FAILED) from None
    if not follow:
        return
    with failing(sources):
        outcome = followed(job.job_id, backend)
    raise typer.Exit(0 if outcome.succeeded else FAILED)


def _print(job: "Submission", form: TextOrJson) -> None:
    """Print a job's id or all that is known of it; on standard error, where to look at it."""
    if job.resumed:
        state = f" ({job.status})" if job.status else ""
        note(f"{job.job_id} was submitted before{state}; --resubmit makes another job")
    if form is Format.JSON:
        put_json(asdict(job))
    else:
        put(f"{job.job_id}\n")
    if job.page:
        say(f"  page     {job.page}")
    say(f"  follow   sftc follow {job.job_id}")


def _refuse_config(name: str, text: str) -> None:
    """Say what to run instead, if what ought to be a payload is a config.

    Raises:
        PayloadError: it is one.

    """
    if not is_config(name, text):
        return
    from ..client import PayloadError, diagnosed

    shown = "CONFIG" if name == files.STDIN else name
    hint = f"compile it first: `sftc compile --pin {shown} > job.json`; or all in one go: "
    finding = Finding(
        codes.PAYLOAD_NOT_JSON,
        words={"reason": "it is a config"},
        hint=f"{hint}`sftc train {shown}`",
    )
    raise PayloadError([diagnosed(finding, files.shown_name(name))])
