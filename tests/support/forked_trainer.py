"""A trainer forked from a process that has imported torch already, which takes ten seconds.

``python forked_trainer.py NAME FOLDER --models DIR`` stands for ``python -m sftc.training FOLDER
--models DIR``: it passes signals on, ends as the trainer does, and the trainer dies with it, as
abruptly. ``trainer_forks`` listens under the name.
"""

import json
import os
import select
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class Trainer:
    """A trainer, and how it ended."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        cwd: str,
        output: Sequence[int],
        patch: str = "",
    ) -> None:
        """Have a trainer forked.

        Args:
            name: of the abstract socket.
            arguments: a script, or nothing for ``sftc.training``, and its arguments.
            environment: all variables of the trainer.
            cwd: its working directory.
            output: its standard output and standard error.
            patch: a function of ``training_faults`` that is called before it trains.

        """
        self._lives, held = os.pipe()  # never closed but by our end
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(f"\0{name}")
        asked = {"arguments": [*arguments], "environment": dict(environment), "cwd": cwd}
        socket.send_fds(self._connection, [b"\n"], [*output, self._lives])
        self._connection.sendall(json.dumps({**asked, "patch": patch}).encode())
        self._connection.shutdown(socket.SHUT_WR)
        os.close(self._lives)
        self._held, self._said = held, b""
        self.pid = self._number(None) or 0
        self._code: int | None = None

    def end(self, timeout: float | None = None) -> int | None:
        """Wait for its end, and return its exit code; negative: killed by a signal."""
        if self._code is None:
            self._code = self._number(timeout)
            if self._code is not None:
                self._connection.close()
                os.close(self._held)
        return self._code

    def _number(self, timeout: float | None) -> int | None:
        while b"\n" not in self._said:
            if not select.select([self._connection], [], [], timeout)[0]:
                return None
            piece = self._connection.recv(99)
            if not piece:
                raise ConnectionError("nobody forks trainers any more")
            self._said += piece
        line, _, self._said = self._said.partition(b"\n")
        return int(line)


def main() -> Any:
    """Run a trainer to its end, and end alike."""
    heard: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda sent, _frame: heard.append(sent))
    trainer = Trainer(sys.argv[1], ["", *sys.argv[2:]], os.environ, str(Path.cwd()), (1, 2))

    def passed_on(number: int, _frame: object = None) -> None:
        os.kill(trainer.pid, number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, passed_on)
    for early in heard:
        passed_on(early)
    code = trainer.end()
    assert code is not None
    if code < 0:
        if code != -signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(main())
