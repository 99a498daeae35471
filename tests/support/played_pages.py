"""Pages of commands that are run: what each prints stands below it, whatever changes put in order.

In a console block a line with ``$ `` is a command, ``> `` goes on with it, the rest is its output.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import served
from repositories import BIN

_BLOCK: Final = re.compile(r"```console\n(.*?)```\n", re.DOTALL)
_DATE: Final = "2026-11-24T12:00:00Z"
_VOLATILE: Final = (
    (re.compile(r"job-[0-9a-f]{24}"), "job-5c1f0e6a92d34b7f8e01a2b3"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:8000"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?"), "2026-11-24 12:00:00"),
    (re.compile(r"\b\d\d:\d\d:\d\d(\.\d+)?\b"), "12:00:00"),
)
"""What differs from run to run, and what stands for it in a page."""


def checked(page: Path, folder: Path, backend: str = "") -> None:
    """Run the commands of a page in a folder, and hold what they print to the page.

    ``SFTC_REWRITE=1`` writes it into the page instead.
    """
    before = page.read_text("utf-8")
    after = _BLOCK.sub(lambda block: _block(block[1], folder, backend), before)
    if os.environ.get("SFTC_REWRITE"):
        page.write_text(after, "utf-8")
    assert after == page.read_text("utf-8")


def _block(text: str, folder: Path, backend: str) -> str:
    shown = "".join(_played(command, folder, backend) for command in _commands(text))
    return f"```console\n{shown}```\n"


def _commands(block: str) -> Iterator[str]:
    for command in re.findall(r"^\$ .*(?:\n> .*)*", block, re.MULTILINE):
        yield "\n".join(line[2:] for line in command.splitlines())


def _played(command: str, folder: Path, backend: str) -> str:
    ran = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=_environment(folder, backend),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ran.returncode in (0, 1), ran.stdout
    assert "Traceback" not in ran.stdout
    printed = ran.stdout.replace(str(folder), "…")
    for pattern, instead in _VOLATILE:
        printed = pattern.sub(instead, printed)
    ends = "" if ran.returncode == 0 else "(exit code 1)\n"
    return "$ " + command.replace("\n", "\n> ") + "\n" + printed + ends


def _environment(folder: Path, backend: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    return {
        **kept,
        "BACKEND_BASE_URL": backend,
        "SYNTH_API_KEY": served.KEY,
        "SFTC_STATE_DIR": str(folder.parent / "state"),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_AUTHOR_DATE": _DATE,
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
        "GIT_COMMITTER_DATE": _DATE,
        "NO_COLOR": "1",
        "HOME": str(folder),
    }
