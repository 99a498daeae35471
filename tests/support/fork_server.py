"""Runs commands as ``sftc`` would, each in a fork of one interpreter that has loaded it.

Starting costs a command most of its time. ``forked`` asks for one run after the other, over the
socket with the number that this script is given; it ends when the socket is closed.
"""

import gc
import json
import os
import pkgutil
import select
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any, Final, NoReturn

import sftc
from sftc import cli

STREAMS: Final = 3
_LONGEST: Final = 128 * 1024
"""Bytes of the longest message."""
_DESCRIPTORS: Final = 64
"""More than this process has open."""
_NOT_LOADED: Final = (
    "sftc.training.program",  # which loads torch
    "sftc.__main__",
    "sftc.benchmarks",
    "sftc.setup",
    "sftc.tests",
    "sftc.tools",
)


def load() -> None:
    """Load what commands load, and what they keep."""
    packages: list[tuple[str, Any]] = [("sftc.", sftc.__path__)]
    for prefix, path in packages:  # it grows: not pkgutil.walk_packages, which loads all of them
        for module in pkgutil.iter_modules(path, prefix):
            if module.name not in _NOT_LOADED:
                loaded = import_module(module.name)
                if module.ispkg:
                    packages.append((f"{module.name}.", loaded.__path__))
    sftc.lint_config("[compute]\ngpu_count = 'x'\n[lora]\nr = 2020-01-01\n")
    gc.freeze()


def run(words: list[str]) -> NoReturn:
    """Run a command in this process, and exit as the interpreter does, but at once."""
    sys.argv[:] = [
        "sftc",
        *(os.fsdecode(word.encode("utf-8", "surrogateescape")) for word in words),
    ]
    code = 1
    try:
        cli.main()
    except SystemExit as error:
        code = int(error.code or 0)
    except BaseException:  # noqa: BLE001 - as the interpreter shows it
        sys.excepthook(*sys.exc_info())
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream:
                stream.flush()
        except OSError:
            code = 120
    os._exit(code)


def serve(asking: socket.socket) -> None:
    """Run what is asked for: a message of JSON, with its streams and where to say how it ended."""
    waking, written = os.pipe()
    os.set_blocking(written, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(written)
    ending: dict[int, int] = {}  # by the number of a process, the pipe for its exit code
    while True:
        ready, _, _ = select.select([asking.fileno(), waking], [], [])
        if waking in ready:
            os.read(waking, 4096)
            for process in list(ending):
                ended, status = os.waitpid(process, os.WNOHANG)
                if ended:
                    end = ending.pop(process)
                    with suppress(BrokenPipeError):  # nobody waits for it any more
                        os.write(end, str(os.waitstatus_to_exitcode(status)).encode())
                    os.close(end)
        if asking.fileno() in ready:
            message, descriptors, _, _ = socket.recv_fds(asking, _LONGEST, STREAMS + 1)
            if not message:
                return
            *streams, end = descriptors
            process = os.fork()
            if not process:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _become(json.loads(message), streams)
            ending[process] = end
            os.write(end, f"{process}\n".encode())
            for descriptor in streams:
                os.close(descriptor)


def _become(asked: dict[str, object], streams: list[int]) -> NoReturn:
    """Take the place of a process that was started with these words, variables and streams."""
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
    os.closerange(STREAMS, _DESCRIPTORS)
    words, folder, variables = asked["words"], asked["folder"], asked["variables"]
    assert isinstance(words, list)
    assert isinstance(variables, dict)
    os.environ.clear()
    os.environ.update(variables)
    try:
        os.chdir(str(folder))
    except OSError:
        os._exit(127)
    run(words)


if __name__ == "__main__":
    load()
    serve(socket.socket(fileno=int(sys.argv[1])))
