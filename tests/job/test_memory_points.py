"""The estimate beside what others measured, and beside what was counted tensor by tensor."""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from memory_points import FILE, Point, out_of_memory, payload, published

from sftc.job import Job
from sftc.job.architectures import shape_of_config
from sftc.job.memory import Measure, Memory, Part, Setting, estimate
from sftc.job.memory import activations as kept
from sftc.job.memory.asked import Asked, asked
from sftc.job.memory.states import kept as states

ROOT: Final = Path(__file__).parent.parent.parent
COUNTED: Final = json.loads((FILE.parent / "counted.json").read_bytes())["counted"]
ALLOCATED: Final = Setting(measure=Measure.ALLOCATED)
LIBRARIES: Final = 32 * 2**20
"""What the estimate has for cuBLAS, which a CPU does without."""


def _estimated() -> list[tuple[Point, Memory]]:
    return [(point, said) for point in published() if isinstance(said := point.estimated, Memory)]


@pytest.mark.parametrize("half", ["chosen", "held back"])
def test_published_figures_are_met(half: str) -> None:
    errors = [
        abs(said.expected / point.value - 1)
        for point, said in _estimated()
        if point.entry["set"] == half and "of" not in point.entry  # loading, which is not estimated
    ]
    assert len(errors) >= 60
    assert statistics.median(errors) <= 0.08
    assert max(errors) <= 0.2


def test_no_published_figure_is_far_above_the_upper_bound() -> None:
    highs = [(said.high / point.value, point.name) for point, said in _estimated()]
    assert min(highs)[0] >= 0.9, min(highs)


def test_most_published_figures_are_within_the_bounds() -> None:
    inside = [said.low <= point.value <= said.high for point, said in _estimated()]
    assert sum(inside) / len(inside) > 0.9


@pytest.mark.parametrize("point", out_of_memory(), ids=lambda point: point.name)
def test_what_did_not_fit_is_not_estimated_to_fit(point: Point) -> None:
    said = point.estimated
    assert isinstance(said, Memory)
    assert said.high > point.value


def test_each_point_says_where_it_is_from_and_which_half_it_is_of() -> None:
    file = json.loads(FILE.read_bytes())
    entries = [*file["points"], *file["out_of_memory"]]
    assert len({entry["id"] for entry in entries}) == len(entries)
    for entry in entries:
        address, line = entry["source"].split("#L")
        assert address.startswith("https://github.com/")
        assert int(line) > 0
        assert entry["trainer"] in file["trainers"]
    assert {entry["set"] for entry in file["points"]} == {"chosen", "held back"}


def _id(entry: dict[str, Any]) -> str:
    words = [name for name in ("checkpointing", "bf16", "fake") if entry[name]]
    size = f"{entry['rows']}x{entry['length']}"
    return " ".join((entry["model"], entry["method"], size, *words))


@pytest.mark.parametrize("entry", COUNTED, ids=_id)
def test_what_was_counted_is_estimated(entry: dict[str, Any]) -> None:
    said = payload(entry)
    said["hyperparameters"]["parallelism"]["bf16"] = entry["bf16"]
    shape = shape_of_config(entry["config"], "counted.json")
    wanted = asked(Job(said), shape, ALLOCATED)
    assert isinstance(wanted, Asked)
    counted = entry["bytes"]
    each = states(wanted, shape, ALLOCATED)
    assert each.base == counted["weights"]
    assert each.adapter == counted["adapter"]
    assert each.gradients == counted["gradients"]
    assert each.optimizer == counted["optimizer"]
    if not entry["checkpointing"]:
        logits = 4 * wanted.tokens * shape.vocabulary  # their log-softmax
        whole = kept.kept(wanted, shape, ALLOCATED).blocks + each.copies + each.merged + logits
        # Tensors without content have a mask, which repeats the keys of a single row, too.
        assert 0.85 <= whole / counted["saved"] <= 1.15
    memory = estimate(Job(said), shape, ALLOCATED)
    assert isinstance(memory, Memory)
    peak = max(counted[f"peak_{phase}"] for phase in ("forward", "backward", "step"))
    assert 0.9 <= (memory.expected - LIBRARIES) / peak <= 1.1
    assert memory.parts[Part.OPTIMIZER].expected == counted["optimizer"]


def test_the_tables_of_the_docs_are_current() -> None:
    script = [sys.executable, "tools/planning_tables.py", "--check"]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
