"""A request as a plain value."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .dialect import Route


class Form(Protocol):
    """A body that is sent piece by piece."""

    headers: Mapping[str, str]

    def pieces(
        self, progress: Callable[[int], None] | None, sent: asyncio.Event
    ) -> AsyncIterator[bytes]:
        """Yield the body; tell how many bytes of its content are done, and set ``sent`` last."""


class Sink(Protocol):
    """Takes the body of a success piece by piece, whatever its size."""

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Look at a success before its body comes; raise ``Lost`` if it is of no use."""

    def take(self, piece: bytes) -> None:
        """Take the next piece; raise ``Lost`` if there should be none."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; the API key is no part of it."""

    route: Route
    body: Mapping[str, Any] | None = None
    form: Form | None = None  # instead of a body
    sink: Sink | None = None  # takes the answer, which otherwise is a JSON object
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """The headers, but for those of a form."""
        kind = {} if self.body is None else {"Content-Type": "application/json"}
        return {"Accept": "application/json", "Accept-Encoding": "identity", **kind, **self.more}
