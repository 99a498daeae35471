"""What can go wrong with a submission: exceptions that carry diagnostics.

Their text is made of the diagnostics alone, so that nothing else, such as the key, gets into it.
"""

from collections.abc import Iterable

from ..diagnostics import Diagnostic, Finding, Span


class SubmitError(Exception):
    """A submission, or the following of a job, ended without what it was for.

    Attributes:
        diagnostics: why, at least one.

    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Keep the diagnostics; the first ones make the text."""
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(f"{each.code}: {each.message}" for each in self.diagnostics))


class PayloadError(SubmitError):
    """The payload cannot be read, is none, or contradicts itself."""


class DatasetError(SubmitError):
    """A dataset is missing, bad, out of bounds, or not what the payload pins."""


class StateError(SubmitError):
    """What was submitted cannot be remembered on this machine, so nothing was."""


class BackendError(SubmitError):
    """The backend, or the way to it, failed."""


class RefusedError(BackendError):
    """The backend understood a request and does not take it; the same again will not help.

    Attributes:
        status: the HTTP status, 400 to 499.
        code: the backend's own code, such as ``missing_gpu_type``, or None.

    """

    def __init__(self, diagnostics: Iterable[Diagnostic], *, status: int, code: str | None) -> None:
        """Keep what the backend answered."""
        super().__init__(diagnostics)
        self.status = status
        self.code = code


def told(finding: Finding, place: Span | str) -> Diagnostic:
    """Return a finding as a diagnostic at a place, or about a file or a backend's address."""
    from ..diagnostics.catalogue import diagnose  # a submission that goes well needs none

    return diagnose(finding, place)
