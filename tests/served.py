"""The embedded backend as its users run it: a process of its own, real files, real HTTP."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

KEY = "sk-a-secret-of-this-test"


class Served:
    """A running backend."""

    def __init__(self, process: "subprocess.Popen[str]", address: str) -> None:
        self.process = process
        self.address = address

    def get(self, path: str) -> Any:
        """Return what the API answers."""
        request = urllib.request.Request(  # noqa: S310 - it is this machine
            f"{self.address}/api{path}", headers={"Authorization": f"Bearer {KEY}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every job."""
        jobs: list[dict[str, Any]] = self.get("/learning/jobs?limit=1000")["jobs"]
        return jobs

    def files(self) -> list[dict[str, Any]]:
        """Return every file."""
        files: list[dict[str, Any]] = self.get("/learning/files?limit=1000")["files"]
        return files


@contextmanager
def served(data_dir: Path, *options: str, largest_file: int | None = None) -> Iterator[Served]:
    """Run a backend on a free port of this machine.

    Args:
        data_dir: where it keeps its data.
        options: more of ``sftc backend serve``.
        largest_file: kibibytes after which its disk is full, for each file that it writes.

    """
    program = str(Path(sys.executable).with_name("sftc"))
    command = [program, "backend", "serve", "--port", "0", "--data-dir", str(data_dir)]
    command += ["--pace", "0", *options]
    if largest_file is not None:
        command = ["bash", "-c", f'ulimit -f {largest_file}; exec "$@"', "bash", *command]
    environment = {**os.environ, "SYNTH_API_KEY": KEY}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        try:
            assert address.startswith("http://"), process.communicate()[1]
            yield Served(process, address)
        finally:
            process.terminate()
            process.communicate(timeout=60)
