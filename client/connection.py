"""One backend and one key: requests that are sent again where that helps, and errors in words.

The key goes to this backend only, and into nothing that comes back from here.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias, TypeVar

from .._version import __version__
from ..diagnostics import Finding, codes
from ..payloads import canonical
from .address import Address
from .answers import Answer, problems, without
from .deadline import deadline
from .dialect import Dialect
from .errors import BackendError, Patience, diagnosed
from .key_pattern import pattern_of
from .lost import Lost, given_up, reason, seconds
from .request import Request, Sink

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")
Note: TypeAlias = Callable[[str], None]
"""Is told in a sentence what happens."""

_KEEPS_METHOD: Final = frozenset({307, 308})
_REDIRECTS: Final = frozenset({301, 302, 303}) | _KEEPS_METHOD
_MOST_REDIRECTS: Final = 3
_TRANSIENT: Final = frozenset({408, 425, 429})
_LASTING: Final = frozenset({501, 505, 507})
"""Failures of a backend that do not pass in seconds, such as a full disk."""
_REFUSED: Final = 400
_SERVER_ERROR: Final = 500
_SUCCESS: Final = range(200, 300)
_LARGEST_ANSWER: Final = 32 * 1024 * 1024
_GOOD_PART: Final = 64 * 1024
"""Bytes of a body for a sink that renew the deadline of its answer: about 1 KB/s is enough."""
_MOST_DOUBLINGS: Final = 30


class Client:
    """Sends requests to one backend; use it as an asynchronous context manager."""

    def __init__(
        self,
        address: Address,
        key: str,
        patience: Patience,
        note: Note,
        dialect: Dialect,
    ) -> None:
        self.address = address
        self.patience = patience
        self.dialect = dialect
        self.note = note
        self._secret = key
        self._secrets = pattern_of(key)
        self._http: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        """Open the pool of connections."""
        import httpx2  # a tenth of a second, which only this needs

        limit = self.patience.connect
        try:
            self._http = httpx2.AsyncClient(
                headers={"User-Agent": f"sftc/{__version__}"},
                timeout=httpx2.Timeout(limit, read=None),  # the answer has its own limit
                follow_redirects=False,
                # A proxy from the environment must not see what is for this machine alone.
                trust_env=not self.address.loopback,
            )
        except OSError as error:
            reason = f"the CA certificates set in the environment cannot be read: {error}"
            words = {"backend": self.address.shown, "reason": reason}
            place = self.address.shown
            raise BackendError(
                [diagnosed(Finding(codes.UNREACHABLE, words=words), place)]
            ) from None
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        if self._http:
            await self._http.aclose()

    async def call(self, request: Request) -> Answer:
        """Send a request until it is answered; any status below 500 is an answer.

        Raises:
            BackendError: no answer could be had.

        """
        return await self.retried(partial(self.once, request), request)

    async def retried(self, attempt: Callable[[], Awaitable[T]], request: Request) -> T:
        """Return what an attempt gives; it is made again while it is ``Lost`` for the moment.

        Args:
            attempt: sends the request.
            request: which one, for the message.

        Raises:
            BackendError: it was lost for good.

        """
        patience, tried = self.patience, 0
        while True:
            try:
                return await attempt()
            except Lost as lost:
                tried += 1
                if not lost.transient or tried >= patience.attempts:
                    raise given_up(lost, str(request.route), self.address.shown) from None
                growing = min(
                    patience.longest, patience.first * 2 ** min(tried - 1, _MOST_DOUBLINGS)
                )
                jitter = random.uniform(0, patience.first)  # noqa: S311 - parts those who wait
                pause = max(growing + jitter, lost.after or 0.0)
                count = f"{tried} of {patience.attempts - 1}"
                self.note(f"{lost}; retrying in {pause:.1f} s ({count})")
            await asyncio.sleep(pause)

    async def once(self, request: Request, progress: Callable[[int], None] | None = None) -> Answer:
        """Send a request once, following redirects that stay with the backend.

        Args:
            request: what to send.
            progress: is told how many bytes of a dataset were sent.

        Raises:
            Lost: there is no answer, or it is of no use.
            BackendError: the backend sends us somewhere else.
            DatasetError: the dataset to send is not the one that was measured.

        """
        url = self.address.api + request.route.path
        for _ in range(_MOST_REDIRECTS + 1):
            response, body = await self._exchange(request, url, progress)
            if response.status_code not in _REDIRECTS:
                return self._answer(request, response, body)
            target = self.address.joined(response.headers.get("Location", ""), url)
            keeps = request.route.method == "GET" or response.status_code in _KEEPS_METHOD
            if not (keeps and self.address.allows(target)):
                finding = Finding(codes.REDIRECTED, words={"target": self._redacted(target)})
                raise BackendError([diagnosed(finding, self.address.shown)])
            url = target
        raise Lost("the backend redirects endlessly", transient=False)

    async def _exchange(
        self, request: Request, url: str, progress: Callable[[int], None] | None
    ) -> tuple["httpx2.Response", bytes]:
        """Send a request, and return what comes back; none of it is judged yet."""
        import httpx2

        if self._http is None:
            raise RuntimeError("the client is not open")
        headers = {**request.headers, "Authorization": f"Bearer {self._secret}"}
        content: bytes | AsyncIterator[bytes] | None = None
        sent = asyncio.Event()
        if request.form:
            headers |= request.form.headers
            content = request.form.pieces(progress, sent)
        else:
            content = None if request.body is None else canonical.encode(request.body)
            sent.set()
        body = bytearray()
        try:
            async with (
                deadline(self.patience.answer, sent) as renew,
                self._http.stream(
                    request.route.method, url, headers=headers, content=content
                ) as response,
            ):
                if request.sink and response.status_code in _SUCCESS:
                    await _pour(response, request.sink, renew)
                    return response, b""
                async for piece in response.aiter_raw():
                    body += piece
                    if len(body) > _LARGEST_ANSWER:
                        raise Lost("the response is too large", transient=False)
        except TimeoutError:
            limit = self.patience.answer
            raise Lost(f"no complete response within {limit:g} s") from None
        except httpx2.HTTPError as error:
            raise Lost(self._redacted(reason(error))) from None
        except httpx2.InvalidURL:
            raise Lost("it is not a URL", transient=False) from None
        return response, bytes(body)

    def _answer(self, request: Request, response: "httpx2.Response", body: bytes) -> Answer:
        """Return an answer that is one, or raise what is to be tried again."""
        status, value = response.status_code, self._value(body)
        wrong = () if status < _REFUSED else problems(value, self.dialect)
        answer = Answer(status, value, str(request.route), wrong)
        if status in _TRANSIENT or status >= _SERVER_ERROR:
            after = seconds(response.headers.get("Retry-After"))
            patient = after is None or after <= self.patience.longest_asked
            raise Lost(
                f"the backend failed with HTTP {status}{answer.detail}",
                transient=status not in _LASTING and patient,
                after=after,
                answer=answer,
            )
        if answer.ok and not request.sink and not isinstance(value, dict):
            raise Lost("the response is not a JSON object", answer=answer)
        return answer

    def _value(self, body: bytes) -> Any:
        """Return the JSON of an answer without the key, or None if it is no JSON."""
        try:
            return without(json.loads(body), self._redacted)
        except (ValueError, RecursionError):
            return None

    def _redacted(self, text: str) -> str:
        """Return a text without the key; a short key is taken out where it is a whole word."""
        return self._secrets.sub("***", text)


async def _pour(response: "httpx2.Response", sink: Sink, renew: Callable[[], None]) -> None:
    """Give a sink the body of a success."""
    sink.begin(response.status_code, response.headers)
    good = 0
    async for piece in response.aiter_raw():
        sink.take(piece)
        good += len(piece)
        if good >= _GOOD_PART:
            good = 0
            renew()
