"""Write the tables of docs/planning.md from the recorded points: ``make docs``.

With ``--check`` it writes nothing, and fails if they are not current. What other tools answered is
recorded by ``benchmarks/memory.py``.
"""

import json
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

from memory_points import FILE, Point, published  # noqa: E402 - the tests' reader

from sftc.job.memory import Memory, Setting, estimate  # noqa: E402

PAGE: Final = ROOT / "docs" / "planning.md"
_TOO_LOW: Final = 0.1
_HEAD: Final = "| | points | median error | worst | more than 10 % too low at `high` |"


def _estimated() -> list[tuple[Point, Memory]]:
    return [(point, said) for point in published() if isinstance(said := point.estimated, Memory)]


def _of_training() -> list[tuple[Point, Memory]]:
    return [pair for pair in _estimated() if "of" not in pair[0].entry]


def _row(name: str, errors: list[float], low: list[float]) -> str:
    sizes = [abs(error) for error in errors]
    return (
        f"| {name} | {len(sizes)} | {statistics.median(sizes):.1%} | {max(sizes):.1%} "
        f"| {sum(each < -_TOO_LOW for each in low)} |"
    )


def _errors(points: Iterable[tuple[Point, Memory]]) -> tuple[list[float], list[float]]:
    found = list(points)
    return (
        [said.expected / point.value - 1 for point, said in found],
        [said.high / point.value - 1 for point, said in found],
    )


def halves() -> Iterator[str]:
    """Yield how far the estimates are from what was published, by half and by source."""
    yield _HEAD
    yield "|---|---|---|---|---|"
    points = _of_training()
    for half in ("chosen", "held back"):
        mine = [pair for pair in points if pair[0].entry["set"] == half]
        yield _row(f"**{half}**", *_errors(mine))
    by_trainer: Callable[[tuple[Point, Memory]], str] = lambda pair: pair[0].entry["trainer"]  # noqa: E731
    for name, pairs in groupby(sorted(points, key=by_trainer), by_trainer):
        yield _row(name, *_errors(pairs))
    yield _row("**all**", *_errors(points))


def tools() -> Iterator[str]:
    """Yield the same for other estimators, each on the points that it can express, and for ours."""
    columns = ("points", "median error", "worst", "within 15 %", "more than 15 % too low")
    yield f"| | {' | '.join(columns)} |"
    yield "|---|---|---|---|---|---|"
    answers = json.loads((FILE.parent / "tools.json").read_bytes())
    values = {point.name: point.value for point, _ in _of_training()}
    for name, said in (*answers.items(), *_ours().items()):
        errors = [
            one / values[point] - 1
            for point, one in said.items()
            if isinstance(one, int | float) and point in values
        ]
        sizes = [abs(error) for error in errors]
        within = sum(size <= 0.15 for size in sizes)  # noqa: PLR2004 - the column says so
        low = sum(error < -0.15 for error in errors)  # noqa: PLR2004
        yield (
            f"| {name} | {len(sizes)} | {statistics.median(sizes):.0%} | {max(sizes):.0%} "
            f"| {within} | {low} |"
        )


def _ours() -> dict[str, dict[str, float]]:
    """Return our estimates: without a word of the trainer that was measured, and with it."""
    untold: dict[str, float] = {
        point.name: said.expected
        for point in published()
        if isinstance(
            said := estimate(point.job, point.shape, Setting(measure=point.setting.measure)), Memory
        )
    }
    told: dict[str, float] = {point.name: said.expected for point, said in _estimated()}
    return {"**sftc**, as if our trainer had run them": untold, "**sftc**, told the trainer": told}


def points() -> Iterator[str]:
    """Yield each point."""
    yield "| point | measured (GB) | low | expected | high | error | half |"
    yield "|---|---|---|---|---|---|---|"
    for point, said in sorted(_estimated(), key=lambda pair: pair[0].name):
        sizes = (point.value, said.low, said.expected, said.high)
        figures = " | ".join(f"{size / 1e9:.1f}" for size in sizes)
        error = said.expected / point.value - 1
        half, link = point.entry["set"], point.entry["source"]
        half += f", of {point.entry['of']}" if "of" in point.entry else ""
        yield f"| [{point.name}]({link}) | {figures} | {error:+.0%} | {half} |"


def main() -> None:
    """Put each table between its marks."""
    before = page = PAGE.read_text("utf-8")
    for name, lines in (("halves", halves()), ("tools", tools()), ("points", points())):
        start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        above, rest = page.split(start)
        page = "".join((above, start, *(f"{line}\n" for line in lines), end, rest.split(end)[1]))
    if "--check" in sys.argv:
        sys.exit(0 if page == before else "docs/planning.md is not current: run: make docs")
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
