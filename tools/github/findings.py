"""`sftc lint` and `sftc check` for the GitHub Action: each cause annotated once.

The runner keeps ten annotations of each severity from a whole action, however many steps it
has, and its log leaves out their places. So both commands run here together, what exceeds the
limit is counted, and everything is listed with its place.
"""

import os
import posixpath
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

_MOST: Final = 10
"""Annotations of one severity that the runner keeps, `_maxCountPerIssueType` in its source."""

_COMMAND: Final = re.compile(rb"::(error|warning|notice) file=([^,]*),(.*?)::(.*)")


class Annotation(NamedTuple):
    """A workflow command that sftc printed, its parts escaped as they are in it."""

    severity: bytes
    file: bytes
    properties: bytes
    message: bytes

    def command(self) -> bytes:
        """Return the workflow command."""
        return b"::%b file=%b,%b::%b\n" % self

    def listed(self) -> bytes:
        """Return the finding for the log, its place first."""
        values = dict(item.split(b"=", 1) for item in self.properties.split(b","))
        place = b":".join(filter(None, (self.file, values.get(b"line"), values.get(b"col"))))
        text = b"%b: %b[%b]: %b" % (place, self.severity, values.get(b"title", b""), self.message)
        return _unescape(text).replace(b"\n", b"\n  ") + b"\n"


def main() -> int:
    """Run both commands, print what they found, and return the exit code for both."""
    strict = ["--strict"] if os.environ.get("STRICT") == "true" else []
    data = os.environ.get("DATA_ROOT")
    runs = [
        _run("lint", *strict),
        _run("check", *strict, *(["--data-root", data] if data else [])),
    ]
    lines = dict.fromkeys(line for ran in runs for line in ran.stdout.splitlines())
    found = [annotation for line in lines for annotation in _annotations(line)]
    failures = dict.fromkeys(ran.stderr.strip() for ran in runs if ran.returncode > 1)
    for severity in (b"error", b"warning", b"notice"):
        some = [one.command() for one in found if one.severity == severity]
        if severity == b"error":  # a command that could not do its work comes first
            some[:0] = [b"::error title=sftc::%b\n" % _escape(said) for said in failures]
        _write(*_limited(some, severity))
    said = dict.fromkeys(ran.stderr for ran in runs if ran.returncode <= 1)
    if found or any(said):
        # What is listed may quote the pull request: it must not steer the runner.
        token = secrets.token_hex().encode()
        _write(b"::stop-commands::%b\n" % token)
        _write(*said, *(one.listed() for one in found))
        _write(b"::%b::\n" % token)
    return max(ran.returncode for ran in runs)


def _run(command: str, *options: str) -> "subprocess.CompletedProcess[bytes]":
    """Run sftc; isolated, since the folder that it runs in belongs to the pull request."""
    return subprocess.run(
        [sys.executable, "-I", "-m", "sftc", command, "--format", "github", *options],
        capture_output=True,
        check=False,
    )


def _annotations(line: bytes) -> Iterator[Annotation]:
    match = _COMMAND.fullmatch(line)
    if match:
        severity, file, properties, message = match.groups()
        if os.name == "nt":
            file = file.replace(b"\\", b"/")
        path = posixpath.normpath(_unescape(file))
        yield Annotation(severity, _escape(path, b":,"), properties, message)


def _limited(commands: Sequence[bytes], severity: bytes) -> Sequence[bytes]:
    """Return commands that the runner keeps; the last one counts those left out."""
    if len(commands) <= _MOST:
        return commands
    left = len(commands) - _MOST + 1
    more = b"::%b title=sftc::%d more of this severity are listed in the log\n" % (severity, left)
    return [*commands[: _MOST - 1], more]


def _escape(text: bytes, more: bytes = b"") -> bytes:
    """Escape as the Actions toolkit does; properties need more of it than messages."""
    escaped = (b"%%%02X" % byte if byte in b"%\r\n" + more else b"%c" % byte for byte in text)
    return b"".join(escaped)


def _unescape(text: bytes) -> bytes:
    return re.sub(rb"%(25|0D|0A|3A|2C)", lambda match: bytes.fromhex(match[1].decode()), text)


def _write(*texts: bytes) -> None:
    sys.stdout.buffer.writelines(texts)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
