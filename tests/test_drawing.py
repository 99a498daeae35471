"""What is drawn depends on no module that happens to be loaded."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

COMPILER = Path(__file__).parents[1] / "compiler"
RARE = "zqx-only-there"


def test_a_loaded_module_changes_no_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "stranger.py"
    path.write_text(f'VALUE = "{RARE}"\n')
    spec = importlib.util.spec_from_file_location("stranger", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "stranger", module)
    drawn: list[str] = []

    @settings(max_examples=1000, database=None)
    @given(st.lists(st.text()))
    def draw(texts: list[str]) -> None:
        drawn.extend(texts)

    draw()
    assert RARE not in drawn
    ours = {
        name
        for path in COMPILER.rglob("*.py")
        for name in re.findall(r'"(\w{4,})"', path.read_text())
    }
    assert ours & set(drawn)  # constants of ours are drawn still
