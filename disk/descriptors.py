"""Reading and writing open files that may be pipes, and the paths that name open files.

A pipe that somebody else made non-blocking is waited for: nothing is lost because its other
end is slow.
"""

import os
from typing import Final, Protocol

_FOLDERS: Final = ("/dev/fd", "/proc/self/fd")
_MOST_LINKS: Final = 40
"""Links that are followed from a path, as many as the kernel follows."""


class Readable(Protocol):
    """A binary file to read from."""

    def read(self, size: int, /) -> bytes | None:
        """Return at most ``size`` bytes: none at the end, None if there are none yet."""


class Writable(Protocol):
    """An unbuffered binary file to write to."""

    def fileno(self) -> int:
        """Return its descriptor."""

    def write(self, data: memoryview, /) -> int | None:
        """Return how many bytes were taken; None if there is no room for any yet."""


def write_all(file: Writable, data: bytes | memoryview) -> None:
    """Write all of the data to an unbuffered file, in as many pieces as it takes.

    Raises:
        OSError: it takes no more.

    """
    left = memoryview(data)
    while left:
        count = file.write(left)
        if count is None:
            _wait(file.fileno(), reading=False)
        else:
            left = left[count:]


def read_some(file: Readable, size: int) -> bytes:
    """Return at most ``size`` bytes; none only at the end.

    Raises:
        OSError: it cannot be read.

    """
    while (piece := file.read(size)) is None:
        _wait(file.fileno(), reading=True)  # type: ignore[attr-defined]  # only files say None
    return piece


def _wait(descriptor: int, *, reading: bool) -> None:
    import select  # few pipes make anybody wait

    poll = select.poll()
    poll.register(descriptor, select.POLLIN if reading else select.POLLOUT)
    poll.poll()


def named_by(path: str) -> int | None:
    """Return the descriptor that a path names, such as ``/dev/stdout``; None for other paths.

    Opened anew, the path would be another open file: a log that is appended to would be cut
    short, and a socket cannot be opened at all.
    """
    folders = {os.path.realpath(folder) for folder in _FOLDERS}
    for _ in range(_MOST_LINKS):
        folder, name = os.path.split(os.path.abspath(path))
        if name.isascii() and name.isdecimal() and os.path.realpath(folder) in folders:
            return int(name)
        try:
            path = os.path.join(folder, os.readlink(path))
        except (OSError, ValueError):  # no link
            return None
    return None
