"""The folders of ``cases/``: each is a config, and exactly what it is planned to come to.

``plan.json``, ``plan.txt``, ``plan.md`` and ``narrow.txt`` (40 columns) are what `sftc plan` prints
of ``config.toml``, with ``model.json`` as its ``--model-config`` where there is one. A config with
errors has ``errors.txt`` alone. ``SFTC_REWRITE=1`` rewrites them.
"""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

import sftc
from sftc import cli, schemas

CASES = sorted((Path(__file__).parent / "cases").iterdir())
REWRITE = bool(os.environ.get("SFTC_REWRITE"))
FORMS = {
    "plan.json": (["--format", "json"], "80"),
    "plan.md": (["--format", "markdown"], "80"),
    "plan.txt": ([], "80"),
    "narrow.txt": ([], "40"),
}
WIDEST = 80

each_case = pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """See to it that no model in somebody's cache is known."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))


def results(case: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(case)
    options = ["--model-config", "model.json"] if Path("model.json").exists() else []
    found: dict[str, str] = {}
    reported: list[dict[str, Any]] = []
    for name, (form, columns) in FORMS.items():
        monkeypatch.setenv("COLUMNS", columns)
        run = CliRunner().invoke(cli.app, ["plan", "config.toml", *options, *form])
        if name == "plan.json":
            reported = json.loads(run.stdout)["findings"]
        fails = any(one["severity"] == "error" or one["code"] == "SFT751" for one in reported)
        assert run.exit_code == int(fails)
        if run.stderr:
            found["errors.txt"] = run.stderr
        if name == "plan.json" or not run.stderr:
            found[name] = run.stdout
    if "plan.json" in found:
        found["plan.json"] = json.dumps(json.loads(found["plan.json"]), indent=1) + "\n"
    return found


@each_case
def test_command_line(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = results(case, monkeypatch)
    if REWRITE:
        for name in ("errors.txt", *FORMS):
            (case / name).unlink(missing_ok=True)
        for name, text in made.items():
            (case / name).write_text(text, "utf-8")
    given = {"config.toml", "model.json"}
    expected = {p.name: p.read_text("utf-8") for p in case.iterdir() if p.name not in given}
    assert made == expected


def golden(case: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((case / "plan.json").read_bytes())
    return found


@pytest.mark.slow_but_first
@each_case
def test_what_is_printed_fits_its_schema(case: Path) -> None:
    plan = golden(case)
    jsonschema.validate(plan, schemas.load("plan"))
    memory = plan["memory"]
    if memory is not None:
        assert memory["low"] <= memory["expected"] <= memory["high"]
        for bound in ("low", "expected", "high"):
            total = sum(part[bound] for part in memory["parts"])
            assert total == pytest.approx(memory[bound], abs=9)


@each_case
def test_text_keeps_to_its_columns(case: Path) -> None:
    """But for lines of the config, which stay as they are."""
    for name, columns in (("plan.txt", 80), ("narrow.txt", 40)):
        path = case / name
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            assert len(line) <= columns or line.startswith("       "), line


@each_case
def test_edits_do_what_they_say(case: Path) -> None:
    """Compiled and planned again, each has the effective batch that was reviewed, and fits."""
    text = (case / "config.toml").read_text("utf-8")
    plan = golden(case)
    for suggestion in plan["suggestions"]:
        assert suggestion["edits"]
        after = sftc.plan(edited(text, suggestion["edits"]))
        assert after.planned is not None
        assert after.planned.fits == "fits"
        assert after.planned.memory is not None
        assert after.planned.memory.expected == suggestion["memory"]
        assert after.planned.batch == plan["effective_batch"]
        assert after.suggestions == ()


def edited(text: str, edits: list[dict[str, Any]]) -> str:
    """Return a text after edits, as an editor makes them."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda edit: (edit["line"], edit["column"]), reverse=True):
        first, last = edit["line"] - 1, edit["end_line"] - 1
        before, behind = lines[first][: edit["column"] - 1], lines[last][edit["end_column"] - 1 :]
        lines[first : last + 1] = (before + edit["text"] + behind).split("\n")
    return "\n".join(lines)


def test_each_verdict_has_a_case() -> None:
    assert {golden(case)["fits"] for case in CASES} >= {"fits", "does_not_fit", "unknown"}


def test_orphans() -> None:
    for case in CASES:
        assert {path.name for path in case.iterdir()} <= {
            "config.toml",
            "model.json",
            "errors.txt",
            *FORMS,
        }
