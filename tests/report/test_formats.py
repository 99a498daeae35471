"""The formats of findings, held against the tools and schemas that read them."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

import sftc
from sftc import Severity, cli, report, schemas
from sftc.compiler.edits import apply
from sftc.diagnostics.catalogue import CODES
from sftc.report import FINDINGS, Format

HERE = Path(__file__).parents[1]
CONFIGS = sorted(HERE.glob("cases/*/config.toml"))
SARIF = json.loads((HERE / "report" / "official" / "sarif-2.1.0.json").read_text("utf-8"))


def lint(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["lint", *arguments])


@pytest.fixture(scope="module")
def everything() -> Any:
    """Return every case's findings in every format, in one call each."""
    names = [str(path) for path in CONFIGS]
    return {form: lint("--format", form, *names).stdout for form in FINDINGS[1:]}


@pytest.mark.slow
def test_json_matches_its_schema(everything: Any) -> None:
    found = json.loads(everything[Format.JSON])
    jsonschema.Draft202012Validator(schemas.load("findings")).validate(found)
    findings = found["findings"]
    assert len(findings) > 150
    assert {finding["severity"] for finding in findings} == {"error", "warning", "note"}
    assert any(finding["fix"] for finding in findings)


def test_json_of_nothing_has_no_findings() -> None:
    run = lint("--format", "json", str(HERE / "cases/minimal/config.toml"))
    assert json.loads(run.stdout) == {"format": 1, "findings": []}


def test_sarif_matches_the_official_schema(everything: Any) -> None:
    log = json.loads(everything[Format.SARIF])
    jsonschema.Draft4Validator(SARIF).validate(log)
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted(set(rules))
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
    assert all(rule["help"]["markdown"] for rule in run["tool"]["driver"]["rules"])


def test_sarif_fixes_are_the_fixes() -> None:
    """What a code scanner applies from the log is what `--fix` would write."""
    text = (HERE / "fixes/lora-table/before.toml").read_text("utf-8")
    found = sftc.lint_config(text)
    log = json.loads(report.render(Format.SARIF, found, {}, version="1"))
    for diagnostic, result in zip(found, log["runs"][0]["results"], strict=True):
        if diagnostic.fix:
            changes = result["fixes"][0]["artifactChanges"][0]["replacements"]
            edits = [
                sftc.Edit(
                    sftc.Span(
                        change["deletedRegion"]["startLine"],
                        change["deletedRegion"]["startColumn"],
                        change["deletedRegion"]["endLine"],
                        change["deletedRegion"]["endColumn"],
                        "config.toml",
                    ),
                    change["insertedContent"]["text"],
                )
                for change in changes
            ]
            assert apply(text, edits) == sftc.fix_config(text).text


def test_github_commands_are_escaped() -> None:
    diagnostic = sftc.Diagnostic(
        code="SFT004",
        slug="syntax",
        severity=Severity.WARNING,
        message="100%\r\nsure",
        span=sftc.Span(1, 2, 1, 5, "a,b:c%.toml"),
        hint="write, this: now",
    )
    assert report.render(Format.GITHUB, [diagnostic], {}) == (
        "::warning file=a%2Cb%3Ac%25.toml,line=1,endLine=1,col=2,endColumn=5,"
        "title=SFT004 syntax::100%25\\r\\nsure%0Awrite, this: now\n"
    )


def test_github_has_a_line_for_each_finding(everything: Any) -> None:
    lines = everything[Format.GITHUB].splitlines()
    assert len(lines) == len(json.loads(everything[Format.JSON])["findings"])
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)


def test_concise_has_a_line_for_each_finding(everything: Any) -> None:
    lines = everything[Format.CONCISE].splitlines()
    findings = json.loads(everything[Format.JSON])["findings"]
    for line, finding in zip(lines, findings, strict=True):
        place = f"{finding['file']}:{finding['line']}:{finding['column']}: "
        assert line.startswith(place + f"{finding['severity']}[{finding['code']}]: ")


def test_statistics_count(everything: Any) -> None:
    counted = lint("--statistics", *map(str, CONFIGS)).stdout.splitlines()
    codes = [finding["code"] for finding in json.loads(everything[Format.JSON])["findings"]]
    for line in counted:
        count, code, slug = line.split()
        assert codes.count(code) == int(count)
        assert CODES[code].slug == slug
    assert len(counted) == len(set(codes))


def test_colour_is_for_terminals_and_for_those_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = str(HERE / "cases/missing-model/config.toml")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert "\x1b[" not in lint(bad).stderr
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;31merror[SFT101]\x1b[0m" in lint(bad).stderr
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in lint(bad).stderr


@pytest.mark.parametrize(
    ("line", "column", "end", "shown"),
    [
        ("a\tb = 1", 3, 4, "  1 | a    b = 1\n    |      ^ hint\n"),
        ('"宽" = 1', 2, 3, '  1 | "宽" = 1\n    |  ^^ hint\n'),
        ('"e\u0301" = 1', 6, 7, '  1 | "e\u0301" = 1\n    |     ^ hint\n'),
        ("x = 1", 9, 9, "  1 | x = 1\n    |      ^ hint\n"),
    ],
)
def test_the_caret_stands_under_what_is_meant(line: str, column: int, end: int, shown: str) -> None:
    span = sftc.Span(1, column, 1, end, "f")
    diagnostic = sftc.Diagnostic("SFT004", "syntax", Severity.ERROR, "m", span, hint="hint")
    assert shown in report.render(Format.TEXT, [diagnostic], {"f": line})
