"""A patch makes the one text of the other, by the program that everybody has."""

import random
import subprocess
from pathlib import Path

import pytest

from sftc.report.patch import render


def random_change(seed: int) -> tuple[str, str]:
    """Return a text and what a few edits make of it; few lines are there once."""
    choice = random.Random(seed)
    lines = [choice.choice(["a", "b", "", "c c", f"k{n}"]) for n in range(choice.randint(0, 400))]
    after = list(lines)
    for _ in range(choice.randint(1, 30)):
        at = choice.randint(0, len(after))
        after[at : at + choice.randint(0, 3)] = choice.choices(["a", "", "x", "k1"], k=2)
    end = choice.choice(["", "\n"])
    return "\n".join(lines) + end, "\n".join(after) + choice.choice([end, "\n"])


@pytest.mark.parametrize("seed", range(60))
def test_patch_takes_it(seed: int, tmp_path: Path) -> None:
    before, after = random_change(seed)
    path = tmp_path / "f"
    path.write_text(before)
    command = ["patch", "-p0", "--binary"]
    patch = render(before, after, "f").encode()
    if before != after:
        subprocess.run(command, cwd=tmp_path, input=patch, check=True, capture_output=True)
    assert path.exists() or not after
    assert not path.exists() or path.read_text() == after
