"""A program that uses the whole public API, as mypy and pyright see it from outside.

``assert_type`` pins what each call gives. ``main`` runs without a backend; ``with_a_backend`` is
for the type checkers alone, as the other tests run such calls against a backend.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, assert_type

import sftc

CONFIG = """[job]
model = "Qwen/Qwen3-4B"
data = "train.jsonl"

[compute]
gpu_type = "H100"
gpu_count = 1
"""
ROW = '{"messages": [{"role": "user", "content": "2+2"}, {"role": "assistant", "content": "4"}]}\n'


def compiling() -> dict[str, Any]:
    """Compile, lint and fix; return the payload."""
    compiled = sftc.compile_config(CONFIG, filename="sft.toml")
    assert_type(compiled, sftc.Compilation)
    assert_type(compiled.ok, bool)
    assert_type(compiled.payload, dict[str, Any] | None)
    assert_type(compiled.payload_bytes, bytes | None)
    assert_type(compiled.diagnostics, tuple[sftc.Diagnostic, ...])
    for pointer, origin in compiled.provenance.items():
        assert_type(pointer, str)
        match origin:
            case sftc.FromConfig():
                assert_type(origin.path, tuple[str | int, ...])
            case sftc.FromDefault():
                assert_type(origin.pointer, str)
            case sftc.FromOption():
                assert_type(origin.option, str)
    origin = compiled.origin(("model",))
    known: sftc.Origin = origin
    assert known == sftc.FromConfig(("job", "model"), "sft.toml")
    assert sftc.lint_config(CONFIG) == compiled.diagnostics
    mended = sftc.fix_config(CONFIG.replace("gpu_type", "gpu_typ"))
    assert_type(mended, sftc.Mended)
    assert mended.text == CONFIG
    shown(mended.applied)
    assert compiled.payload is not None
    return compiled.payload


def shown(diagnostics: Iterable[sftc.Diagnostic]) -> list[str]:
    """Return diagnostics as a program might print them."""
    lines: list[str] = []
    for each in diagnostics:
        assert_type(each.severity, sftc.Severity)
        assert_type(each.span, sftc.Span)
        assert_type(each.fix, sftc.Fix | None)
        place = f"{each.span.document}:{each.span.line}:{each.span.column}"
        lines.append(f"{place}: {each.severity}: {each.message} [{each.code}]")
        for other in each.related:
            assert_type(other, sftc.Related)
            lines.append(f"  {other.span.line}: {other.message}")
        for edit in each.fix.edits if each.fix else ():
            assert_type(edit, sftc.Edit)
            lines.append(f"  {edit.span.line}: {edit.text!r}")
    return lines


def reviewing(payload: dict[str, Any]) -> None:
    """Compare, explain, lift and plan."""
    comparison = sftc.diff(CONFIG, payload)
    assert_type(comparison, sftc.Comparison)
    explained = sftc.explain(CONFIG, "compute.gpu_type")
    assert_type(explained, sftc.SourceMap)
    lifted = sftc.lift(payload)
    assert_type(lifted, sftc.Lifted)
    assert sftc.compile_config(lifted.text).payload == payload
    planned = sftc.plan(CONFIG, gpu="RTX 4090", rows=1000, price=1.5)
    assert_type(planned, sftc.Plan)
    for suggestion in planned.suggestions:
        assert_type(suggestion, sftc.Suggestion)
        assert_type(suggestion.edits, tuple[sftc.Edit, ...])
    try:
        sftc.lift("[]")
    except sftc.InvalidInputError as error:
        shown(error.diagnostics)


def measuring(folder: Path) -> None:
    """Check, measure and pin a dataset."""
    file = folder / "train.jsonl"
    file.write_text(ROW, "utf-8")
    checked = sftc.check_dataset(file)
    assert_type(checked, sftc.CheckedDataset)
    assert (checked.errors, checked.warnings, checked.rows) == (0, 0, 1)
    statistics = sftc.dataset_statistics(file, examples=1)
    assert_type(statistics, sftc.DatasetStatistics)
    pinned = sftc.pin(file)
    assert_type(pinned, sftc.Pin)
    assert sftc.compile_config(CONFIG, pins={"training": pinned}).ok


def with_a_backend(payload: Path, folder: Path) -> None:
    """Submit, follow, fetch: all that needs a backend."""
    backend, key = "http://127.0.0.1:8000", "key"
    try:
        submission = sftc.submit(payload, backend=backend, key=key)
    except sftc.DatasetError as error:
        raise SystemExit("\n".join(shown(error.diagnostics))) from error
    except (sftc.PayloadError, sftc.RefusedError, sftc.BackendError, sftc.SubmitError):
        raise
    assert_type(submission, sftc.Submission)
    assert_type(sftc.jobs(status="running", backend=backend, key=key), list[sftc.Job])
    job = sftc.status(submission.job_id, backend=backend, key=key)
    assert_type(job, sftc.Job)
    assert_type(job.throughput, sftc.Throughput | None)
    assert_type(sftc.logs(job.job_id, backend=backend), list[sftc.Event])

    def on_update(update: sftc.Update) -> None:
        assert_type(update.points, tuple[sftc.Point, ...])
        assert_type(update.events, tuple[sftc.Event, ...])

    outcome = sftc.follow(job.job_id, on_update=on_update, pause=0.5, backend=backend)
    assert_type(outcome, sftc.Outcome)
    sftc.trainer_log(job.job_id, print, backend=backend)
    assert_type(sftc.follow_trainer_log(job.job_id, print, backend=backend), sftc.Outcome)
    try:
        fetched = sftc.fetch(job.job_id, folder, force=True, backend=backend)
    except sftc.FetchError as error:
        raise SystemExit("\n".join(shown(error.diagnostics))) from error
    assert_type(fetched, sftc.Fetched)
    for artifact in fetched.fetched:
        assert_type(artifact, sftc.Artifact)
    assert_type(sftc.cancel(job.job_id, backend=backend, key=key), sftc.Job)


def main(folder: Path) -> str:
    """Use all that needs no backend; return the version."""
    reviewing(compiling())
    measuring(folder)
    return sftc.__version__
