"""Whose request it is: the bearer key of a request, looked up among the keys of the server."""

from collections.abc import Callable, Sequence

from starlette.requests import Request

from . import keys
from .errors import refuse


def owner(request: Request, known: Callable[[], Sequence[str]]) -> str:
    """Return the owner whose key a request carries.

    Args:
        request: the request.
        known: returns the digests of all keys that are accepted.

    Raises:
        Refused: the request has no key, or an unknown one.

    """
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise refuse("missing_key", "the request has no `Authorization: Bearer KEY` header")
    found = keys.owner(key.strip(), known())
    if found is None:
        raise refuse("invalid_key", "this server does not recognise the key")
    return found
