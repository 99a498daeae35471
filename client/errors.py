"""What can go wrong with a submission: exceptions that carry diagnostics.

Their text is made of the diagnostics alone, so that nothing else, such as the key, gets into it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..diagnostics import Diagnostic, Finding, Span


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try: the one place that says it.

    Attributes:
        attempts: how often a request is sent, at most.
        first: seconds of the first pause; each one after it is twice as long.
        longest: seconds of the longest pause.
        longest_asked: seconds that a backend may ask for by ``Retry-After``.
        connect: seconds to wait for a connection, and for each piece to be taken.
        answer: seconds from the end of a request to the end of its answer.
        ready: seconds for a file to become ready.

    """

    attempts: int = 6
    first: float = 0.5
    longest: float = 30.0
    longest_asked: float = 300.0
    connect: float = 30.0
    answer: float = 60.0
    ready: float = 3600.0


class UsageError(ValueError):
    """An argument, or a variable of the environment, cannot be what it is given as."""


class SubmitError(Exception):
    """A submission, or a question about a job, ended without what it was for.

    Attributes:
        diagnostics: why, at least one.

    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__("; ".join(f"{each.code}: {each.message}" for each in self.diagnostics))


class PayloadError(SubmitError):
    """The payload cannot be read, is none, or contradicts itself."""


class DatasetError(SubmitError):
    """A dataset is missing, bad, out of bounds, or not what the payload pins."""


class FetchError(SubmitError):
    """A result cannot be put into its folder: what is there is in the way."""


class BackendError(SubmitError):
    """The backend, or the way to it, failed; or the job there is over."""


class RefusedError(BackendError):
    """The backend understood a request and does not take it; the same again will not help.

    Attributes:
        status: the HTTP status, 400 to 499.
        code: the backend's own code, such as ``missing_gpu_type``, or None.

    """

    def __init__(self, diagnostics: Iterable[Diagnostic], *, status: int, code: str | None) -> None:
        super().__init__(diagnostics)
        self.status = status
        self.code = code


def diagnosed(finding: Finding, place: Span | str) -> Diagnostic:
    """Return a finding as a diagnostic at a place, or about a file or a backend's address."""
    from ..diagnostics.catalogue import diagnose  # a submission that goes well needs none

    return diagnose(finding, place)
