"""Authentication: the bearer key of a request, looked up among the server's keys."""

import asyncio
from collections.abc import Callable, Sequence

from starlette.requests import Request

from . import keys
from .errors import refuse


class Auth:
    """The keys that a server accepts.

    Keys are added while the server runs, by another process, and never removed; so the state is
    read only for a key that is not known yet.
    """

    def __init__(self, own: Sequence[str], stored: Callable[[], Sequence[str]]) -> None:
        """Accept keys.

        Args:
            own: the digests of keys that are not in the state.
            stored: returns the digests of those in the state.

        """
        self._own = tuple(own)
        self._stored = stored
        self._known = self._own

    async def owner(self, request: Request) -> str:
        """Return the owner whose key a request carries.

        Raises:
            Refused: the request has no key, or an unknown one.
            sqlite3.Error: the state cannot be read.

        """
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise refuse("missing_key", "the request has no `Authorization: Bearer KEY` header")
        found = keys.owner(key.strip(), self._known)
        if found is None:
            self._known = (*self._own, *await asyncio.to_thread(self._stored))
            found = keys.owner(key.strip(), self._known)
        if found is None:
            raise refuse("invalid_key", "this server does not recognise the key")
        return found
