"""Commands that tests run, forked from the tests' own process, so that its mutated code runs."""

import fcntl
import gc
import json
import os
import select
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

_HIGH: Final = 100
"""A descriptor that a command does not close as it starts."""


def loaded() -> None:
    """Load what commands load, so that a fork need not."""
    server: Any = import_module("fork_server")
    server.load()
    gc.unfreeze()  # functions are looked for among what is collected


def commands_forked(first: Callable[[], None]) -> None:
    """Run commands in forks of this process, each of which does something first."""
    forked: Any = import_module("forked")
    server: Any = import_module("fork_server")

    def ask(message: bytes, streams: list[int], timeout: float) -> int:
        reading, writing = os.pipe()
        process = os.fork()
        if not process:
            try:
                fcntl.fcntl(writing, fcntl.F_DUPFD_CLOEXEC, _HIGH)
                given = [os.dup(stream) for stream in streams]
                _as_started(given)
                first()
                server._become(json.loads(message), given)  # noqa: SLF001 - the tests' own
            finally:
                os._exit(70)
        os.close(writing)
        done = select.select([reading], [], [], timeout)[0]  # it closes with the process
        os.close(reading)
        if not done:
            os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        if not done:
            raise subprocess.TimeoutExpired(message, timeout)
        return os.waitstatus_to_exitcode(status)

    forked._ask = ask  # noqa: SLF001 - as above


def _as_started(streams: list[int]) -> None:
    """Undo what pytest has done to the process."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, given in enumerate(streams):
        os.dup2(given, number)
    modes = {"stdin": "r", "stdout": "w", "stderr": "w"}
    for number, (name, mode) in enumerate(modes.items()):
        errors = "backslashreplace" if name == "stderr" else "strict"
        stream = open(number, mode, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
