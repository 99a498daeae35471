"""Bearer keys, which identify the caller. Only the digest of a key is stored."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable


def generated() -> str:
    """Return a new key, of 256 random bits."""
    return f"sk-sftc-{secrets.token_urlsafe(32)}"


def digest(key: str) -> str:
    """Return what is kept of a key; it also names the owner of files and jobs."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def owner(presented: str, known: Iterable[str]) -> str | None:
    """Return the owner that a presented key stands for, or None for a wrong one.

    How long it takes tells nothing of the keys: each is compared, to its end.
    """
    mine = digest(presented)
    matches = [hmac.compare_digest(mine, other) for other in known]
    return mine if any(matches) else None
