"""The GPUs of this machine: a job has its own as long as its supervisor lives.

Each GPU is a file that its holder locks. The system lets go of a lock when the holder dies,
however it dies: so no GPU is allotted twice, or for ever, and a server that comes back has
nothing to find again.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from . import EngineError

VISIBLE: Final = "CUDA_VISIBLE_DEVICES"
"""The variable that says which GPUs a process sees, by their numbers or ids."""

AGAIN: Final = 2.0
"""Seconds until a job that waits for GPUs asks again."""

_ORDER: Final = "CUDA_DEVICE_ORDER"
_ASKED: Final = ("nvidia-smi", "--query-gpu=index,uuid,name", "--format=csv,noheader")
_PATIENCE: Final = 30.0
"""Seconds for the answer: a driver that nobody uses is loaded first."""

_GONE: Final = 30.0
"""Seconds without a question after which a job no longer waits."""


class FullError(Exception):
    """Fewer GPUs are free than a job asks for."""


def visible(environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the GPUs that an environment lets its processes see; None if it names none."""
    named = environment.get(VISIBLE)
    if named is None:
        return None
    devices: list[str] = []
    for each in named.split(","):
        device = each.strip()
        if device in {"", "-1"}:  # CUDA sees none from here on
            break
        devices.append(device)
    return tuple(dict.fromkeys(devices))


def allot(count: int, devices: Sequence[str]) -> tuple[str, ...]:
    """Return so many of the devices, which are this process's until it ends.

    Args:
        count: how many.
        devices: those that may be taken, by their names for ``CUDA_VISIBLE_DEVICES``; one that has
            several is taken once.

    Raises:
        FullError: too few are free.
        OSError: they cannot be locked.

    """
    folder = _folder()
    locks: dict[str, int] = {}
    same = identities(devices)
    with (folder / "all").open("ab") as everybody:
        fcntl.flock(everybody, fcntl.LOCK_EX)  # two that take one by one would both take too few
        for device in devices:
            if len(locks) < count and (
                lock := _locked(folder / f"gpu-{quote(same[device], safe='')}")
            ):
                locks[device] = lock
        if len(locks) < count:
            for lock in locks.values():
                os.close(lock)
            raise FullError
    return tuple(locks)  # the descriptors stay open, and no other program inherits them


def identities(devices: Sequence[str]) -> dict[str, str]:
    """Return the id of each device, which may have several names: its number, parts of its id.

    Where the driver does not tell, and where numbers are not in its order, a device is its name.
    """
    known = _by_driver()
    in_order = len({gpu.model for gpu in known}) <= 1 or os.environ.get(_ORDER) == "PCI_BUS_ID"
    found = {}
    for device in devices:
        meant = {
            gpu.id
            for gpu in known
            if (in_order and device == gpu.number)
            or (device.startswith("GPU-") and gpu.id.startswith(device))
        }
        found[device] = meant.pop() if len(meant) == 1 else device
    return found


class _Gpu(NamedTuple):
    number: str
    id: str
    model: str


def _by_driver() -> list[_Gpu]:
    program = shutil.which(_ASKED[0])
    if program is None:
        return []
    try:
        asked = subprocess.run(  # noqa: S603 - the driver's own program
            [program, *_ASKED[1:]], capture_output=True, text=True, timeout=_PATIENCE, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return []
    lines = [line.split(", ", 2) for line in asked.stdout.splitlines()]
    return [_Gpu(*map(str.strip, line)) for line in lines if len(line) == len(_Gpu._fields)]


def _locked(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _folder() -> Path:
    """Return the folder of the locks, which all servers of this user on this machine share.

    Raises:
        EngineError: somebody else has made it.

    """
    folder = Path(tempfile.gettempdir()) / f"sftc-gpus-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise EngineError(f"{folder} belongs to another user: GPUs cannot be allocated")
    return folder


class Line:
    """Who waits for GPUs, in the order of their coming: a large job is not passed for ever."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[str, float] = {}

    def before(self, name: str) -> int:
        """Return how many came before a job, which waits from now on."""
        now = time.monotonic()
        with self._lock:
            self._asked[name] = now
            self._asked = {each: at for each, at in self._asked.items() if now - at < _GONE}
            return [*self._asked].index(name)

    def leave(self, name: str) -> None:
        """Wait no longer."""
        with self._lock:
            self._asked.pop(name, None)
