"""Which host a request names, and whether a server on this machine answers to that name.

A page of another site can make a browser send requests to 127.0.0.1 under the site's own name
(DNS rebinding). A server on a loopback address therefore answers to loopback names only.
"""

import ipaddress
import re
from collections.abc import Sequence
from typing import Final

from .errors import Refused, refuse

_HOST: Final = re.compile(
    r"(?: \[ ([0-9A-Fa-f:.]{2,45}) ] | ([A-Za-z0-9._-]{1,253}) ) (?: : [0-9]{0,5} )?",
    re.VERBOSE,
)
_SHOWN: Final = 100


class Hosts:
    """The host names that a server answers to."""

    def __init__(self, host: str, address: str) -> None:
        """Answer on an address.

        Args:
            host: the name or address that the server was told to listen on.
            address: the IP address that it listens on.

        """
        self._loopback = is_loopback(address)
        self._host = host.lower()

    def check(self, headers: Sequence[str]) -> None:
        """Check the ``Host`` headers of a request.

        Raises:
            Refused: there is not exactly one, it is malformed, or it names another host.

        """
        if len(headers) > 1:
            raise _refused("the request has more than one `Host` header")
        given = headers[0] if headers else ""
        if not given and not self._loopback:
            return  # HTTP/1.0 needs none
        match = _HOST.fullmatch(given)
        if match is None:
            raise _refused(f"the request's `Host` header is not a host name: {_shown(given)}")
        name = (match[1] or match[2]).lower().removesuffix(".")
        if self._loopback and not self._is_ours(name):
            raise _refused(f"this server is not {_shown(name)}; use the address that it printed")

    def _is_ours(self, name: str) -> bool:
        return name in {"localhost", self._host} or name.endswith(".localhost") or is_loopback(name)


def is_loopback(name: str) -> bool:
    """Whether a text is an IP address that leads back to its own machine."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)  # is_loopback ignores it before Python 3.13
    return bool((mapped or address).is_loopback)


def _shown(name: str) -> str:
    return repr(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…")


def _refused(message: str) -> Refused:
    return refuse("invalid_host", message)
