"""``sftc jobs``, ``status``, ``follow``, ``logs`` and ``cancel``: the jobs at a backend."""

import sys
from dataclasses import asdict, astuple
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ..diagnostics import printable
from ..report import Format, TextOrJson
from .connection import FAILED, Backend, JobId, ResultAs, failing, followed, note, put_json
from .streams import put, say

if TYPE_CHECKING:
    from ..following import Job, Outcome

_NEVER: Final = "-"  # where a table has no value
_WIDEST: Final = 40


def jobs(
    search: Annotated[
        str | None,
        typer.Argument(
            metavar="[TEXT]", help="List only jobs with TEXT in their name, model or id."
        ),
    ] = None,
    status: Annotated[
        str | None,
        typer.Option(metavar="STATUS", help="List only jobs in this state, such as `running`."),
    ] = None,
    limit: Annotated[
        int,
        typer.Option("--limit", "-n", metavar="N", min=1, max=1000, help="List at most N jobs."),
    ] = 20,
    before: Annotated[
        str | None, typer.Option(metavar="JOB", help="List only jobs older than JOB.")
    ] = None,
    backend: Backend = None,
    form: ResultAs = Format.TEXT,
) -> None:
    """List jobs, newest first.

    Exit codes: 0 success; 2 wrong usage; 3 the backend or the network failed.
    """
    from .. import following

    with failing({}, form):
        found = following.jobs(
            status=status, search=search, limit=limit, before=before, backend=backend, note=note
        )
    if form is Format.JSON:
        put_json({"jobs": [asdict(job) for job in found]})
    elif found:
        put(_table(found))
        if len(found) == limit:
            say(f"Older jobs: --before {found[-1].job_id}")
    else:
        say("No jobs match." if search or status or before else "No jobs.")


def status(job_id: JobId, backend: Backend = None, form: ResultAs = Format.TEXT) -> None:
    """Show how a job is doing.

    Exit codes: 0 success, whatever the job's state; 2 wrong usage; 3 the backend or the network
    failed.
    """
    from .. import following

    with failing({}, form):
        job = following.status(job_id, backend=backend, note=note)
    _show(job, form)


def cancel(
    job_id: JobId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Cancel without asking.")] = False,
    backend: Backend = None,
    form: ResultAs = Format.TEXT,
) -> None:
    """Cancel a job, after asking.

    Exit codes: 0 cancelled; 1 not confirmed; 2 wrong usage; 3 the job was over, or the backend
    or the network failed.
    """
    from .. import following
    from ..client import LEARNING

    with failing({}, form):
        if not yes:
            job = following.status(job_id, backend=backend, note=note)
            name = f" ({job.name})" if job.name else ""
            if job.status not in LEARNING.ended:  # or else the backend says so
                say(f"{job_id}{name} is {job.status}{_steps(job)}. Cancel it? [y/N]")
                _confirm()
        job = following.cancel(job_id, backend=backend, note=note)
    _show(job, form)


def _confirm() -> None:
    if not (sys.stdin and sys.stdin.readline().strip().lower() in {"y", "yes"}):
        say("Not cancelled. Add --yes to cancel without being asked.")
        raise typer.Exit(1)


def logs(
    job_id: JobId,
    follow_: Annotated[
        bool, typer.Option("--follow", "-f", help="Keep printing until the job ends.")
    ] = False,
    trainer: Annotated[
        bool,
        typer.Option("--trainer", help="Print the trainer's log instead."),
    ] = False,
    backend: Backend = None,
    form: ResultAs = Format.TEXT,
) -> None:
    """Print a job's events or its trainer's log.

    Exit codes: 0 success; 2 wrong usage; 3 the backend or the network failed, or with --follow
    the job.
    """
    with failing({}, form, "interrupted; the job continues"):
        outcome = (_printed if trainer else _said)(job_id, backend, form, until_over=follow_)
    raise typer.Exit(0 if outcome is None or outcome.succeeded else FAILED)


def _said(
    job_id: str, backend: str | None, form: TextOrJson, *, until_over: bool
) -> "Outcome | None":
    from .. import following
    from .live import log_lines

    show = log_lines(job_id, form)
    if not until_over:
        show(following.logs(job_id, backend=backend, note=note))
        return None
    return following.follow(
        job_id, backend=backend, note=note, on_update=lambda update: show(update.events)
    )


def _printed(
    job_id: str, backend: str | None, form: TextOrJson, *, until_over: bool
) -> "Outcome | None":
    from .. import following
    from .live import printed

    show = printed(job_id, form)
    if not until_over:
        following.trainer_log(job_id, show, backend=backend, note=note)
        return None
    return following.follow_trainer_log(job_id, show, backend=backend, note=note)


def follow(job_id: JobId, backend: Backend = None, form: ResultAs = Format.TEXT) -> None:
    """Show events and losses until a job ends.

    Ctrl-C stops following, not the job. With --format json, each change is a line of JSON.

    Exit codes: 0 the job succeeded; 2 wrong usage; 3 the job, the backend or the network failed;
    130 stopped with Ctrl-C.
    """
    with failing({}):
        outcome = followed(job_id, backend, form)
    raise typer.Exit(0 if outcome.succeeded else FAILED)


def _show(job: "Job", form: Format) -> None:
    if form is Format.JSON:
        put_json(asdict(job))
        return
    facts = {
        "job": job.job_id,
        "name": job.name,
        "status": f"{job.status}{_steps(job)}",
        "model": job.model,
        "pace": _pace(job),
        "mode": _mode(job),
        "created": job.created_at,
        "started": job.started_at,
        "finished": job.finished_at,
        "error": job.error,
        "page": job.page,
    }
    lines = (f"{name:<9} {printable(text)}\n" for name, text in facts.items() if text)
    put("".join(lines))


def _mode(job: "Job") -> str:
    """Return what runs the job, and where: `train (slurm 4711)`."""
    where = " ".join(filter(None, (job.engine, job.engine_job)))
    return f"{job.mode} ({where})" if job.mode and where else job.mode or ""


def _pace(job: "Job") -> str:
    from ..client import LEARNING
    from ..report import pace

    if job.throughput is None or job.status in LEARNING.ended:
        return ""
    return ", ".join(pace.pace(*astuple(job.throughput)))


def _steps(job: "Job") -> str:
    if job.step is None:
        return ""
    return f", step {job.step:,}" + (f" of {job.total_steps:,}" if job.total_steps else "")


def _short(text: str) -> str:
    """Return a text that fits a column; programs take the JSON."""
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _table(found: "list[Job]") -> str:
    """Return jobs as columns; the id comes first, for those who cut it out."""
    from rich.cells import cell_len

    rows: list[tuple[str, ...]] = [
        ("JOB", "NAME", "STATUS", "STEP", "CREATED (UTC)", "MODE", "MODEL")
    ]
    for job in found:
        step = _NEVER if job.step is None else f"{job.step}/{job.total_steps or '?'}"
        created = (job.created_at or _NEVER)[:16].replace("T", " ")
        name, mode, model = (text or _NEVER for text in (job.name, _mode(job), job.model))
        texts = (job.job_id, name, job.status, step, created, mode, model)
        rows.append(tuple(_short(printable(text)) for text in texts))
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "".join(
        "  ".join(
            text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        + "\n"
        for row in rows
    )
