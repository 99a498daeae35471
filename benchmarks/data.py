"""How fast a dataset is checked, beside reading it, hashing it, and the reference client.

Usage: python benchmarks/data.py SFTC REFERENCE [MEGABYTES], where SFTC is the command of an
ordinary installation and REFERENCE a Python with ``synth-ai``. The reference client's checker is
given the first tenth of the mixed file; rates are compared. Peak memory is that of the largest
process.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from dataset_files import write

MEGABYTE = 1_000_000
READ = "import sys\nwith open(sys.argv[1], 'rb') as f:\n  while f.read(1 << 20): pass"
HASH = "import hashlib, sys\nwith open(sys.argv[1], 'rb') as f: hashlib.file_digest(f, 'sha256')"
REFERENCE = (
    "import sys; from pathlib import Path; from time import perf_counter as now;"
    "from synth_ai.learning.sft.data import collect_sft_jsonl_errors as check;"
    "start = now(); assert check(Path(sys.argv[1]), min_messages=1) == [];"
    "print(now() - start)"
)


def run(*command: str) -> tuple[float, float]:
    """Return the seconds that a command takes, and the peak memory of a process of it in MiB."""
    start = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"failed: {' '.join(command)}")
    return perf_counter() - start, usage.ru_maxrss / 1024


def measured(path: Path, *command: str) -> tuple[float, float]:
    """Return megabytes a second and peak memory, the medians of three runs."""
    size = path.stat().st_size / MEGABYTE
    runs = [run(*command, str(path)) for _ in range(3)]
    return size / median(seconds for seconds, _ in runs), median(peak for _, peak in runs)


def rows(folder: Path, sftc: str, reference: str, size: int) -> Iterator[tuple[str, float, float]]:
    """Yield what was measured: its name, megabytes a second, and peak memory in MiB."""
    sample, mixed = folder / "sample.jsonl", folder / "mixed.jsonl"
    write(sample, "mixed", size // 10)
    write(mixed, "mixed", size)
    # Its import takes seconds, so only the call counts; ours is the whole process.
    checked = subprocess.check_output([reference, "-c", REFERENCE, str(sample)], text=True)
    rate = sample.stat().st_size / MEGABYTE / float(checked)
    yield "the reference client's checker", rate, run(reference, "-c", REFERENCE, str(sample))[1]
    yield "reading alone", *measured(mixed, sys.executable, "-c", READ)
    yield "sha256 alone", *measured(mixed, sys.executable, "-c", HASH)
    yield "sftc data, one process", *measured(mixed, sftc, "data", "--jobs", "1")
    yield "sftc data, all cores", *measured(mixed, sftc, "data")
    for kind in ("unicode", "short"):
        path = folder / f"{kind}.jsonl"
        write(path, kind, size // 5)
        yield f"sftc data, one process, {kind} rows", *measured(path, sftc, "data", "--jobs", "1")


def main() -> None:
    """Print what was measured, each rate as a multiple of the reference client's."""
    sftc, reference, *rest = sys.argv[1:]
    size = int(rest[0]) * MEGABYTE if rest else 1000 * MEGABYTE
    base = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, rate, peak in rows(Path(folder), sftc, reference, size):
            base = base or rate
            print(f"{name:<42} {rate:>8.0f} MB/s   × {rate / base:>5.1f}   {peak:>6.0f} MiB")


if __name__ == "__main__":
    main()
