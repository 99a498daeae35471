"""Configs and artifacts read: through the gate what was found, as it is what the user named.

Line ends are not content: a checkout may have turned those of an artifact into CRLF.
"""

from ..diagnostics import Diagnostic
from ..disk import files
from ..disk.gate import Gate, RefusedError
from ..payloads.reading import LARGEST
from .artifacts import CONFIG, ending


def read_config(name: str, gate: Gate | None) -> bytes | Diagnostic:
    """Return the bytes of a config, or the finding that says why there are none."""
    if gate is None:
        return files.read_config(name)
    try:
        return gate.read(name, files.MOST, CONFIG)
    except (RefusedError, OSError) as error:
        return _unreadable(name, error)


def read_artifact(name: str, gate: Gate) -> bytes | Diagnostic | None:
    r"""Return what an artifact holds, with ``\n`` for each line end; None if it is not there."""
    try:
        return unix(gate.read(name, LARGEST + 1, ending(name)))
    except FileNotFoundError:
        return None
    except (RefusedError, OSError) as error:
        return _unreadable(name, error)


def unix(data: bytes) -> bytes:
    r"""Return a text with ``\n`` for each line end."""
    return data.replace(b"\r\n", b"\n") if b"\r" in data else data


def _unreadable(name: str, error: RefusedError | OSError) -> Diagnostic:
    from .problems import unreadable  # few files cannot be read

    return unreadable(name, error)
