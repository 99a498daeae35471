"""How fast a dataset is checked, beside reading it, hashing it, and the reference client.

Usage: python benchmarks/data.py SFTC REFERENCE PEERS [MEGABYTES], where SFTC is the command of an
ordinary installation, REFERENCE a Python with ``synth-ai``, and PEERS one with ``together``,
``parallelogram`` and ``finelint``. All check one file of ``multilingual`` rows. Of the larger
files the reference client's checker is given a tenth, and the peers a hundredth of the mixed one;
rates are compared. Of the others only the call counts, as their imports take seconds; of ours the
whole process. Peak memory is that of the largest process.
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

TIMED = "; from time import perf_counter as now; start = now(); {}; print(now() - start)"
PEERS = {
    "Together's file check": "import sys; from together.lib.utils.files import check_file"
    + TIMED.format("assert check_file(sys.argv[1])['is_check_passed']"),
    "parallelogram": "import sys; import parallelogram.cli;"
    "from parallelogram.core.rules import registry; from parallelogram.core.runner import Runner"
    + TIMED.format("Runner([rule() for rule in registry.all()]).run(sys.argv[1])"),
    "finelint": "import sys; from pathlib import Path;"
    "from finelint.readers import read_dataset; from finelint.models import ScanConfig;"
    "from finelint.chat import adapt_chat, analyze_chat"
    + TIMED.format(
        "result = read_dataset(Path(sys.argv[1])); chat = adapt_chat(result, 'auto');"
        "analyze_chat(result, ScanConfig(), chat)"
    ),
}
"""What each of them is asked to do with a file."""


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


def lines(folder: Path, sftc: str, reference: str, peers: str, size: int) -> Iterator[str]:
    """Yield what was measured, each line when it is known."""
    for kind, much, part in (
        ("multilingual", 120 * MEGABYTE, 120 * MEGABYTE),
        ("mixed", size, size // 10),
        ("unicode", size // 5, size // 10),
        ("short", size // 5, size // 10),
    ):
        sample, path = folder / "sample.jsonl", folder / f"{kind}.jsonl"
        write(sample, kind, part)
        write(path, kind, much)
        yield f"{kind} rows, {much // MEGABYTE:,} MB"
        checked = [reference, "-c", REFERENCE, str(sample)]
        seconds = median(float(subprocess.check_output(checked, text=True)) for _ in range(3))
        base = sample.stat().st_size / MEGABYTE / seconds
        runs: dict[str, tuple[str, ...]] = {
            "reading alone": (sys.executable, "-c", READ),
            "sha256 alone": (sys.executable, "-c", HASH),
            "sftc data, one thread": (sftc, "data", "--jobs", "1"),
            "sftc data, all cores": (sftc, "data"),
            "the same without accelerator": ("env", "SFTC_PURE=1", sftc, "data"),
        }
        yield line("the reference client's checker", base, base, run(*checked)[1])
        if kind == "mixed":
            write(sample, kind, size // 100)
            for name, code in PEERS.items():
                checked = [peers, "-c", code, str(sample)]
                seconds = float(subprocess.check_output(checked, text=True))
                rate = sample.stat().st_size / MEGABYTE / seconds
                yield line(name, rate, base, run(*checked)[1])
        for name, command in runs.items():
            rate, peak = measured(path, *command)
            yield line(name, rate, base, peak)
        path.unlink()


def line(name: str, rate: float, base: float, peak: float) -> str:
    """Return a line of the report: megabytes a second, their multiple of a base, peak MiB."""
    return f"  {name:<32} {rate:>8,.0f} MB/s   × {rate / base:>5.1f}   {peak:>6.0f} MiB"


def main() -> None:
    """Print what was measured, each rate as a multiple of the reference client's."""
    sftc, reference, peers, *rest = sys.argv[1:]
    size = int(rest[0]) * MEGABYTE if rest else 1000 * MEGABYTE
    with tempfile.TemporaryDirectory() as folder:
        for text in lines(Path(folder), sftc, reference, peers, size):
            print(text, flush=True)


if __name__ == "__main__":
    main()
