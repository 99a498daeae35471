"""How fast a large dataset is uploaded, beside curl, and what memory both sides take.

Usage: python benchmarks/submit.py SFTC [MEGABYTES], where SFTC is the command of an ordinary
installation with the extra ``backend``. The backend is the embedded one, on this machine, so
that what it does with the bytes counts for both. The rate is that of the upload alone: a
submission checks every row before, and waits until the backend has done so after.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from data import MEGABYTE
from dataset_files import write

KEY = "a-key-of-the-benchmark"
ROUNDS = 3
CURL = ["curl", "--fail", "--silent", "--output", os.devnull, "-H", f"Authorization: Bearer {KEY}"]
CURL += ["-F", "purpose=fine-tune", "-F", "file=@train.jsonl;type=application/jsonl"]
SUBMIT = """
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
import sftc

@contextmanager
def bar(title, _):
    start = perf_counter()
    yield lambda _: None
    if title.startswith("uploading"):
        print(perf_counter() - start)

sftc.submit(Path("job.json"), bar=bar)
"""
CONFIG = '[job]\nmodel = "m"\ndata = "train.jsonl"\n[compute]\ngpu_type = "H100"\n'


@contextmanager
def backend(sftc: str, folder: Path) -> Iterator[tuple[str, int]]:
    """Give the address and the process of a new backend."""
    command = [sftc, "backend", "serve", "--port", "0", "--pace", "0", "--data-dir", str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        if process.stdout is None:
            sys.exit("the backend says nothing")
        yield process.stdout.readline().strip(), process.pid
        process.terminate()
        process.wait()


def peak(pid: int) -> float:
    """Return the peak memory of a process that runs, in MiB (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def uploaded(python: str) -> tuple[float, float]:
    """Return the seconds that the upload of a submission takes, and its peak memory in MiB."""
    process = subprocess.Popen([python, "-c", SUBMIT], stdout=subprocess.PIPE, text=True)
    if process.stdout is None:
        sys.exit("the submission says nothing")
    seconds = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit("the submission failed")
    return float(seconds), usage.ru_maxrss / 1024


def lines(folder: Path, sftc: str, size: int) -> Iterator[str]:
    """Yield what was measured, each line when it is known."""
    write(folder / "train.jsonl", "mixed", size)
    size = (folder / "train.jsonl").stat().st_size
    (folder / "sft.toml").write_text(CONFIG, "utf-8")
    subprocess.run([sftc, "compile", "sft.toml", "-o", "job.json"], check=True)
    python = str(Path(sftc).with_name("python"))
    rates: list[tuple[float, float]] = []
    peaks: list[tuple[float, float]] = []
    for turn in range(ROUNDS):
        os.environ["SFTC_STATE_DIR"] = str(folder / f"state-{turn}")
        with backend(sftc, folder / "data") as (address, _):
            start = perf_counter()
            subprocess.run([*CURL, f"{address}/api/learning/files"], check=True)
            theirs = perf_counter() - start
        shutil.rmtree(folder / "data")
        with backend(sftc, folder / "data") as (address, pid):
            os.environ["BACKEND_BASE_URL"] = address
            ours, memory = uploaded(python)
            peaks.append((memory, peak(pid)))
        shutil.rmtree(folder / "data")
        rates.append((size / MEGABYTE / theirs, size / MEGABYTE / ours))
    ratio = median(ours / theirs for theirs, ours in rates)
    yield f"uploading {size / MEGABYTE:,.0f} MB over loopback"
    yield f"  curl           {median(rate for rate, _ in rates):>6,.0f} MB/s"
    yield f"  sftc submit    {median(rate for _, rate in rates):>6,.0f} MB/s   × {ratio:.2f}"
    submitter, server = (max(memory) for memory in zip(*peaks, strict=True))
    yield f"  peak memory: submitter {submitter:.0f} MiB, backend {server:.0f} MiB"


def main() -> None:
    """Print what was measured, our rate as a multiple of curl's."""
    sftc, *rest = sys.argv[1:]
    sftc, size = str(Path(sftc).absolute()), int(rest[0] if rest else 2000) * MEGABYTE
    os.environ["SYNTH_API_KEY"] = KEY
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for text in lines(Path(folder), sftc, size):
            print(text, flush=True)


if __name__ == "__main__":
    main()
