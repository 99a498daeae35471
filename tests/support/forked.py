"""``sftc`` as a process of its own, without the time that it takes to start.

What depends on how the interpreter starts (its encoding, its locale) starts one as ever, and so
do those tests that are about starting it.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any, Final

SFTC: Final = str(Path(sys.executable).with_name("sftc"))
_OF_THE_INTERPRETER: Final = ("PYTHON", "LC_", "LANG", "SFTC_PURE")
"""How variables begin that count when an interpreter starts, or a module is loaded."""


def run(
    *arguments: object,
    cwd: "str | Path" = ".",
    env: Mapping[str, str] | None = None,
    stdin: "IO[bytes] | int | None" = None,
    input: bytes = b"",  # noqa: A002 - as `subprocess.run` calls it
    timeout: float = 120,
    encoding: str | None = None,
    **options: Any,
) -> "subprocess.CompletedProcess[Any]":
    """Run a command to its end, and return what came of it, as `subprocess.run` does.

    With words that are bytes, or more options, it starts an interpreter.
    """
    words = [word if isinstance(word, bytes) else str(word) for word in arguments]
    variables = dict(os.environ if env is None else env)
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
    ):
        given.write(input)
        given.seek(0)
        streams = given if stdin is None else stdin, stdout, stderr
        names_bytes = any(isinstance(word, bytes) for word in words)
        if options or names_bytes or _starts_otherwise(variables):
            done = subprocess.run(
                [SFTC, *words], cwd=cwd, env=variables, timeout=timeout, check=False,
                stdin=streams[0], stdout=stdout, stderr=stderr, **options,
            )  # fmt: skip
            code = done.returncode
        else:
            asked = {"words": words, "folder": str(Path(cwd).absolute()), "variables": variables}
            code = _ask(json.dumps(asked).encode(), [_number(each) for each in streams], timeout)
        stdout.seek(0)
        stderr.seek(0)
        shown = [stdout.read(), stderr.read()]
    texts = [text.decode(encoding) for text in shown] if encoding else shown
    return subprocess.CompletedProcess([SFTC, *words], code, *texts)


def _number(stream: "IO[bytes] | int") -> int:
    return stream if isinstance(stream, int) else stream.fileno()


def _starts_otherwise(variables: Mapping[str, str]) -> bool:
    """Whether an interpreter with these variables is another one than ours."""
    return any(
        variables.get(name) != os.environ.get(name)
        for name in {*variables, *os.environ}
        if name.startswith(_OF_THE_INTERPRETER)
    )


@cache
def _server(_: int) -> tuple[socket.socket, "subprocess.Popen[bytes]"]:
    """Start what forks, for the process with this number; return how it is asked."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    program = str(Path(__file__).with_name("fork_server.py"))
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", program, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # an interrupt is for the tests
        )
    atexit.register(_end, ours, process)
    return ours, process


def _end(asking: socket.socket, process: "subprocess.Popen[bytes]") -> None:
    asking.close()
    process.wait()


def _ask(message: bytes, streams: list[int], timeout: float) -> int:
    """Let a command be run, and return its exit code."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as end:
        try:
            socket.send_fds(_server(os.getpid())[0], [message], [*streams, writing])
        finally:
            os.close(writing)
        process = b""
        while not process.endswith(b"\n"):
            piece = end.read(1)
            assert piece, "the process that forks has ended"
            process += piece
        if not select.select([end], [], [], timeout)[0]:
            os.kill(int(process), signal.SIGKILL)
            raise subprocess.TimeoutExpired(message, timeout)
        return int(end.read())
