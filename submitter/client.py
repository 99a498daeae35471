"""One backend and one key: requests that are sent again where that helps, and errors in words.

The key goes to this backend only, and into nothing that is shown.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Final, Self, TypeVar

from ..diagnostics import Finding, codes
from .address import Address, joined, origin
from .errors import BackendError, told
from .failures import Answer, Lost, problems, sorry
from .form import Form
from .patience import Patience
from .requests import Request

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD: Final = frozenset({307, 308})
_MOST_REDIRECTS: Final = 3
_TRANSIENT: Final = frozenset({408, 425, 429})
_LASTING: Final = frozenset({501, 505, 507})
"""Failures of a backend that do not pass in seconds, such as a full disk."""
_REFUSED: Final = 400
_SERVER_ERROR: Final = 500
_LARGEST_ANSWER: Final = 32 * 1024 * 1024


class Client:
    """Sends requests to one backend; use it as an asynchronous context manager."""

    def __init__(
        self, address: Address, key: str, patience: Patience, note: Callable[[str], None]
    ) -> None:
        """Keep where to send, what to show as a key, and whom to tell of pauses."""
        self.address = address
        self.patience = patience
        self._secret = key
        self._note = note
        self._http: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        """Open the connections' pool."""
        import httpx2  # a tenth of a second, which only this needs

        limit = self.patience.connect
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(limit, read=None),  # the answer has its own limit
            follow_redirects=False,
            # A proxy from the environment must not see what is for this machine alone.
            trust_env=not self.address.loopback,
        )
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
        # Imported here because only a submission needs it.
        from tenacity import (
            AsyncRetrying,
            RetryCallState,
            retry_if_exception,
            stop_after_attempt,
            wait_exponential_jitter,
        )

        patience = self.patience
        grows = wait_exponential_jitter(
            multiplier=patience.first, max=patience.longest, jitter=patience.first
        )

        def pause(state: RetryCallState) -> float:
            lost = state.outcome and state.outcome.exception()
            after = lost.after if isinstance(lost, Lost) else None
            return grows(state) if after is None else after

        def tell(state: RetryCallState) -> None:
            lost = state.outcome and state.outcome.exception()
            seconds = state.next_action.sleep if state.next_action else 0
            count = f"{state.attempt_number} of {patience.attempts - 1}"
            self._note(f"{lost}; trying again in {seconds:.1f} s ({count})")

        retrying = AsyncRetrying(
            retry=retry_if_exception(_passes),
            stop=stop_after_attempt(patience.attempts),
            wait=pause,
            before_sleep=tell,
            reraise=True,
        )
        try:
            return await retrying(attempt)
        except Lost as lost:
            raise sorry(lost, request, self.address) from None

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
        url = self.address.api + request.path
        for _ in range(_MOST_REDIRECTS + 1):
            response, body = await self._exchange(request, url, progress)
            if response.status_code not in _REDIRECTS:
                return self._answer(request, response, body)
            target = joined(url, response.headers.get("Location", ""))
            keeps = request.method == "GET" or response.status_code in _KEEPS_METHOD
            if origin(target) != self.address.origin or not keeps:
                finding = Finding(codes.REDIRECTED, words={"target": self.redacted(target)})
                raise BackendError([told(finding, self.address.shown)])
            url = target
        raise Lost("the backend redirects without end", transient=False)

    async def _exchange(
        self, request: Request, url: str, progress: Callable[[int], None] | None
    ) -> tuple["httpx2.Response", bytes]:
        """Send a request, and return what comes back; none of it is judged yet."""
        import httpx2

        if self._http is None:
            raise RuntimeError("the client is not open")
        headers = {**request.headers, "Authorization": f"Bearer {self._secret}"}
        content: bytes | AsyncIterator[bytes] | None = request.body
        sent = asyncio.Event()
        if request.source:
            form = Form(request.source)
            headers |= form.headers
            content = form.pieces(progress, sent)
        else:
            sent.set()
        try:
            async with _deadline(self.patience.answer, sent):
                built = self._http.build_request(
                    request.method, url, headers=headers, content=content
                )
                response = await self._http.send(built, stream=True)
                try:
                    body = b""
                    async for piece in response.aiter_bytes():
                        body += piece
                        if len(body) > _LARGEST_ANSWER:
                            raise Lost("the answer is too large", transient=False)
                finally:
                    await response.aclose()
        except TimeoutError:
            limit = self.patience.answer
            raise Lost(f"no whole answer within {limit:g} s") from None
        except httpx2.HTTPError as error:
            raise Lost(self.redacted(_reason(error))) from None
        except httpx2.InvalidURL:
            raise Lost("it is no address", transient=False) from None
        return response, body

    def _answer(self, request: Request, response: "httpx2.Response", body: bytes) -> Answer:
        """Return an answer that is one, or raise what is to be tried again."""
        status = response.status_code
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            value = None
        wrong = () if status < _REFUSED else problems(value, self.redacted)
        answer = Answer(status, value, str(request), wrong)
        if status in _TRANSIENT or status >= _SERVER_ERROR:
            after = _seconds(response.headers.get("Retry-After"))
            patient = after is None or after <= self.patience.longest_asked
            raise Lost(
                f"the backend answers HTTP {status}{answer.detail}",
                transient=status not in _LASTING and patient,
                after=after,
                answer=answer,
            )
        if answer.ok and not isinstance(value, dict):
            raise Lost("the answer is no JSON object", answer=answer)
        return answer

    def redacted(self, text: str) -> str:
        """Return a text without the key, whoever put it in."""
        return text.replace(self._secret, "***") if self._secret else text


@asynccontextmanager
async def _deadline(seconds: float, sent: asyncio.Event) -> AsyncIterator[None]:
    """Raise TimeoutError in the block that many seconds after all has been sent.

    It is a limit for the whole answer: one that trickles in byte by byte meets it, too.
    """
    async with asyncio.timeout(None) as limit:

        async def arm() -> None:
            await sent.wait()
            limit.reschedule(asyncio.get_running_loop().time() + seconds)

        arming = asyncio.ensure_future(arm())
        try:
            yield
        finally:
            arming.cancel()


def _passes(error: BaseException) -> bool:
    return isinstance(error, Lost) and error.transient


def _reason(error: Exception) -> str:
    """Return what an HTTP library's error is about, in a few words."""
    import httpx2

    match error:
        case httpx2.ConnectTimeout():
            return "no connection in time"
        case httpx2.TimeoutException():
            return "the connection stalled"
        case httpx2.ConnectError():
            return f"no connection ({str(error) or type(error).__name__})"
        case httpx2.NetworkError() | httpx2.RemoteProtocolError():
            return "the connection was lost"
        case _:
            return str(error) or type(error).__name__


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for: a number, or a date."""
    if retry_after is None:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    if when.tzinfo is None:  # RFC 9110 knows GMT alone
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
