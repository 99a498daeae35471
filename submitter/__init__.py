"""Submitting: a reviewed payload goes in, a running job comes out, exactly once.

It knows nothing of TOML. What needs the network is imported when something is submitted.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

from .. import job, payloads
from ..diagnostics import Diagnostic, Finding, KeyPath, Related, codes, dotted
from ..payloads import fields
from . import requests
from .address import Address, address
from .client import Client
from .data import Bar, sources
from .errors import (
    BackendError,
    DatasetError,
    PayloadError,
    RefusedError,
    StateError,
    SubmitError,
    told,
)
from .flow import Flow, Note, Submission, idempotency_key
from .following import Event, Following, Outcome, Update
from .patience import Patience
from .requests import Source, identity
from .script import script
from .state import recorded

KEY: Final = "SYNTH_API_KEY"
"""The environment variable that holds the API key."""
BACKEND: Final = "BACKEND_BASE_URL"
"""The environment variable that holds the backend's address."""
_FOLLOWING_ATTEMPTS: Final = 500
"""Following a job goes on through hours without a connection."""

T = TypeVar("T")
Artifact = Path | bytes | str | Mapping[str, Any]


@contextmanager
def _no_bar(_title: str, _total: int | None) -> Iterator[None]:
    yield None


def _silent(_text: str) -> None:
    pass


def submit(
    artifact: Artifact,
    *,
    backend: str | None = None,
    key: str | None = None,
    name: str = "job.json",
    dataset: str | None = None,
    validation: str | None = None,
    data_root: str | Path | None = None,
    resubmit: bool = False,
    patience: Patience | None = None,
    note: Note = _silent,
    warn: Callable[[Sequence[Diagnostic]], None] = lambda _: None,
    bar: Bar = _no_bar,
) -> Submission:
    """Upload the datasets of a payload, create its job and start it, exactly once.

    A call that was cut short is taken up where it stopped by the next one with the same
    payload, data and backend; a job that was started is returned again.

    Args:
        artifact: the payload: its file, its JSON as bytes or text, or plain values.
        backend: the backend's address; None: the environment's ``BACKEND_BASE_URL``.
        key: the API key; None: the environment's ``SYNTH_API_KEY``.
        name: the payload's name in diagnostics, unless it is a file.
        dataset: the training dataset, in place of the payload's.
        validation: the validation dataset, in place of the payload's.
        data_root: the folder that datasets named by the payload must be in; None: the
            current directory.
        resubmit: make another job if this one was started before.
        patience: how often and how long to try.
        note: is told in a sentence what happens.
        warn: is given the warnings about the datasets, if there are any, before anything is sent.
        bar: shows how far the reading or sending of a dataset is.

    Raises:
        ValueError: there is no backend or no key, or the address is none.
        SubmitError: it was not submitted, or not to the end; the class and the diagnostics
            say why.

    """
    where, secret = _address(backend), _key(key)
    payload, found = _prepared(artifact, name, dataset, validation, data_root, bar, warn)
    asked = identity(payload.value, found)
    for source in found.values():
        if not source.pinned:
            note(f"{source.shown} is not pinned; what is there now has sha256 {source.sha256}")

    def waiting() -> None:
        note("another sftc is submitting this payload; waiting for it to end")

    async def run() -> Submission:
        async with Client(where, secret, patience or Patience(), note) as client:
            flow = Flow(client, payload, found, record, note, bar)
            return await flow.run(asked, again=resubmit)

    with recorded(asked, where.api, waiting) as record:
        return _run(run())


def dry_run(
    artifact: Artifact,
    *,
    backend: str | None = None,
    name: str = "job.json",
    dataset: str | None = None,
    validation: str | None = None,
    data_root: str | Path | None = None,
    warn: Callable[[Sequence[Diagnostic]], None] = lambda _: None,
    bar: Bar = _no_bar,
) -> str:
    """Return the requests that ``submit`` would send, as a script for curl; send nothing.

    The arguments and errors are those of ``submit``.
    """
    where = _address(backend)
    payload, found = _prepared(artifact, name, dataset, validation, data_root, bar, warn)
    key = idempotency_key(identity(payload.value, found), "")
    return script(payload.value, found, where, key)


