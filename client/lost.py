"""A request that got no usable response: why, and when to retry."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Final

from ..diagnostics import Finding, codes
from .answers import Answer
from .errors import BackendError, diagnosed

_YEAR: Final = 365 * 24 * 3600.0
"""Seconds; whoever asks for more means never."""


class Lost(Exception):  # noqa: N818 - it may be found again
    """A request without an answer that can be used.

    Attributes:
        transient: whether the same request may well be answered in a moment.
        after: seconds that the backend asks to wait, or None.
        answer: what was answered, or None if nothing whole was.

    """

    def __init__(
        self,
        reason: str,
        *,
        transient: bool = True,
        after: float | None = None,
        answer: Answer | None = None,
    ) -> None:
        super().__init__(reason)
        self.transient = transient
        self.after = after
        self.answer = answer


def reason(error: Exception) -> str:
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


def seconds(retry_after: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for: a number, or a date."""
    if retry_after is None:
        return None
    try:
        return min(max(0.0, float(retry_after)), _YEAR) if isfinite(float(retry_after)) else None
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):
        return None
    if when.tzinfo is None:  # RFC 9110 knows GMT alone
        when = when.replace(tzinfo=UTC)
    return min(max(0.0, (when - datetime.now(UTC)).total_seconds()), _YEAR)


def given_up(lost: Lost, asked: str, backend: str) -> BackendError:
    """Return the error of a request that was lost for good.

    Args:
        lost: how the last attempt was lost.
        asked: the route of the request.
        backend: the address that messages name.

    """
    answer = lost.answer
    if answer is None:
        finding = Finding(codes.UNREACHABLE, words={"backend": backend, "reason": str(lost)})
    elif answer.ok:
        words = {"request": asked, "reason": str(lost)}
        finding = Finding(codes.ODD_ANSWER, words=words)
    else:
        hint = None
        if lost.after is not None:
            hint = (
                f"the backend asks to wait for {lost.after:,.0f} s; run the same command "
                "again after that"
            )
        words = {"status": str(answer.status), "detail": answer.detail}
        finding = Finding(codes.BACKEND_FAILED, words=words, hint=hint)
    return BackendError([diagnosed(finding, backend)])
