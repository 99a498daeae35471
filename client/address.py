"""The backend's address and the key for it: where the key may go, and nowhere else."""

import os
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urljoin, urlsplit

from ..diagnostics import Finding, codes
from .errors import BackendError, UsageError, diagnosed

KEY: Final = "SYNTH_API_KEY"
"""The environment variable that holds the API key."""
BACKEND: Final = "BACKEND_BASE_URL"
"""The environment variable that holds the backend's address."""
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A backend's address.

    Attributes:
        shown: as messages name it, without a slash at its end.
        api: where the calls go, e.g. ``https://example.org/api``.
        loopback: whether it is this machine.

    """

    shown: str
    api: str
    loopback: bool

    def allows(self, target: str) -> bool:
        """Whether the key may go to a URL: scheme, host and port are those of the backend."""
        try:
            user = urlsplit(target).username
            same = _origin(target) == _origin(self.api)
        except ValueError:
            return False
        return same and user is None and "\\" not in target  # to a browser, that is a slash

    def page(self, path: str) -> str | None:
        """Return the address of a page that the backend names, if it is one of its own."""
        target = self.joined(path, f"{self.shown}/") if path and path.isprintable() else ""
        return target if target and " " not in target and self.allows(target) else None

    def joined(self, location: str, url: str) -> str:
        """Return where a ``Location`` header of an answer from a URL leads to."""
        try:
            return urljoin(url, location)
        except ValueError:  # it is no URL, and shown as it is
            return location


def address(backend: str | None, api: str) -> Address:
    """Return the address that a text means; the API's path at its end may be there or not.

    Args:
        backend: the text; None or empty: that of ``BACKEND_BASE_URL``.
        api: the path of the API.

    Raises:
        UsageError: it is no address of a backend; the message says why, and repeats nothing
            of it that could be a secret.
        BackendError: the key would leave this machine unencrypted.

    """
    backend = (backend or os.environ.get(BACKEND) or "").strip()
    if not backend:
        raise UsageError(f"no backend: set one with --backend URL or {BACKEND}")
    if not backend.isprintable() or " " in backend:  # urlsplit would take them out
        raise UsageError("the backend's URL is invalid")
    try:
        scheme, host, _ = _origin(backend)
        parts = urlsplit(backend)
    except ValueError:
        raise UsageError("the backend's URL is invalid") from None
    if scheme not in _PORTS or not host:
        raise UsageError("the backend's URL must begin with https:// or http:// and a host")
    if parts.username is not None or parts.password is not None:
        raise UsageError("the backend's URL must not contain a user name or password")
    if parts.query or parts.fragment:
        raise UsageError("the backend's URL must not contain `?` or `#`")
    base = f"{scheme}://{parts.netloc}{parts.path}".rstrip("/").removesuffix(api)
    loopback = _is_loopback(host)
    if scheme == "http" and not loopback:
        finding = Finding(codes.INSECURE_BACKEND, words={"host": host})
        raise BackendError([diagnosed(finding, base)])
    return Address(base, base + api, loopback)


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def secret(key: str | None) -> str:
    """Return the API key; None or empty: that of ``SYNTH_API_KEY``.

    Raises:
        UsageError: there is none, or it cannot be one.

    """
    chosen = (key or os.environ.get(KEY) or "").strip()
    if not chosen:
        raise UsageError(f"no API key: set {KEY}")
    if not (chosen.isascii() and chosen.isprintable()) or " " in chosen:
        raise UsageError(f"the API key in {KEY} has invalid characters")
    return chosen
