"""The formats of CI servers: GitLab Code Quality and JUnit XML.

GitLab's own schema of a Code Quality report (``app/validators/json_schemas/codeclimate.json`` in
its repository) asks for ``description``, ``fingerprint``, ``severity`` and ``location``; its
parser keeps one finding for a fingerprint, and links the first line of the location.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

import sftc
from sftc import Diagnostic, Related, Severity, Span, cli, report, schemas
from sftc.report import FINDINGS, FindingsFormat, Format
from sftc.report.rooting import Roots

HERE = Path(__file__).parents[1]
CONFIGS = sorted(HERE.glob("cases/*/config.toml"))
SARIF = json.loads((HERE / "report" / "official" / "sarif-2.1.0.json").read_text("utf-8"))
JUNIT = xmlschema.XMLSchema(HERE / "report" / "official" / "junit-10.xsd")
LOCATION: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["path", "lines"],
    "properties": {
        "path": {"type": "string", "minLength": 1},
        "lines": {
            "type": "object",
            "additionalProperties": False,
            "required": ["begin", "end"],
            "properties": {key: {"type": "integer", "minimum": 1} for key in ("begin", "end")},
        },
    },
}
GITLAB: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["blocker", "critical", "major", "minor", "info"]},
            "location": LOCATION,
            "other_locations": {"type": "array", "minItems": 1, "items": LOCATION},
        },
    },
}

CLASH = Diagnostic(
    "SFT202",
    "bf16-and-fp16",
    Severity.ERROR,
    "`fp16` and `bf16` are both true",
    Span(8, 8, 8, 12, "./configs/a.toml"),
    path=("parallelism", "fp16"),
    hint="which one is meant?",
    why="a number has one precision",
    related=(Related(Span(7, 1, 7, 5, "base.toml"), "`parallelism.bf16` is set here"),),
)
PLAIN = Diagnostic(
    "SFT305", "not-forwarded", Severity.WARNING, "<x> & y", Span(1, 1, 1, 2, "b.toml")
)


def lint(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["lint", *arguments])


def issues(*diagnostics: Diagnostic) -> Any:
    return json.loads(report.render(Format.GITLAB, diagnostics, {}))


def junit(found: Sequence[Diagnostic], *files: str, strict: bool = False) -> str:
    strictly = {one.file for one in found} if strict else set()
    return report.render(Format.JUNIT, found, dict.fromkeys(files, ""), strict=strictly)


def test_gitlab() -> None:
    (issue,) = issues(CLASH)
    assert re.fullmatch("[0-9a-f]{64}", issue.pop("fingerprint"))
    assert issue == {
        "description": "`fp16` and `bf16` are both true. which one is meant? "
        "a number has one precision.",
        "check_name": "SFT202 bf16-and-fp16",
        "severity": "critical",
        "location": {"path": "configs/a.toml", "lines": {"begin": 8, "end": 8}},
        "other_locations": [{"path": "base.toml", "lines": {"begin": 7, "end": 7}}],
    }
    assert issues() == []


@pytest.mark.parametrize("name", ["a/b.toml", "./a/b.toml", "a\\b.toml", "c/../a//b.toml"])
def test_paths_are_as_a_repository_has_them(name: str) -> None:
    found = replace(CLASH, span=CLASH.span._replace(document=name))
    assert issues(found)[0]["location"]["path"] == "a/b.toml"
    log = json.loads(report.render(Format.SARIF, [found], {}))
    (place,) = log["runs"][0]["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "a/b.toml"}


GITHUB_FILE = re.compile("file=([^,]*),")


def files_in(form: Format, text: str) -> list[str]:
    match form:
        case Format.GITHUB:
            return GITHUB_FILE.findall(text)
        case Format.GITLAB:
            return [issue["location"]["path"] for issue in json.loads(text)]
    results = json.loads(text)["runs"][0]["results"]
    places = [one["locations"][0]["physicalLocation"] for one in results]
    return [place["artifactLocation"]["uri"] for place in places]


@pytest.mark.parametrize("form", sorted(report.FORGES))
@pytest.mark.parametrize(
    ("below", "name", "seen"),
    [
        (".", "a.toml", "a.toml"),
        ("team/x", "a.toml", "team/x/a.toml"),
        ("team/x", "./b/../a.toml", "team/x/a.toml"),
        ("team/x", "../a.toml", "team/a.toml"),
        ("team/x", "{top}/a.toml", "a.toml"),
    ],
)
def test_a_forge_reads_paths_from_the_top_of_the_repository(
    form: FindingsFormat,
    below: str,
    name: str,
    seen: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    top = tmp_path / "repository"
    here = top / below
    here.mkdir(parents=True)
    (top / ".git").mkdir()
    (here / "b").mkdir()
    named = name.format(top=top)
    (here / named).write_text('[job]\nmodle = "m"\n')
    monkeypatch.chdir(here)
    found = files_in(form, lint("--format", form, named).stdout)
    assert found
    assert set(found) == {seen}


@pytest.mark.parametrize("form", sorted(report.FORGES))
@pytest.mark.parametrize("name", ["<stdin>", "/elsewhere/a.toml", "../../../a.toml"])
def test_what_is_no_file_of_the_repository_keeps_its_name(form: FindingsFormat, name: str) -> None:
    roots = Roots("/top/team", "/top")
    found = replace(PLAIN, span=PLAIN.span._replace(document=name))
    assert report.render(form, [found], {}, roots=roots) == report.render(form, [found], {})


def test_a_fingerprint_stays_when_lines_move_and_no_two_are_the_same() -> None:
    moved = replace(CLASH, span=CLASH.span._replace(line=99), message="another value")
    other = replace(CLASH, path=("parallelism", "bf16"))
    (first,), (later,) = issues(CLASH), issues(moved)
    assert first["fingerprint"] == later["fingerprint"]
    found = issues(CLASH, moved, other, replace(CLASH, span=PLAIN.span), PLAIN)
    assert len({issue["fingerprint"] for issue in found}) == len(found)


JUNIT_OF_BOTH = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="sftc" tests="3" failures="1" errors="0">
  <testcase classname="sftc" name="good.toml" />
  <testcase classname="sftc" name="b.toml">
    <system-out>
b.toml:1:1: warning[SFT305]: &lt;x&gt; &amp; y
</system-out>
  </testcase>
  <testcase classname="sftc" name="./configs/a.toml">
    <failure type="error" message="1 error">
./configs/a.toml:8:8: error[SFT202]: `fp16` and `bf16` are both true
  which one is meant?
  a number has one precision
  base.toml:7:1: `parallelism.bf16` is set here
</failure>
  </testcase>
</testsuite>
"""


