"""The folders of ``cases/``: each is a config, and exactly what becomes of it.

``config.toml`` is compiled through the API and through the command line. ``job.json`` is its
payload, to the byte; ``diagnostics.json`` are its findings and ``lint.txt`` is how they are
shown. A folder without ``job.json`` is a config that must be refused; one without
``diagnostics.json`` has nothing to report. ``SFTC_REWRITE=1 make test`` rewrites the goldens.
"""

import json
import os
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

import sftc
from sftc import cli, report
from sftc.report import Format

CASES = sorted(path for path in (Path(__file__).parents[1] / "cases").iterdir())
EXPECTED = ("job.json", "diagnostics.json", "lint.txt")
REWRITE = bool(os.environ.get("SFTC_REWRITE"))

each_case = pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)


def results(case: Path) -> dict[str, bytes]:
    """Return what the API makes of a case, by the file that holds it."""
    config = (case / "config.toml").read_bytes()
    compiled = sftc.compile_config(config)
    made = {"job.json": compiled.payload_bytes}
    if compiled.diagnostics:
        sources = {"config.toml": config.decode("utf-8", "replace")}
        found = json.loads(report.render(Format.JSON, compiled.diagnostics, {}))["findings"]
        made["diagnostics.json"] = orjson.dumps(
            found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        )
        made["lint.txt"] = report.render(Format.TEXT, compiled.diagnostics, sources).encode()
    return {name: content for name, content in made.items() if content is not None}


def rewrite(case: Path) -> None:
    for name in EXPECTED:
        (case / name).unlink(missing_ok=True)
    for name, content in results(case).items():
        (case / name).write_bytes(content)


@each_case
def test_api(case: Path) -> None:
    if REWRITE:
        rewrite(case)
    expected = {path.name: path.read_bytes() for path in case.iterdir()}
    del expected["config.toml"]
    assert results(case) == expected


@pytest.mark.slow_but_first
@each_case
def test_command_line(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)
    monkeypatch.setenv("NO_COLOR", "1")
    job, lint = case / "job.json", case / "lint.txt"
    expected_report = lint.read_text("utf-8") if lint.exists() else ""

    compiled = CliRunner().invoke(cli.app, ["compile", "config.toml"])
    assert compiled.stdout_bytes == (job.read_bytes() if job.exists() else b"")
    assert compiled.stderr == expected_report
    assert compiled.exit_code == (0 if job.exists() else 1)

    # The datasets that the cases name are not there, of which compiling says nothing.
    linted = CliRunner().invoke(cli.app, ["lint", "config.toml", "--ignore", "SFT257"])
    assert linted.stderr == expected_report
    assert linted.exit_code == compiled.exit_code


def test_enough_cases() -> None:
    good = [case for case in CASES if (case / "job.json").exists()]
    assert len(good) >= 25
    assert len(CASES) - len(good) >= 40
