"""What the fuzzer has found once breaks no promise again, and the seeds never did.

No fuzzer is needed for that: ``make fuzz`` looks for more.
"""

from itertools import islice
from pathlib import Path

import pytest

from sftc.tests.fuzzing.targets.table import CORPUS, TARGETS, target

FOUND = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
SOME = 25
"""Seeds that are checked here; the cases that they are taken from have tests of their own."""


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_once(path: Path) -> None:
    target(path.parent.name).check(path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_break_no_promise(name: str) -> None:
    seeds = list(target(name).seeds())
    assert len(seeds) >= 20
    for seed in islice(seeds, 0, None, max(1, len(seeds) // SOME)):
        target(name).check(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_words_are_what_a_mutation_puts_in(name: str) -> None:
    words = list(target(name).words())
    assert len(set(words)) >= 50
    assert all(0 < len(word.encode("utf-8", "replace")) <= 100 for word in words)


def test_every_finding_is_of_a_target() -> None:
    assert {path.parent.name for path in FOUND} <= {*TARGETS}
    assert all(path.stat().st_size <= 4096 for path in FOUND)
