"""The backend's address: where the key may go."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urljoin, urlsplit

from ..diagnostics import Finding, codes
from .errors import BackendError, told

_PORTS: Final = {"http": 80, "https": 443}
_API: Final = "/api"


@dataclass(frozen=True, slots=True)
class Address:
    """A backend's address.

    Attributes:
        shown: as messages name it, without a slash at its end.
        api: where the calls go, e.g. ``https://example.org/api``.
        origin: scheme, host and port.
        loopback: whether it is this machine.

    """

    shown: str
    api: str
    origin: tuple[str, str, int]
    loopback: bool


def address(backend: str) -> Address:
    """Return the address that a text means; ``/api`` at its end may be there or not.

    Raises:
        ValueError: it is no address of a backend; the message says why, and repeats nothing
            of it that could be a secret.
        BackendError: the key would leave this machine unencrypted.

    """
    backend = backend.strip()
    if not backend.isprintable() or " " in backend:  # urlsplit would take them out
        raise ValueError("the backend's address is not a URL")
    try:
        parts = urlsplit(backend)
        port = parts.port
    except ValueError:
        raise ValueError("the backend's address is not a URL") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("the backend's address must begin with https:// or http:// and a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the backend's address must have no user name and no password in it")
    if parts.query or parts.fragment:
        raise ValueError("the backend's address must have no `?` and no `#` in it")
    origin = (parts.scheme, parts.hostname, port or _PORTS[parts.scheme])
    base = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/").removesuffix(_API)
    loopback = _is_loopback(parts.hostname)
    if parts.scheme == "http" and not loopback:
        finding = Finding(codes.INSECURE_BACKEND, words={"host": parts.hostname})
        raise BackendError([told(finding, base)])
    return Address(base, base + _API, origin, loopback)


def origin(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a URL; None if it is none of HTTP's."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]


def joined(url: str, location: str) -> str:
    """Return where a ``Location`` header of an answer from a URL leads to."""
    try:
        return urljoin(url, location)
    except ValueError:  # it is no URL, and shown as it is
        return location


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
