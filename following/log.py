"""What the processes of a job's trainer printed, from its beginning, in pieces."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias, Unpack

from ..client import Answer, BackendError, Client, Request, diagnosed, number, refusal
from ..diagnostics import Finding, codes, encodable
from .reaching import Connection, asked, checked, patient
from .values import Outcome
from .watching import Watch

OnText: TypeAlias = Callable[[str], None]

_PIECE: Final = 1024 * 1024
"""Bytes that are asked for at once."""
_NOT_OFFERED: Final = frozenset({404, 405})


def trainer_log(job_id: str, on_text: OnText, **connection: Unpack[Connection]) -> None:
    """Give all that a job's trainer has printed so far.

    Args:
        job_id: the job.
        on_text: called with each chunk of the log; a chunk may end in the middle of a line.
        connection: how to reach the backend; see ``Connection``.

    Raises:
        UsageError: no backend or key is set, or the address or an id is malformed.
        BackendError: there is no such job, the backend keeps no log, or it is out of reach.

    """

    async def steps(client: Client) -> None:
        log = _Log(client, checked(job_id), on_text)
        await Watch(client, job_id).job()
        await log.give_until(await log.give())

    asked(steps, connection)


def follow_trainer_log(
    job_id: str, on_text: OnText, *, pause: float = 1.0, **connection: Unpack[Connection]
) -> Outcome:
    """Stream the log of a job's trainer until the job ends, and return how it ended.

    Args:
        job_id: the job.
        on_text: called with each chunk of the log; a chunk may end in the middle of a line.
        pause: seconds between polls.
        connection: how to reach the backend; see ``Connection``. Its ``patience`` covers the first
            answers only; after that, the log is followed even if the connection is lost for hours.

    Raises:
        UsageError: no backend or key is set, or the address or an id is malformed.
        BackendError: the job does not exist, the backend keeps no log, or it stays unreachable.

    """

    async def steps(client: Client) -> Outcome:
        watch, log = Watch(client, checked(job_id)), _Log(client, job_id, on_text)
        await watch.job()
        await log.give()
        patient(client)
        while True:
            job = await watch.job()  # first, so that nothing printed before its end is missed
            await log.give_until(await log.give())
            if job.status in client.dialect.ended:
                return Outcome(job_id, job.status, job.status in client.dialect.succeeded, ())
            await asyncio.sleep(pause)

    return asked(steps, connection)


@dataclass(slots=True)
class _Log:
    """A log, and how far it has been given."""

    client: Client
    job_id: str
    on_text: OnText
    end: int = 0  # the byte behind what has been given

    async def give(self) -> int:
        """Give the next piece, and return how many bytes there are.

        Raises:
            BackendError: there is no log, or the answer is none.

        """
        answer = await self._asked()
        piece, begin = answer.object.get("text"), number(answer.object.get("start"))
        end, size = (number(answer.object.get(name)) for name in ("end", "size"))
        if not isinstance(piece, str) or end is None or size is None:
            words = {"request": answer.request, "reason": "it is not a piece of a log"}
            raise self._error(Finding(codes.ODD_ANSWER, words=words))
        if end > self.end:
            if begin is not None and begin > self.end:
                self.client.note(f"{begin - self.end:,} bytes of the log are no longer available")
            self.on_text(encodable(piece))
            self.end = end
        return size

    async def give_until(self, size: int) -> None:
        """Give all pieces before a byte; a character that is not written to its end waits."""
        before = -1
        while before < self.end < size:
            before = self.end
            await self.give()

    async def _asked(self) -> Answer:
        route = self.client.dialect.log
        if route is not None:
            at = route.to(job=self.job_id, after=self.end, limit=_PIECE)
            answer = await self.client.call(Request(at))
            if answer.ok:
                return answer
            if answer.status not in _NOT_OFFERED:
                what = f"log of job {self.job_id}"
                raise refusal(answer, what, self.client.address.shown)
        raise self._error(Finding(codes.NO_TRAINER_LOG, words={"job": self.job_id}))

    def _error(self, finding: Finding) -> BackendError:
        return BackendError([diagnosed(finding, self.client.address.shown)])
