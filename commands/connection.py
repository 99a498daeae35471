"""What the commands that speak to a backend share: options, exit codes, what goes wrong."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from .. import report
from ..report import Format, TextOrJson
from .streams import colour, exit_code, put, say, show, usage

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic
    from ..following import Outcome

FAILED: Final = 3
"""The exit code when the backend, the network or the job failed."""
_INTERRUPTED: Final = 130

Backend = Annotated[
    str | None,
    typer.Option(metavar="URL", help="The backend's address. Default: BACKEND_BASE_URL."),
]
JobId = Annotated[str, typer.Argument(metavar="JOB", help="The job's id; `sftc jobs` lists them.")]
Follow = Annotated[bool, typer.Option("--follow", help="Follow the job until it ends.")]
ResultAs = Annotated[TextOrJson, typer.Option("--format", help="Format of the result.")]
Retries = Annotated[
    int, typer.Option(metavar="N", min=0, help="How often to repeat a failed request.")
]


def note(text: str) -> None:
    """Tell people on standard error what happens."""
    say(f"sftc: {text}")


def tell(diagnostics: "Sequence[Diagnostic]", sources: dict[str, str]) -> None:
    """Show people what is wrong on standard error."""
    show(report.render(Format.TEXT, diagnostics, sources, colour=colour(sys.stderr)), sys.stderr)


def put_json(value: dict[str, Any]) -> None:
    """Write a result for programs to standard output, with the version of its format."""
    from ..payloads import canonical

    put(canonical.encode({"format": 1, **value}).decode())


@contextmanager
def failing(
    sources: dict[str, str],
    form: TextOrJson = Format.TEXT,
    interrupted: str = "interrupted",
    named: Sequence[str] = (),
) -> Iterator[None]:
    """Turn what goes wrong into words and an exit code: 2 if a file in `named` cannot be read."""
    from ..client import BackendError, SubmitError, UsageError

    try:
        yield
    except UsageError as error:
        hint = "; `sftc backend serve` starts one here" if "no backend: " in str(error) else ""
        usage(f"{error}{hint}")
    except KeyboardInterrupt:
        note(interrupted)
        raise typer.Exit(_INTERRUPTED) from None
    except SubmitError as error:
        tell(error.diagnostics, sources)
        if form is Format.JSON:
            put(report.render(Format.JSON, error.diagnostics, {}))
        if isinstance(error, BackendError):
            raise typer.Exit(FAILED) from None
        raise typer.Exit(exit_code(error.diagnostics, named, failed=True)) from None


def followed(job_id: str, backend: str | None, form: TextOrJson = Format.TEXT) -> "Outcome":
    """Follow a job to its end, and say how it ended."""
    from .. import following
    from .live import as_json, watched

    try:
        if form is Format.JSON:
            shown = as_json(job_id)
            return following.follow(job_id, backend=backend, on_update=shown, note=note)
        with watched(job_id) as show_update:
            outcome = following.follow(job_id, backend=backend, on_update=show_update, note=note)
    except KeyboardInterrupt:
        note(f"stopped following; the job continues. To follow it again: sftc follow {job_id}")
        raise typer.Exit(_INTERRUPTED) from None
    note(f"{job_id} {outcome.status}")
    return outcome
