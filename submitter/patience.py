"""How long to try: the one place that says it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try.

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
