"""Submit a reviewed payload and start its job, exactly once.

Independent of TOML. Network libraries are imported only when something is submitted.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from .. import job, payloads
from ..client import (
    BACKEND,
    LEARNING,
    Bar,
    Client,
    Dialect,
    Note,
    Patience,
    PayloadError,
    UsageError,
    address,
    diagnosed,
    no_bar,
    run,
    secret,
)
from ..diagnostics import Diagnostic, Finding, Related, codes, dotted, printable
from ..disk import files, writing
from ..payloads import fields
from .cache import Cache
from .data import pinned, sources
from .flow import Flow, Submission
from .requests import Prepared, preview

Artifact: TypeAlias = Path | bytes | str | Mapping[str, Any] | Prepared
Warn: TypeAlias = Callable[[Sequence[Diagnostic]], None]
LONGEST_NAME: Final = 200
_SUFFIXES: Final = (".job.json", ".json", ".toml")


def submit(
    artifact: Artifact,
    *,
    backend: str | None = None,
    key: str | None = None,
    filename: str = "job.json",
    name: str | None = None,
    dataset: str | None = None,
    validation: str | None = None,
    data_root: str | Path | None = None,
    resubmit: bool = False,
    patience: Patience | None = None,
    dialect: Dialect = LEARNING,
    note: Note = lambda _: None,
    warn: Warn = lambda _: None,
    bar: Bar = no_bar,
) -> Submission:
    """Upload the datasets of a payload, create its job and start it, exactly once.

    A call that was cut short is taken up where it stopped by the next one with the same
    payload, data and backend; a job that was started is returned again.

    Args:
        artifact: the payload: its file, its JSON as bytes or text, plain values, or what
            ``prepare`` has made of one.
        backend: the backend's address; None: the environment's ``BACKEND_BASE_URL``.
        key: the API key; None: the environment's ``SYNTH_API_KEY``.
        filename: the payload's name in diagnostics, unless it is a file.
        name: the job's name; None: that of the payload's file, if it is one.
        dataset: the training dataset, in place of the payload's.
        validation: the validation dataset, in place of the payload's.
        data_root: the folder that datasets named by the payload must be in; None: the
            current directory.
        resubmit: make another job if this one was started before.
        patience: how often and how long to try.
        dialect: how the backend is spoken to.
        note: is told in a sentence what happens.
        warn: is given the warnings about the datasets, if there are any, before anything is sent.
        bar: shows how far the reading or sending of a dataset is.

    Raises:
        UsageError: there is no backend or no key, or the address or the name is none.
        SubmitError: it was not submitted, or not to the end; the class and the diagnostics
            say why.

    """
    there, own_key = address(backend, dialect.api), secret(key)  # before a dataset is read
    if name is None and isinstance(artifact, Path):
        name = job_name(artifact)
    check_name(name)
    if not isinstance(artifact, Prepared):
        chosen = {"training": dataset, "validation": validation}
        artifact = prepare(artifact, filename, chosen, data_root, warn=warn, bar=bar)
    prepared = artifact
    for source in prepared.sources.values():
        if not source.pinned:
            note(f"{source.shown} is not pinned; its current sha256 is {source.pin.sha256}")
    cache = Cache(there.api, own_key, note)

    async def steps() -> Submission:
        async with Client(there, own_key, patience or Patience(), note, dialect) as client:
            return await Flow(client, prepared, cache, name, bar).run(again=resubmit)

    with cache.turn(prepared.identity):
        return run(steps())


def dry_run(
    prepared: Prepared, name: str | None, backend: str | None, dialect: Dialect = LEARNING
) -> dict[str, Any]:
    """Return the requests that ``submit`` would send, as plain values; send nothing.

    Without a backend, the URLs are relative to its address.
    """
    check_name(name)
    known = backend or os.environ.get(BACKEND)
    api = address(known, dialect.api).api if known else dialect.api
    return preview(dialect, api, prepared, name)


def prepare(
    artifact: Path | bytes | str | Mapping[str, Any],
    filename: str,
    chosen: Mapping[str, str | None],
    data_root: str | Path | None,
    *,
    warn: Warn = lambda _: None,
    bar: Bar = no_bar,
) -> Prepared:
    """Return a payload and its datasets, all of them checked; arguments are those of ``submit``.

    Raises:
        SubmitError: it is no payload, contradicts itself, or a dataset is not as reviewed.

    """
    if isinstance(artifact, Path):
        filename, artifact = files.shown_name(str(artifact)), read(str(artifact))
    payload = payloads.read(artifact, name=filename)
    if not isinstance(payload, payloads.Payload):
        raise PayloadError(payload)
    _refuse_contradictions(payload)
    found, warnings = sources(payload, chosen, Path(data_root or Path.cwd()), bar)
    if warnings:
        warn(warnings)
    return Prepared(payload.value, found, payload.span)


def check_name(name: str | None) -> None:
    """Raise UsageError if a job cannot have a name."""
    if name is not None and not (name.isprintable() and 0 < len(name.strip()) <= LONGEST_NAME):
        raise UsageError(f"a job name must have 1 to {LONGEST_NAME} printable characters")


def job_name(file: Path) -> str | None:
    """Return the name of a job, from that of its config or payload, if that leaves one."""
    stem = "" if writing.is_stream(file) else file.name  # a pipe has a number for a name
    for suffix in _SUFFIXES:
        stem = stem.removesuffix(suffix)
    return printable(stem)[:LONGEST_NAME].strip() or None


def read(name: str) -> bytes:
    """Return the bytes of a payload's file, or raise PayloadError; `-` is standard input."""
    try:
        return files.read_bytes(name, payloads.LARGEST + 1)  # one more: too large, and refused
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        finding = Finding(codes.UNREADABLE_PAYLOAD, words={"reason": files.reason(error)})
        raise PayloadError([diagnosed(finding, files.shown_name(name))]) from None


def _refuse_contradictions(payload: payloads.Payload) -> None:
    """Refuse what every trainer would, before a byte of data is read: anyone may have edited it."""
    found = job.errors(job.Job(payload.value))
    if found:
        raise PayloadError(_at_its_fields(finding, payload) for finding in found)


def _at_its_fields(finding: Finding, payload: payloads.Payload) -> Diagnostic:
    there = [path for path in finding.covers if fields.value_at(payload.value, path) is not None]
    related = tuple(Related(payload.span(path), f"`{dotted(path)}` is set here") for path in there)
    return diagnosed(replace(finding, related=related), payload.span(finding.path))


__all__ = [
    "LONGEST_NAME",
    "Prepared",
    "Submission",
    "check_name",
    "dry_run",
    "job_name",
    "pinned",
    "prepare",
    "read",
    "submit",
]
