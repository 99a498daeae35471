"""Commands run in a terminal of 100 columns, and what it shows of them."""

import os
import pty
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from struct import pack
from typing import Final

from rich.ansi import AnsiDecoder
from rich.text import Text

COLUMNS: Final = 100
_ROWS: Final = 200
_SET_SIZE: Final = 0x5414
"""TIOCSWINSZ, as Linux has it."""


def ran(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> list[Text]:
    """Run a command in a terminal, and return the lines that it leaves there.

    Colours are the terminal's. What a line overwrites of itself, such as progress, is gone.
    """
    ours, its = pty.openpty()
    _resize(its)
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=its, stdout=its, stderr=its, close_fds=True
    )
    os.close(its)
    printed = bytearray()
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the terminal closes with its last program
            break
        if not piece:
            break
        printed += piece
    os.close(ours)
    if process.wait() not in (0, 1):
        raise RuntimeError(printed.decode())
    text = printed.decode().replace("\r\n", "\n").rstrip("\n")
    return list(AnsiDecoder().decode(text))


def _resize(descriptor: int) -> None:
    import fcntl  # of Unix alone

    fcntl.ioctl(descriptor, _SET_SIZE, pack("HHHH", _ROWS, COLUMNS, 0, 0))
