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


@dataclass(frozen=True, slots=True)
class Request:
    """One request; the API key is no part of it."""

    route: Route
    body: Mapping[str, Any] | None = None
    form: Form | None = None  # instead of a body
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """The headers, but for those of a form."""
        kind = {} if self.body is None else {"Content-Type": "application/json"}
        return {"Accept": "application/json", "Accept-Encoding": "identity", **kind, **self.more}