def follow(
    job_id: str,
    *,
    backend: str | None = None,
    key: str | None = None,
    on_update: Callable[[Update], None] = lambda _: None,
    pause: float = 1.0,
    patience: Patience | None = None,
    note: Note = _silent,
) -> Outcome:
    """Follow a job until it ends, through lost connections, and return how it ended.

    Args:
        job_id: the job.
        backend: the backend's address; None: the environment's ``BACKEND_BASE_URL``.
        key: the API key; None: the environment's ``SYNTH_API_KEY``.
        on_update: is given what is new, again and again.
        pause: seconds between two looks at the job.
        patience: how often and how long to try for the first answer; after that, for hours.
        note: is told when the connection is lost.

    Raises:
        ValueError: there is no backend or no key, or the address is none.
        BackendError: there is no such job, or the backend is out of reach for good.

    """
    where, secret = _address(backend), _key(key)
    first = patience or Patience()

    async def run() -> Outcome:
        async with Client(where, secret, first, note) as client:
            await client.call(requests.job(job_id))  # a wrong address is told in seconds
            client.patience = replace(first, attempts=max(first.attempts, _FOLLOWING_ATTEMPTS))
            return await Following(client, job_id, pause).run(on_update)

    return _run(run())


def _prepared(
    artifact: Artifact,
    name: str,
    dataset: str | None,
    validation: str | None,
    data_root: str | Path | None,
    bar: Bar,
    warn: Callable[[Sequence[Diagnostic]], None],
) -> tuple[payloads.Payload, dict[str, Source]]:
    """Return the payload and its datasets, all of them checked."""
    if isinstance(artifact, Path):
        name = str(artifact)
        try:
            with artifact.open("rb") as file:
                artifact = file.read(payloads.LARGEST + 1)  # one more: too large, and refused
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            reason = getattr(error, "strerror", None) or str(error)
            finding = Finding(
                codes.UNREADABLE_PAYLOAD, words={"reason": reason[0].lower() + reason[1:]}
            )
            raise PayloadError([told(finding, name)]) from None
    payload = payloads.read(artifact, name=name)
    if not isinstance(payload, payloads.Payload):
        raise PayloadError(payload)
    _refuse_contradictions(payload)
    chosen = {"training": dataset, "validation": validation}
    given = {use: path for use, path in chosen.items() if path is not None}
    found, warnings = sources(payload, given, Path(data_root or Path.cwd()), bar)
    if warnings:
        warn(warnings)
    return payload, found


def _refuse_contradictions(payload: payloads.Payload) -> None:
    """Refuse what every trainer would, before a byte of data is read: anyone may have edited it."""
    found = job.errors(job.Job(payload.value))
    if not found:
        return
    from ..diagnostics.json_places import json_spans  # only a contradiction has to be located

    spans = json_spans(payload.text, payload.name, [finding.path for finding in found])
    raise PayloadError(
        told(replace(finding, related=_set_here(finding.covers, payload)), span)
        for finding, span in zip(found, spans, strict=True)
    )


def _set_here(paths: Iterable[KeyPath], payload: payloads.Payload) -> tuple[Related, ...]:
    """Return where the payload sets those of the fields that it has."""
    from ..diagnostics.json_places import json_spans  # as above

    there = [path for path in paths if fields.value_at(payload.value, path) is not None]
    spans = json_spans(payload.text, payload.name, there)
    return tuple(
        Related(span, f"`{dotted(path)}` is set here")
        for path, span in zip(there, spans, strict=True)
    )


def _address(backend: str | None) -> Address:
    chosen = backend or os.environ.get(BACKEND)
    if not chosen:
        raise ValueError(f"no backend: name one with --backend URL or {BACKEND}")
    return address(chosen)


def _key(key: str | None) -> str:
    chosen = (key or os.environ.get(KEY) or "").strip()
    if not chosen:
        raise ValueError(f"no API key: set {KEY}")
    if not (chosen.isascii() and chosen.isprintable()) or " " in chosen:
        raise ValueError(f"the API key in {KEY} has characters that no key has")
    return chosen


def _run(steps: Coroutine[Any, Any, T]) -> T:
    """Run steps to their end, also where an event loop is running, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(steps)
    from concurrent.futures import ThreadPoolExecutor  # only notebooks need it

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, steps).result()


__all__ = [
    "BACKEND",
    "KEY",
    "BackendError",
    "DatasetError",
    "Event",
    "Outcome",
    "Patience",
    "PayloadError",
    "RefusedError",
    "StateError",
    "Submission",
    "SubmitError",
    "Update",
    "dry_run",
    "follow",
    "submit",
]
