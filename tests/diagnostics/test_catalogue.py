"""The catalogue is whole: each code is explained, and its examples do what they say."""

import re
import string
from pathlib import Path

import pytest

import sftc
from sftc import report
from sftc.diagnostics import codes
from sftc.diagnostics.catalogue import CODES
from sftc.diagnostics.code import Code
from sftc.job import Rule
from sftc.job.planned import fits_its_gpu

ROOT = Path(__file__).parents[2]
TABLES = {"job": '[job]\nmodel = "Qwen/Qwen3-4B"\n', "compute": '[compute]\ngpu_type = "H100"\n'}
OF_FILES = {
    "SFT001",
    "SFT002",
    "SFT007",
    "SFT008",
    "SFT009",
    "SFT012",
    "SFT013",
    "SFT014",
    "SFT015",
    "SFT257",
    "SFT307",
}
"""Codes that no text of a sound config shows: they are about files and options."""

each_code = pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
each_example = pytest.mark.parametrize(
    "code",
    [code for code in CODES.values() if code.bad and code.language == "toml"],
    ids=lambda code: code.code,
)


def completed(example: str) -> str:
    """Return an example with the sound tables that it leaves out."""
    missing = [text for name, text in TABLES.items() if f"[{name}]" not in example]
    return "".join((example, *missing))


def optional(code: Code) -> list[Rule]:
    """Return what is asked of a config only where somebody selects it."""
    return [fits_its_gpu] if code.code in codes.OPTIONAL else []


@each_example
def test_the_bad_example_has_this_finding_alone(code: Code) -> None:
    found = sftc.lint_config(completed(code.bad), more=optional(code))
    assert [diagnostic.code for diagnostic in found] == [code.code]


@each_example
def test_the_good_example_has_no_finding(code: Code) -> None:
    assert sftc.lint_config(completed(code.good), more=optional(code)) == ()


@pytest.mark.slow_but_first
@each_code
def test_each_code_is_explained(code: Code) -> None:
    assert re.fullmatch(r"SFT\d{3}", code.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code.slug)
    assert code.page.endswith(".")
    assert bool(code.bad) == (code.code not in OF_FILES) or code.language != "toml"
    assert "\n" not in code.message + (code.why or "") + (code.hint or "")
    assert list(string.Formatter().parse(code.message))


def test_each_code_has_a_name_which_is_its_slug() -> None:
    names = {
        value: name.lower().replace("_", "-")
        for name, value in vars(codes).items()
        if isinstance(value, str) and re.fullmatch(r"SFT\d{3}", value)
    }
    assert names == {code.code: code.slug for code in CODES.values()}


def test_slugs_are_names() -> None:
    slugs = [code.slug for code in CODES.values()]
    assert len(set(slugs)) == len(slugs)
    assert list(CODES) == sorted(CODES)


def test_each_code_has_a_case() -> None:
    seen = set()
    for golden in (ROOT / "tests").rglob("lint.txt"):
        seen |= set(re.findall(r"\[(SFT\d{3})\]:", golden.read_text("utf-8")))
    of_configs = {code for code in CODES if code < "SFT4"}
    assert of_configs - seen <= OF_FILES  # see test_cli.py


def test_each_code_of_submitting_is_tested() -> None:
    tests = "".join(
        path.read_text("utf-8")
        for folder in ("payloads", "submitter", "following")
        for path in (ROOT / "tests" / folder).rglob("*")
        if path.suffix in {".py", ".txt"}
    )
    of_submitting = {code for code in CODES if code.startswith("SFT5")}
    assert of_submitting <= set(re.findall(r"SFT5\d\d", tests))


def test_each_code_of_a_review_is_asked_for() -> None:
    folders = [ROOT / "tests" / name for name in ("review", "workspace")]
    texts = [path.read_text("utf-8") for folder in folders for path in folder.glob("*.py")]
    of_reviews = [code for code in CODES if code.startswith("SFT6")]
    assert [code for code in of_reviews if not any(code in text for text in texts)] == []


def test_each_code_of_targets_is_asked_for() -> None:
    files = [p for p in (ROOT / "tests" / "targets").rglob("*") if p.suffix in {".py", ".txt"}]
    texts = "".join(path.read_text("utf-8") for path in files)
    of_targets = {code.code: code.slug for code in CODES.values() if code.code.startswith("SFT8")}
    names = {slug: slug.upper().replace("-", "_") for slug in of_targets.values()}
    assert {
        c for c, slug in of_targets.items() if c not in texts and names[slug] not in texts
    } == set()


def test_the_book_is_current() -> None:
    book = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert book == report.book(), "run: make docs"
