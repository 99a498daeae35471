"""The charts of the performance page show what its tables say."""

from pathlib import Path

from sftc.tools.pictures import bars

DOCS = Path(__file__).parents[2] / "docs"


def test_the_charts_are_current() -> None:
    made = bars.charts((DOCS / "performance.md").read_text("utf-8"))
    assert sorted(made) == ["bad-rows", "checkers", "configs"]
    for name, text in made.items():
        assert (DOCS / "pictures" / f"{name}.svg").read_text("utf-8") == text, "run: make docs"
