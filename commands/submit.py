"""``sftc submit``, ``sftc follow`` and ``sftc train``: from a reviewed payload to a job's end."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from .. import report
from ..disk import files
from ..report import Format
from .streams import colour, fails, put, say, show, usage

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic
    from ..submitter import Outcome

FAILED: Final = 3
"""The exit code when the backend, the network or the job failed."""
_INTERRUPTED: Final = 130


class ResultFormat(StrEnum):
    """How the job that was made is written."""

    TEXT = "text"
    JSON = "json"


class TrainingType(StrEnum):
    """What `train` can train."""

    SFT = "sft"


Backend = Annotated[
    str | None,
    typer.Option(metavar="URL", help="The backend; by default BACKEND_BASE_URL."),
]
ResultAs = Annotated[ResultFormat, typer.Option("--format", help="How the job is written.")]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Print the exact requests, for curl, and send nothing."),
]
Follow = Annotated[bool, typer.Option("--follow", help="Show the job until it ends.")]
Resubmit = Annotated[
    bool, typer.Option("--resubmit", help="Make another job of what was submitted before.")
]
DataRoot = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Datasets that the payload names must be below DIR; by default here.",
    ),
]
Retries = Annotated[
    int, typer.Option(metavar="N", min=0, help="How often a failed request is sent again.")
]


def submit(
    payload: Annotated[
        str, typer.Argument(metavar="PAYLOAD", help="A compiled payload; `-` is standard input.")
    ],
    backend: Backend = None,
    dataset: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Where the training dataset is, if not where it says."),
    ] = None,
    validation: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Where the validation dataset is, if elsewhere."),
    ] = None,
    data_root: DataRoot = None,
    dry_run: DryRun = False,
    follow_: Follow = False,
    resubmit: Resubmit = False,
    retries: Retries = 5,
    form: ResultAs = ResultFormat.TEXT,
) -> None:
    """Upload the datasets of a payload, create its job and start it, exactly once.

    The key comes from SYNTH_API_KEY. The job's id goes to standard output. A run that was cut
    short goes on where it stopped when it is called again. Exit codes: 0 done, 1 the payload
    or a dataset is at fault, 3 the backend, the network or the followed job failed.
    """
    artifact = _read(payload)
    options = {"dataset": dataset, "validation": validation, "data_root": data_root}
    _submit(
        artifact,
        {**options, "name": files.shown_name(payload), "backend": backend},
        dry_run=dry_run,
        follow=follow_,
        resubmit=resubmit,
        retries=retries,
        form=form,
    )


def train(
    config: Annotated[str, typer.Option(metavar="CONFIG", help="The TOML config.")],
    type_: Annotated[
        TrainingType, typer.Option("--type", help="What to train.")
    ] = TrainingType.SFT,
    dataset: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The training dataset, in place of [job].data."),
    ] = None,
    examples: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Train on the first N rows, as a smoke test."),
    ] = None,
    backend: Backend = None,
    data_root: DataRoot = None,
    dry_run: DryRun = False,
    follow_: Follow = False,
    resubmit: Resubmit = False,
    retries: Retries = 5,
    form: ResultAs = ResultFormat.TEXT,
) -> None:
    """Compile a config, pin its datasets and submit it, in one go.

    What `sftc compile --pin` and `sftc submit` do one after the other, without a payload that
    anybody reviews in between.
    """
    from ..diagnostics import Diagnostic as Found
    from ..workspace.pinning import compile_pinned

    del type_  # there is one
    name, data = files.shown_name(config), files.read_config(config)
    if isinstance(data, Found):
        _tell([data], {})
        raise typer.Exit(1)
    compiled = compile_pinned(data, filename=name, dataset=dataset, head=examples)
    _tell(compiled.diagnostics, {name: data.decode("utf-8", "replace")})
    if compiled.payload_bytes is None or fails(compiled.diagnostics, strict=False):
        raise typer.Exit(1)
    _submit(
        compiled.payload_bytes,
        {
            "name": f"<payload of {name}>",
            "backend": backend,
            "dataset": dataset,
            "data_root": data_root,
        },
        dry_run=dry_run,
        follow=follow_,
        resubmit=resubmit,
        retries=retries,
        form=form,
    )


def follow(
    job_id: Annotated[str, typer.Argument(metavar="JOB_ID", help="What `sftc submit` printed.")],
    backend: Backend = None,
) -> None:
    """Show a job's events and losses until it ends.

    Ctrl-C stops following, not the job. Exit codes: 0 the job succeeded, 3 it did not.
    """
    with _failing({}):
        outcome = _followed(job_id, backend)
    raise typer.Exit(0 if outcome.succeeded else FAILED)


def _read(name: str) -> bytes | Path:
    """Return the bytes of a payload, or its path: the submitter says why it cannot be read."""
    from ..payloads import LARGEST  # at once with what submits

    try:
        return files.read_bytes(name, LARGEST + 1)  # one more: too large, and refused
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        if name == files.STDIN:
            usage(f"cannot read {files.shown_name(name)}: {files.reason(error)}")
        return Path(name)


def _submit(
    artifact: bytes | Path,
    options: dict[str, Any],
    *,
    dry_run: bool,
    follow: bool,
    resubmit: bool,
    retries: int,
    form: ResultFormat,
) -> None:
    """Submit a payload, or say what would be sent; then exit."""
    from .. import submitter
    from .progress import progress

    sources: dict[str, str] = {}
    if isinstance(artifact, bytes):
        sources[options["name"]] = artifact.decode("utf-8", "replace")
    options |= {"warn": partial(_tell, sources=sources), "bar": progress}
    with _failing(sources, form):
        if dry_run:
            script = submitter.dry_run(artifact, **options)
            put(script)
            return
        job = submitter.submit(
            artifact,
            resubmit=resubmit,
            patience=submitter.Patience(attempts=retries + 1),
            note=_note,
            **options,
        )
        if job.resumed:
            _note(f"{job.job_id} was submitted before; --resubmit makes another job")
        result = job.job_id if form is ResultFormat.TEXT else _json({"format": 1, **asdict(job)})
        put(f"{result}\n")
        if not follow:
            return
        outcome = _followed(job.job_id, options["backend"])
    raise typer.Exit(0 if outcome.succeeded else FAILED)


def _followed(job_id: str, backend: str | None) -> "Outcome":
    """Follow a job to its end, and say how it ended."""
    from .. import submitter
    from .live import watched

    try:
        with watched(job_id) as show:
            outcome = submitter.follow(job_id, backend=backend, on_update=show, note=_note)
    except KeyboardInterrupt:
        _note(f"no longer following; the job goes on. To join it again: sftc follow {job_id}")
        raise typer.Exit(_INTERRUPTED) from None
    _note(f"{job_id} {outcome.status}")
    return outcome


@contextmanager
def _failing(sources: dict[str, str], form: ResultFormat = ResultFormat.TEXT) -> Iterator[None]:
    """Turn what goes wrong into words and an exit code."""
    from ..submitter import BackendError, SubmitError

    try:
        yield
    except ValueError as error:
        hint = "" if "backend: " not in str(error) else "; to try it here: sftc backend serve"
        usage(f"{error}{hint}")
    except KeyboardInterrupt:
        _note("interrupted; the same command goes on where this one stopped")
        raise typer.Exit(_INTERRUPTED) from None
    except SubmitError as error:
        _tell(error.diagnostics, sources)
        if form is ResultFormat.JSON:
            put(report.render(Format.JSON, error.diagnostics, {}))
        raise typer.Exit(FAILED if isinstance(error, BackendError) else 1) from None


def _json(value: dict[str, Any]) -> str:
    import json  # only scripts ask for it

    return json.dumps(value, indent=2)


def _note(text: str) -> None:
    say(f"sftc: {text}")


def _tell(diagnostics: "Sequence[Diagnostic]", sources: dict[str, str]) -> None:
    show(report.render(Format.TEXT, diagnostics, sources, colour=colour(sys.stderr)), sys.stderr)
