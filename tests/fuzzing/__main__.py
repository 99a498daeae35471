"""``make fuzz``: one target, or all, for some seconds each; or one input once more.

The fuzzer runs in a process of its own. What it finds is written to ``corpus/TARGET``, which the
tests replay; inputs that reach new code are kept in ``build/fuzz``, for the next run to start from.
"""

import argparse
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from .targets.table import CORPUS, TARGETS, target

ROOT: Final = Path(__file__).parents[2]
_WORK: Final = ROOT / "build" / "fuzz"
_LONGEST: Final = 4096
"""Bytes of an input: enough for each rule, and few enough to be quick."""
_PATIENCE: Final = 120
"""Seconds after which one input is a finding itself."""
_MEMORY: Final = 3072


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--file", type=Path, help="check this input, without the fuzzer")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.file:
        name = asked.target or asked.file.absolute().parent.name
        if name not in TARGETS:
            parser.error(f"say which target {asked.file} is of, with TARGET=")
        target(name).check(asked.file.read_bytes())
        print(f"{name}: {asked.file} breaks no promise")
        return 0
    if asked.inside:
        _fuzz(asked.target, asked.seconds)
    names = [asked.target] if asked.target else TARGETS
    return max(_run(name, asked.seconds) for name in names)


def _run(name: str, seconds: int) -> int:
    """Run the fuzzer on a target, say what it did, and return 1 if it found something."""
    print(f"{name}: {seconds} seconds", flush=True)
    known = {path.name for path in _corpus(name).iterdir()}
    command = [sys.executable, "-m", __package__, "--inside", "--target", name]
    done = subprocess.run(
        [*command, "--seconds", str(seconds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    (_WORK / f"{name}.log").write_text(done.stdout)
    print(f"{name}: {_summary(done.stdout)}; {len([*(_WORK / name).iterdir()]):,} inputs kept")
    if done.returncode == 0:
        return 0
    print("\n".join(done.stdout.splitlines()[-40:]))
    for path in sorted(_corpus(name).iterdir()):
        if path.name not in known:
            shown = path.relative_to(ROOT)
            print(f"{name}: found {shown}\n  replay it: make fuzz FILE={shown}")
    return 1


def _summary(told: str) -> str:
    """Return what libFuzzer has told, on one line."""
    seen = re.findall(r"cov: (\d+) ft: (\d+)", told)
    (first, _), (last, features) = (seen[0], seen[-1]) if seen else ("00", "00")
    counts = map(
        int, re.findall(r"^(?:#|stat::number_of_executed_units: )(\d+)", told, re.MULTILINE)
    )
    return (
        f"{max(counts, default=0):,} executions; coverage {int(first):,} at the start,"
        f" {int(last):,} at the end; {int(features):,} features"
    )


def _corpus(name: str) -> Path:
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _fuzz(name: str, seconds: int) -> None:
    """Become the fuzzer: this does not return."""
    atheris: Any = import_module("atheris")  # in an environment of its own
    work, seeds, words = _WORK / name, _WORK / f"{name}.seeds", _WORK / f"{name}.dict"
    work.mkdir(parents=True, exist_ok=True)
    seeds.mkdir(exist_ok=True)
    # In another process: modules that are loaded here before they are instrumented count nothing.
    if not words.exists() or not any(seeds.iterdir()):
        prepared = _PREPARE.format(package=__package__, name=name)
        subprocess.run([sys.executable, "-c", prepared], check=True)
    with atheris.instrument_imports(include=list(_PACKAGES[name])):
        module = target(name)
    options = {
        "dict": words,
        "max_total_time": seconds,
        "max_len": _LONGEST,
        "timeout": _PATIENCE,
        "rss_limit_mb": _MEMORY,
        "print_final_stats": 1,
        "artifact_prefix": f"{_corpus(name)}/",
    }
    folders = map(str, (work, seeds, _corpus(name)))
    given = [f"-{option}={value}" for option, value in options.items()]
    atheris.Setup([name, *folders, *given], module.check)
    atheris.Fuzz()


_PACKAGES: Final = {
    "toml": ("sftc.compiler", "sftc.diagnostics", "sftc.job", "sftc.schemas"),
    "rows": ("sftc.datasets", "sftc.schemas"),
    "artifacts": ("sftc.payloads", "sftc.review", "sftc.job", "sftc.compiler", "sftc.writer"),
    "journal": ("sftc.backend", "sftc.jobfolder", "sftc.schemas"),
    "requests": ("sftc.backend", "sftc.payloads", "sftc.job", "python_multipart"),
}
"""Where coverage is looked for: known before the target is loaded."""

_PREPARE: Final = "from {package}.__main__ import prepare; prepare({name!r})"


def prepare(name: str) -> None:
    """Write the seeds and the words of a target where the fuzzer reads them."""
    module = target(name)
    for seed in module.seeds():
        if len(seed) <= _LONGEST:
            path = _WORK / f"{name}.seeds" / hashlib.sha256(seed).hexdigest()[:16]
            path.write_bytes(seed)
    (_WORK / f"{name}.dict").write_text(_dictionary(module.words()))


def _dictionary(words: Iterable[str]) -> str:
    """Return words as libFuzzer reads them."""
    return "".join(
        '"' + "".join(f"\\x{byte:02x}" for byte in word.encode("utf-8", "replace")) + '"\n'
        for word in dict.fromkeys(words)
        if word
    )


if __name__ == "__main__":
    sys.exit(main())
