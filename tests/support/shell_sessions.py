"""A shell that is given one command after the other, as a reader of a page gives them."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO

BIN = Path(sys.executable).parent
_LONG = 300.0
"""Seconds until a command is given up: none takes that long, however busy the machine is."""
_END = "\x1eend of the command"
_DATE = "2026-11-24T12:00:00Z"


def environment(home: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Return what each command of a page is run with: a home of its own, and no settings."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_", "SFTC_", "SYNTH_", "BACKEND_", "XDG_"))
    }
    return {
        **plain,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "SFTC_STATE_DIR": str(home / "state"),
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "HF_HUB_OFFLINE": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_AUTHOR_DATE": _DATE,
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
        "GIT_COMMITTER_DATE": _DATE,
        **more,
    }


class Shell:
    """A bash at work: variables, the folder and background jobs last until its end."""

    def __init__(self, process: "subprocess.Popen[str]", stdin: IO[str], stdout: IO[str]) -> None:
        """Speak to a bash that has begun."""
        self._process = process
        self._stdin = stdin
        self._stdout = stdout

    def run(self, command: str) -> tuple[int, str]:
        """Run a command; return its exit code, and its output and errors as a terminal has them."""
        with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
            file.write(command + "\n")
            file.flush()
            self._stdin.write(f". '{file.name}' < /dev/null\nprintf '{_END} %d\\n' $?\n")
            self._stdin.flush()
            watchdog = Timer(_LONG, _kill, [self._process.pid])
            watchdog.start()
            try:
                output, code = self._answer()
            finally:
                watchdog.cancel()
        return code, output

    def _answer(self) -> tuple[str, int]:
        output = ""
        for line in self._stdout:
            above, end, code = line.partition(_END)
            output += above
            if end:
                return output if not output or output.endswith("\n") else output + "\n", int(code)
        message = f"the shell ended: {output}"
        raise AssertionError(message)


@contextmanager
def shell(folder: Path, home: Path, **more: str) -> Iterator[Shell]:
    """Run a bash in a folder, and end it with all that it has started."""
    home.mkdir(exist_ok=True)
    process = subprocess.Popen(
        ["bash", "--noprofile", "--norc"],
        cwd=folder,
        env=environment(home, more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        yield Shell(process, process.stdin, process.stdout)
    finally:
        _kill(process.pid)
        process.communicate()


def _kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