def test_junit() -> None:
    assert junit([CLASH, PLAIN], "good.toml", "b.toml") == JUNIT_OF_BOTH
    assert 'failures="2"' in junit([CLASH, PLAIN], strict=True)


def test_junit_of_nothing_has_a_test_that_passes() -> None:
    for text in (junit([]), junit([], "a.toml")):
        JUNIT.validate(text)
        (case,) = ET.fromstring(text)  # noqa: S314 - our own
        assert not list(case)


@pytest.mark.parametrize("strict", [False, True])
def test_junit_fails_where_the_command_does(tmp_path: Path, *, strict: bool) -> None:
    path = tmp_path / "a.toml"
    options = ["--strict"] if strict else []
    for config in CONFIGS[::9]:
        path.write_bytes(config.read_bytes())
        done = lint("--format", "junit", *options, str(path))
        assert ('failures="0"' in done.stdout) == (done.exit_code == 0)


def test_every_case_keeps_the_schemas() -> None:
    names = list(map(str, CONFIGS))
    found = json.loads(lint("--format", "json", *names).stdout)["findings"]
    gitlab = json.loads(lint("--format", "gitlab", *names).stdout)
    jsonschema.validate(gitlab, GITLAB)
    assert [issue["location"]["lines"]["begin"] for issue in gitlab] == [f["line"] for f in found]
    assert len({issue["fingerprint"] for issue in gitlab}) == len(found)
    text = lint("--format", "junit", *names).stdout
    JUNIT.validate(text)
    cases = ET.fromstring(text).findall("testcase")  # noqa: S314 - our own
    assert [case.get("name") for case in cases] == names
    shown = "".join("".join(case.itertext()) for case in cases)
    assert all(f"[{finding['code']}]: " in shown for finding in found)


def test_related_places_are_in_every_format() -> None:
    sarif = json.loads(report.render(Format.SARIF, [CLASH], {}))
    (result,) = sarif["runs"][0]["results"]
    assert result["message"]["text"].endswith(
        "both true. which one is meant? a number has one precision."
    )
    (other,) = result["relatedLocations"]
    assert other["message"]["text"] == "`parallelism.bf16` is set here"
    assert other["physicalLocation"]["artifactLocation"] == {"uri": "base.toml"}
    where = "base.toml:7:1: `parallelism.bf16` is set here"
    assert report.render(Format.GITHUB, [CLASH], {}).endswith(f"%0A{where}\n")
    assert f"  = {where}\n" in report.render(Format.TEXT, [CLASH], {})
    beside = Related(CLASH.span._replace(column=1), "on the same line")
    assert "on the same line" not in report.render(
        Format.TEXT, [replace(CLASH, related=(beside,))], {}
    )


