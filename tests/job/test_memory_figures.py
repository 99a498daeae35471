"""The figures of the estimate, to the byte: each part, with its bounds, of jobs of every kind.

How far they are from what was measured is the matter of ``test_memory_points``; here no figure
changes unnoticed. ``SFTC_REWRITE=1`` rewrites ``memory_figures.json``.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from memory_points import payload

from sftc.job import Job
from sftc.job.architectures.table import shape_named
from sftc.job.memory import OURS, Measure, Unknown, estimate

FILE = Path(__file__).with_name("memory_figures.json")
CASES: list[dict[str, Any]] = json.loads(FILE.read_bytes())
PLAIN = {"method": "lora", "rows": 2, "length": 1024, "rank": 16, "targets": "all-linear"}


def figures(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is estimated of a case."""
    shape = shape_named(case["model"])
    made = payload({**PLAIN, "model": case["model"], **case.get("entry", {})})
    made["hyperparameters"] |= case.get("hyperparameters", {})
    said = dict(case.get("setting", {}))
    if "measure" in said:
        said["measure"] = Measure(said["measure"])
    known = {name: case[name] for name in ("longest", "examples") if name in case}
    found = estimate(Job(made), shape, replace(OURS, **said), **known)
    if isinstance(found, Unknown):
        return {"unknown": str(found)}
    parts = {part.value: list(amount) for part, amount in found.parts.items()}
    total = [found.low, found.expected, found.high]
    return {"phase": found.phase.value, "total": total, "parts": parts, "notes": list(found.notes)}


def test_rewriting() -> None:
    if os.environ.get("SFTC_REWRITE"):
        written = [{**case, "figures": figures(case)} for case in CASES]
        lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in written)
        FILE.write_text(f"[\n{lines}\n]\n", "utf-8")
        CASES[:] = written


@pytest.mark.parametrize("at", range(len(CASES)), ids=[case["name"] for case in CASES])
def test_the_figures_are_these(at: int) -> None:
    assert figures(CASES[at]) == CASES[at]["figures"]
