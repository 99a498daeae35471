"""Draws mutants, and says how many of them the tests notice: `make mutation`."""

import argparse
import json
import math
import os
import random
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Final

import pytest

from .mutants import Mutant, mutants
from .recording import PACKAGES, TESTS, Recording
from .trying import Trying

ROOT: Final = Path(__file__).parents[2]
_NOTICED: Final = {"killed"}
"""A test that hangs may do so on a busy machine, too: what nobody has looked at is not noticed."""


def main() -> None:
    """Record, draw, try, report."""
    parser = argparse.ArgumentParser(prog="make mutation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--count", type=int, default=600, help="mutants to draw; 0: none but FILE's"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "mutation")
    parser.add_argument("--again", metavar="VERDICT", help="only those that were, once more")
    parser.add_argument("--only", help="only mutants of the files that begin so")
    parser.add_argument("--record", action="store_true", help="record tests that are new, first")
    parser.add_argument("--report", action="store_true", help="only show what is known")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    recorded, results = asked.folder / "recorded.json", asked.folder / "results.jsonl"
    if not asked.report:
        if asked.record or not recorded.exists():
            _pytest(Recording(ROOT, recorded))
        drawn = _drawn(asked.seed, asked.count)
        known = {_key(one): one for one in _read(results)}
        if asked.again:
            todo = [
                m for m in drawn if known.get(_key(m._asdict()), {}).get("verdict") == asked.again
            ]
        else:
            todo = [m for m in drawn if _key(m._asdict()) not in known]
        todo = [m for m in todo if m.path.startswith(asked.only or "")]
        print(f"{len(todo)} mutants to try of {len(drawn)} drawn", flush=True)
        if todo:
            _pytest(Trying(ROOT, recorded, todo, results, asked.jobs))
    drawn_keys = {_key(mutant._asdict()) for mutant in _drawn(asked.seed, asked.count)}
    _report({_key(one): one for one in _read(results) if _key(one) in drawn_keys})


def _pytest(plugin: object) -> None:
    folders = [str(ROOT / "tests" / name) for name in TESTS]
    code = pytest.main(["-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", *folders], [plugin])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        sys.exit(int(code))


def _drawn(seed: int, count: int) -> list[Mutant]:
    """Draw from all mutants of all packages, each as likely as any other."""
    paths = sorted(
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    )
    every = [mutant for path in paths for mutant in mutants(ROOT, path)]
    print(f"{len(every):,} mutants of {len(paths)} modules")
    return random.Random(seed).sample(every, min(count, len(every)))  # noqa: S311 - no secret


def _key(line: dict[str, Any]) -> tuple[str, str, int]:
    return line["path"], line["name"], line["number"]


def _read(results: Path) -> list[dict[str, Any]]:
    if not results.exists():
        return []
    return [json.loads(line) for line in results.read_text().splitlines()]


def _report(known: dict[Any, dict[str, Any]]) -> None:
    by_package: dict[str, Counter[str]] = defaultdict(Counter)
    for one in known.values():
        by_package[one["path"].partition("/")[0]][one["verdict"]] += 1
        by_package["all"][one["verdict"]] += 1
    print("| package | mutants | killed | timeout | survived | untested | score (95 %) |")
    print("|---|--:|--:|--:|--:|--:|---|")
    for package, counts in sorted(by_package.items(), key=lambda pair: pair[0] == "all"):
        total = counts.total() - counts["broken"] - counts["out of reach"]
        low, high = interval(sum(counts[word] for word in _NOTICED), total)
        score = sum(counts[word] for word in _NOTICED) / max(total, 1)
        cells = [
            package,
            total,
            *(counts[w] for w in ("killed", "timeout", "survived", "untested")),
        ]
        print(f"| {' | '.join(map(str, cells))} | {score:.1%} ({low:.1%} to {high:.1%}) |")
    for key, one in sorted(known.items()):
        if one["verdict"] not in {*_NOTICED, "out of reach"}:
            print(
                f"{one['verdict']}: {one['path']}:{one['line']} {key[1]} #{key[2]}: {one['words']}"
            )


def interval(successes: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's interval of a share."""
    if not total:
        return 0.0, 1.0
    share, about = successes / total, z * z / total
    middle = (share + about / 2) / (1 + about)
    reach = z / (1 + about) * math.sqrt(share * (1 - share) / total + about / (4 * total))
    return middle - reach, middle + reach


if __name__ == "__main__":
    main()
