"""``sftc rule``: pages, lists and searches."""

import json
import re
from pathlib import Path

import forked
import pytest

import sftc
from sftc import report
from sftc.diagnostics import codes
from sftc.diagnostics.catalogue import CODES
from sftc.diagnostics.code import Code
from sftc.job.planned import fits_its_gpu
from sftc.report import pages

TABLES = {"job": '[job]\nmodel = "Qwen/Qwen3-4B"\n', "compute": '[compute]\ngpu_type = "H100"\n'}
EXAMPLES = json.loads((Path(report.__file__).parent / "examples.json").read_text("utf-8"))

each_code = pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)


def rule(*words: str, width: int = 80) -> str:
    result = forked.run("rule", *words, env={"COLUMNS": str(width)}, encoding="utf-8")
    assert (result.returncode, result.stderr) == (0, "")
    return str(result.stdout)


def listed(text: str) -> list[str]:
    return re.findall(r"^(SFT\d{3}) ", text, re.MULTILINE)


@each_code
def test_a_message_has_words_for_all_its_slots(code: Code) -> None:
    assert sorted(EXAMPLES.get(code.code, {})) == sorted(set(pages.slots(code)))
    assert not re.search(r"(?<!\$)\{\w+\}", pages.message(code))


@pytest.mark.parametrize(
    "code",
    [code for code in CODES.values() if code.bad and code.language == "toml"],
    ids=lambda code: code.code,
)
def test_a_message_reads_as_that_of_its_example(code: Code) -> None:
    missing = [text for name, text in TABLES.items() if f"[{name}]" not in code.bad]
    more = [fits_its_gpu] if code.code in codes.OPTIONAL else []
    (found,) = sftc.lint_config("".join((code.bad, *missing)), more=more)
    assert pages.message(code) == found.message, "run: python tools/rule_examples.py"


def test_words_without_a_code_are_not_kept() -> None:
    assert set(EXAMPLES) == {code.code for code in CODES.values() if pages.slots(code)}


@pytest.mark.parametrize("word", ["SFT211", "sft211", "global-batch-mismatch"])
def test_a_code_has_a_page_by_each_of_its_names(word: str) -> None:
    page = rule(word)
    assert page == report.page(CODES["SFT211"])
    assert page.startswith(
        "# SFT211 global-batch-mismatch\n\n*error*: `global_batch` is 64, but 1 per device × "
        "64 accumulation × 8 data-parallel = 512\n\n"
    )


def test_several_codes_have_their_pages() -> None:
    pages_of = (report.page(CODES["SFT001"]), report.page(CODES["SFT002"]))
    assert rule("SFT001", "not-utf8") == "\n".join(pages_of)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_list_has_all_codes_by_group(width: int) -> None:
    text = rule(width=width)
    assert listed(text) == list(CODES)
    assert re.findall(r"^SFT\dxx ", text, re.MULTILINE) == [f"SFT{n}xx " for n in range(9)]
    assert max(map(len, text.splitlines())) <= width


def test_a_list_shows_name_severity_and_message() -> None:
    assert rule("SFT30", width=60) == (
        "SFT3xx What a payload carries\n"
        "SFT301 date-or-time (error)\n"
        "    `data.topology.reserved_until` is a date or time, which\n"
        "    JSON cannot represent\n"
        "SFT302 not-finite (error)\n"
        "    `hyperparameters.max_grad_norm` is inf, which JSON\n"
        "    cannot represent\n"
        "SFT303 integer-too-large (error)\n"
        "    `hyperparameters.seed` does not fit in 64 bits\n"
        "SFT304 integer-inexact (note)\n"
        "    `hyperparameters.seed` is beyond ±(2^53−1)\n"
        "SFT305 not-forwarded (warning)\n"
        "    [model_config] is not forwarded: nothing reads its\n"
        "    `max_model_len`\n"
        "SFT306 shadowed (warning)\n"
        "    `job.data_path` is not forwarded: `job.data` sets the\n"
        "    same field\n"
        "SFT307 overridden (note)\n"
        "    `job.data` is not forwarded: --dataset overrides it\n"
    )


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (("global", "batch"), ["SFT211", "SFT705"]),
        (("global_batch", "mismatch"), None),  # one: its page
        (("fsdp",), ["SFT201", "SFT224", "SFT704"]),
        (("FSDP", "qlora"), None),
        (("SFT24",), [f"SFT24{n}" for n in range(1, 9)]),
        (("learning_rate", "above"), ["SFT214", "SFT622"]),
    ],
)
def test_words_are_searched(words: tuple[str, ...], first: list[str] | None) -> None:
    found = rule(*words)
    if first is None:
        assert found.startswith("# SFT")
    else:
        assert listed(found) == first


def test_the_book_has_a_heading_for_each_group_and_code() -> None:
    book = rule("--all")
    assert book == report.book()
    assert re.findall(r"^### (SFT\d{3}) ", book, re.MULTILINE) == list(CODES)
    assert len(re.findall(r"^## SFT\dxx ", book, re.MULTILINE)) == 9