def test_what_a_command_cannot_write_is_refused_with_what_it_can() -> None:
    for command, form in (
        (["lint", "x.toml"], "markdown"),
        (["check"], "markdown"),
        (["data", "x"], "markdown"),
        (["diff", "x"], "sarif"),
        (["explain", "x"], "junit"),
    ):
        done = CliRunner().invoke(cli.app, [*command, "--format", form])
        assert done.exit_code == 2
        assert f"'{form}' is not one of 'text'" in re.sub(r"\s+", " ", done.stderr)


def test_datasets_in_one_report(tmp_path: Path) -> None:
    good = b'{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}\n'
    (tmp_path / "good.jsonl").write_bytes(good)
    (tmp_path / "bad.jsonl").write_bytes(good + good + b"{}\n")
    names = [str(tmp_path / name) for name in ("good.jsonl", "bad.jsonl")]

    def data(form: str) -> str:
        done = CliRunner().invoke(cli.app, ["data", "--format", form, *names])
        assert done.exit_code == 1
        return done.stdout

    cases = ET.fromstring(data("junit")).findall("testcase")  # noqa: S314 - our own
    assert [(case.get("name"), len(case)) for case in cases] == [(names[0], 0), (names[1], 1)]
    _, repeated = json.loads(data("gitlab"))  # errors come first
    assert repeated["other_locations"] == [{"path": names[1], "lines": {"begin": 1, "end": 1}}]
    jsonschema.Draft4Validator(SARIF).validate(json.loads(data("sarif")))
    assert f"\n{names[1]}:2:1: warning[SFT445]: " in data("concise")


TEXTS = st.text(
    st.characters(exclude_categories=())
    | st.sampled_from('\x00\x1b\ud800\udcff\ufffe\uffff\u202e]>&"\n%:')
)
NUMBERS = st.integers(1, 9)
SPANS = st.builds(Span, NUMBERS, NUMBERS, NUMBERS, NUMBERS, TEXTS)
DIAGNOSTICS = st.builds(
    Diagnostic,
    st.just("SFT004"),
    st.just("syntax"),
    st.sampled_from(Severity),
    TEXTS.filter(bool),
    SPANS,
    path=st.lists(TEXTS.filter(lambda text: not re.search("[\ud800-\udfff]", text))).map(tuple),
    hint=st.none() | TEXTS,
    related=st.lists(st.builds(Related, SPANS, TEXTS), max_size=2, unique=True).map(tuple),
)


@given(st.lists(DIAGNOSTICS, max_size=4), st.lists(TEXTS, max_size=2), st.booleans())
def test_hostile_text_breaks_no_format(
    found: list[Diagnostic],
    files: list[str],
    strict: bool,  # noqa: FBT001 - drawn
) -> None:
    strictly = {one.file for one in found} if strict else set()
    shown = {
        form: report.render(form, found, dict.fromkeys(files, ""), version="1", strict=strictly)
        for form in FINDINGS
    }
    for text in shown.values():
        text.encode()
    JUNIT.validate(shown[Format.JUNIT])
    cases = ET.fromstring(shown[Format.JUNIT]).findall("testcase")  # noqa: S314 - our own
    named = {*files, *(diagnostic.file for diagnostic in found)}
    assert len(cases) == max(len(named), 1)
    gitlab = json.loads(shown[Format.GITLAB])
    jsonschema.validate(gitlab, GITLAB)
    assert len({issue["fingerprint"] for issue in gitlab}) == len(found)
    log = json.loads(shown[Format.SARIF])
    jsonschema.Draft4Validator(SARIF).validate(log)
    assert len(log["runs"][0]["results"]) == len(found)
    printed = json.loads(shown[Format.JSON])
    jsonschema.validate(printed, schemas.load("findings"))
    for text in (shown[Format.CONCISE], shown[Format.GITHUB]):
        assert len(text.splitlines()) == len(found)


def test_a_sentence_ends_once() -> None:
    for config in CONFIGS:
        for diagnostic in sftc.lint_config(config.read_bytes()):
            (issue,) = issues(diagnostic)
            assert not re.search(r"[?!:;…]\.( |$)|(?<!\.)\.\.( |$)", issue["description"])
