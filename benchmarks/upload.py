"""How fast the embedded backend takes a large file from curl, and in how much memory.

Usage: python benchmarks/upload.py SFTC [MEGABYTES], where SFTC is the command of an installation
with the extra ``backend``. The rate counts until the answer, when the bytes are synced to the
disk; beside it stands what the disk takes from a program that only writes and syncs.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, sleep

from dataset_files import write

MEGABYTE = 1_000_000
KEY = "a-key-for-benchmarks"


def disk(path: Path, copy: Path) -> float:
    """Return the megabytes a second at which a file is copied and synced."""
    start = perf_counter()
    with path.open("rb") as source, copy.open("wb") as target:
        while data := source.read(1 << 20):
            target.write(data)
        target.flush()
        os.fsync(target.fileno())
    seconds = perf_counter() - start
    copy.unlink()
    return path.stat().st_size / MEGABYTE / seconds


def curl(address: str, *options: str) -> str:
    """Return what an address answers to the key."""
    command = ["curl", "--silent", "--fail", "-H", f"Authorization: Bearer {KEY}", *options]
    return subprocess.check_output([*command, address], text=True)


def peak(process: int) -> float:
    """Return the most memory that a process has had, in MiB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main(sftc: str, size: int) -> None:
    """Upload once, and print what was measured."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "train.jsonl"
        write(path, "mixed", size)
        floor = disk(path, Path(name) / "copy")
        server = subprocess.Popen(
            [sftc, "backend", "serve", "--port", "0", "--data-dir", f"{name}/data"],
            env={**os.environ, "SYNTH_API_KEY": KEY},
            stdout=subprocess.PIPE,
            text=True,
        )
        files = f"{next(iter(server.stdout or ())).strip()}/api/learning/files"
        start = perf_counter()
        file = json.loads(curl(files, "-F", "purpose=fine-tune", "-F", f"file=@{path}"))
        uploaded = perf_counter() - start
        while json.loads(curl(f"{files}/{file['id']}"))["status"] == "validating":
            sleep(0.05)
        checked = perf_counter() - start - uploaded
        rate = path.stat().st_size / MEGABYTE / uploaded
        print(f"{size // MEGABYTE:,} MB from curl into the backend: {rate:,.0f} MB/s")
        print(f"  written and synced alone: {floor:,.0f} MB/s; its rows checked in {checked:.1f} s")
        print(f"  peak memory of the server: {peak(server.pid):.0f} MiB")
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2] if len(sys.argv) > 2 else 2048) * MEGABYTE)  # noqa: PLR2004 - a size is given
