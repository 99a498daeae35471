"""A job's result, fetched into a folder: each file is whole and checked, or not there.

A download that was cut short, by the network or a kill, is gone on with.
"""

import shutil
from dataclasses import dataclass
from errno import ENOSPC
from functools import partial
from pathlib import Path
from typing import Final, Unpack

from ..client import (
    BackendError,
    Bar,
    Client,
    FetchError,
    Request,
    Route,
    diagnosed,
    no_bar,
    refusal,
)
from ..diagnostics import Diagnostic, Finding, codes
from ..disk.arriving import arriving, digest, place
from ..disk.gate import RefusedError
from .artifacts import Artifact, artifacts_of
from .downloading import Download, Told
from .reaching import Connection, asked, checked
from .values import Job
from .watching import Watch

_NOT_OFFERED: Final = frozenset({404, 405})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A result in a folder.

    Attributes:
        job_id: the job.
        folder: where its files are.
        fetched: the files that were downloaded.
        present: those that were there already.

    """

    job_id: str
    folder: str
    fetched: tuple[Artifact, ...]
    present: tuple[Artifact, ...]


def fetch(
    job_id: str,
    folder: str | Path,
    *,
    force: bool = False,
    bar: Bar = no_bar,
    **connection: Unpack[Connection],
) -> Fetched:
    """Fetch the result of a job: an adapter, or a model.

    A file gets its name only once it is complete and matches the digest listed by the backend.
    Calling ``fetch`` again resumes an interrupted download.

    Args:
        job_id: the job.
        folder: the folder to write to; created if it does not exist.
        force: overwrite files whose content differs.
        bar: displays progress.
        connection: how to reach the backend; see ``Connection``.

    Raises:
        UsageError: no backend or key is set, or the address or an id is malformed.
        BackendError: the job or its result does not exist, a file has an unsafe name or does not
            match its digest, or the backend is unreachable.
        FetchError: a file in the folder is in the way, for example one whose content differs.
        OSError: the folder is not writable, or the disk is full.

    """
    name = checked(job_id)
    return asked(lambda client: _Fetching(client, name, Path(folder), force, bar).run(), connection)


@dataclass(slots=True)
class _Fetching:
    """A result on its way into a folder."""

    client: Client
    job_id: str
    folder: Path
    force: bool
    bar: Bar

    async def run(self) -> Fetched:
        """Fetch what is not there yet.

        Raises:
            BackendError: there is no result, or it cannot be had.
            FetchError: something in the folder is in the way.
            OSError: the folder is not writable, or the disk is full.

        """
        route, artifacts = await self._listed()
        with self.bar("Fetching", sum(artifact.bytes for artifact in artifacts)) as told:
            tell: Told = told or (lambda _: None)
            present = self._looked_through(artifacts, tell)
            fetched = [artifact for artifact in artifacts if artifact not in present]
            self.folder.mkdir(parents=True, exist_ok=True)
            self._refuse_without_space(fetched)
            done = sum(artifact.bytes for artifact in present)
            for artifact in fetched:
                await self._fetch(artifact, route.below(artifact.path), partial(_add, tell, done))
                done += artifact.bytes
        return Fetched(self.job_id, str(self.folder), tuple(fetched), tuple(present))

    async def _listed(self) -> tuple[Route, list[Artifact]]:
        """Return the files of the result, and the route below which they are."""
        job = await Watch(self.client, self.job_id).job()
        if self.client.dialect.artifacts is None:
            raise self._no_result(job, offered=False)
        route = self.client.dialect.artifacts.to(job=self.job_id)
        answer = await self.client.call(Request(route))
        if not answer.ok and answer.status not in _NOT_OFFERED:
            raise refusal(answer, f"list of files of job {self.job_id}", self.client.address.shown)
        artifacts = artifacts_of(answer, self.client) if answer.ok else []
        if not artifacts:
            raise self._no_result(job, offered=answer.ok)
        return route, artifacts

    def _no_result(self, job: Job, *, offered: bool) -> BackendError:
        dialect, hint = self.client.dialect, None
        if job.mode == "rehearsal":
            reason = "it is a rehearsal, which trains nothing"
        elif job.status not in dialect.ended:
            reason = f"it is {job.status}"
            hint = f"run `sftc follow {self.job_id}` to wait for its end"
        elif job.status not in dialect.succeeded:
            reason = f"it ended as {job.status}" + (f": {job.error}" if job.error else "")
        else:
            reason = "the backend stores none" if offered else "the backend has no files for it"
        words = {"job": self.job_id, "reason": reason}
        finding = Finding(codes.NO_RESULT, words=words, hint=hint)
        return BackendError([diagnosed(finding, self.client.address.shown)])

    def _looked_through(self, artifacts: list[Artifact], tell: Told) -> list[Artifact]:
        """Return the files that are there already; refuse before the first byte is fetched."""
        present, refused, done = list[Artifact](), list[Diagnostic](), 0
        for artifact in artifacts:
            try:
                there = digest(place(self.folder, artifact.path.split("/")))
            except RefusedError as error:
                refused.append(self._in_the_way(artifact.path, str(error)))
                continue
            if there == (artifact.sha256, artifact.bytes):
                present.append(artifact)
                done += artifact.bytes
                tell(done)
            elif there and not self.force:
                refused.append(
                    self._in_the_way(
                        artifact.path, "its content differs", "pass --force to overwrite it"
                    )
                )
        if refused:
            raise FetchError(refused)
        return present

    def _in_the_way(self, path: str, reason: str, hint: str | None = None) -> Diagnostic:
        shown = str(self.folder / path)
        finding = Finding(codes.IN_THE_WAY, words={"path": shown, "reason": reason}, hint=hint)
        return diagnosed(finding, shown)

    def _refuse_without_space(self, artifacts: list[Artifact]) -> None:
        """Raise OSError if the disk cannot hold what is to come; what sizes say may be a lie."""
        needed = sum(artifact.bytes for artifact in artifacts)
        here = sum(
            file.stat().st_size for file in self.folder.glob(".sftc-*.part") if file.is_file()
        )
        free = shutil.disk_usage(self.folder).free
        if needed - here > free:
            raise OSError(
                ENOSPC,
                f"the result needs {needed:,} bytes of disk space, but only {free:,} are free",
                str(self.folder),
            )

    async def _fetch(self, artifact: Artifact, route: Route, tell: Told) -> None:
        """Download a file, and give it its name when its bytes are the right ones."""
        try:
            with arriving(self.folder, artifact.sha256) as file:
                await Download(self.client, artifact, route, file, tell).run()
                target = place(self.folder, artifact.path.split("/"))
                target.parent.mkdir(parents=True, exist_ok=True)
                file.finish(target)
        except RefusedError as error:
            raise FetchError([self._in_the_way(artifact.path, str(error))]) from None


def _add(tell: Told, before: int, done: int) -> None:
    tell(before + done)
