"""Many payloads at once: what was moved, what changes alike, and what fits into a comment.

The folders of ``branches/`` are data: the configs ``before`` and ``after``, and how what differs
is shown in each format. ``SFTC_REWRITE=1`` rewrites the goldens.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from branched import compared, side, tree
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sftc import schemas
from sftc.report import ComparisonFormat, Format
from sftc.review import Comparison, Move, MoveKind, Side, read_side, render

CASES = sorted((Path(__file__).parent / "branches").iterdir())
GOLDENS: dict[str, ComparisonFormat] = {
    "diff.txt": Format.TEXT,
    "diff.md": Format.MARKDOWN,
    "diff.json": Format.JSON,
}
CUT = "Cut to fit. The job's summary holds more, and `sftc diff` shows everything."
LIMIT = 60_000


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_each_format(case: Path) -> None:
    comparisons = compared(tree(case / "before"), tree(case / "after"))
    for name, form in GOLDENS.items():
        out = render(form, comparisons, max_length=LIMIT)
        if os.environ.get("SFTC_REWRITE"):
            (case / name).write_text(out, "utf-8")
        assert out == (case / name).read_text("utf-8")
    jsonschema.validate(json.loads((case / "diff.json").read_bytes()), schemas.load("diff"))
    assert {path.name for path in case.iterdir()} <= {"before", "after", *GOLDENS}


def test_only_a_rename_is_no_change() -> None:
    was, now = Side("abc1234:a.toml", {"model": "m"}), Side("b.toml", {"model": "m"})
    renamed = Comparison(was, now, "b.toml", moved=Move(MoveKind.RENAMED, "a.toml"))
    copied = Comparison(was, now, "b.toml", moved=Move(MoveKind.COPIED, "a.toml"))
    assert (renamed.changes, renamed.is_shown, renamed.is_change) == ([], True, False)
    assert (copied.changes, copied.is_shown, copied.is_change) == ([], True, True)


def test_what_has_another_note_stands_alone() -> None:
    plain = [changed(0, f"{name}.toml") for name in "abc"]
    noted = [replace(found, notes=("stale",)) for found in plain[:2]]
    other = replace(plain[2], notes=("lost",))
    text = render(Format.TEXT, [*plain, *noted, other])
    assert text.count("hyperparameters.n_epochs  1 → 2") == 3
    assert (text.count("! stale\n"), text.count("! lost\n")) == (1, 1)
    assert "2 payloads: a.toml, b.toml\n" in text


@pytest.mark.parametrize("name", ["a.toml", "abc1234:a.toml", "abc1234:./a.toml"])
def test_the_same_line_of_a_renamed_file_is_the_same_place(name: str) -> None:
    job = '[job]\nmodel = "{}"\n[compute]\ngpu_type = "H100"\n[hyperparameters]\n'
    old, new = side(job.format("a").encode(), name), side(job.format("b").encode(), "b.toml")
    comparison = Comparison(old, new, "b.toml", moved=Move(MoveKind.RENAMED, "a.toml"))
    assert render(Format.TEXT, [comparison]).endswith('"a" → "b"  b.toml:2:9\n')


def payload(number: int, **fields: object) -> dict[str, object]:
    """Return a payload of which no two are alike."""
    return {"model": "m", "hyperparameters": {"n_epochs": number, "per_device_batch": 1, **fields}}


def changed(number: int, name: str, **fields: object) -> Comparison:
    old, new = payload(1), payload(number + 2, **fields)
    return Comparison(Side(f"abc1234:{name}", old), Side(name, new), name)


FIELDS: dict[str, object] = {"per_device_batch": 4, "seed": 7, "lr": 1e-5, "warmup": 0.1}


def test_a_hundred_payloads_are_all_named() -> None:
    comparisons = [changed(n, f"configs/team-{n}/job.toml", **FIELDS) for n in range(100)]
    text = render(Format.MARKDOWN, comparisons, max_length=LIMIT)
    assert CUT not in text
    long = [changed(n, f"configs/{'x' * 300}/{n}.toml", **FIELDS) for n in range(100)]
    text = render(Format.MARKDOWN, long, max_length=LIMIT)
    assert text.endswith(f"\n{CUT}\n")
    assert len(text) <= LIMIT
    assert text.count("\n#### `configs/") > 5
    assert all(f"/{n}.toml`" in text for n in range(100))
    assert "`+ lr 1e-05`, `n_epochs 1 → 101`, `per_device_batch 1 → 4` and 2 more fields\n" in text


@pytest.mark.slow
def test_5000_payloads_are_counted() -> None:
    comparisons = [changed(n, f"configs/{n}.toml", **FIELDS) for n in range(5000)]
    text = render(Format.MARKDOWN, comparisons, max_length=LIMIT)
    assert text.startswith("<!-- sftc-diff -->\n### 5,000 payloads change\n\n- `configs/0.toml`: ")
    assert LIMIT - 500 < len(text) <= LIMIT
    named = text.count("- `configs/")
    assert text.endswith(f"\n- and {5000 - named:,} more payloads\n\n{CUT}\n")


@pytest.mark.slow
def test_5000_payloads_with_one_change_are_one_section() -> None:
    comparisons = [changed(0, f"configs/{n}.toml", **FIELDS) for n in range(5000)]
    text = render(Format.MARKDOWN, comparisons, max_length=LIMIT)
    assert "#### 5,000 payloads: `configs/0.toml`, `configs/1.toml`, `configs/2.toml`" in text
    assert "`configs/0.toml and 4,999 more` |" in text
    named = text.count("- `configs/")
    assert named > 2000
    assert f"- and {5000 - named:,} more\n" in text
    assert LIMIT - 500 < len(text) <= LIMIT
    assert render(Format.TEXT, comparisons).startswith(
        "5,000 payloads: configs/0.toml, configs/1.toml, configs/2.toml and 4,997 more\n"
    )


def test_a_payload_too_large_for_a_comment_shows_what_fits() -> None:
    comparison = changed(0, "a.toml", **{f"knob_{n:04}": n for n in range(5000)})
    text = render(Format.MARKDOWN, [comparison], max_length=LIMIT)
    rows = text.count("\n| +") + text.count("\n| ~")
    assert rows > 500
    assert f"\n\nand {5001 - rows:,} more\n" in text
    assert "<details><summary>5,001 fields</summary>" in text
    assert LIMIT - 500 < len(text) <= LIMIT


def test_what_needs_a_reviewer_most_comes_first() -> None:
    job = '[job]\nmodel = "m"\n[compute]\ngpu_type = "H100"\ngpu_count = {}\n[hyperparameters]\n'
    with_effects = Comparison(
        side(job.format(1).encode(), "e.toml", "abc1234:"),
        side(job.format(8).encode(), "e.toml"),
        "e.toml",
    )
    renamed = Comparison(
        Side("abc1234:o.toml", {}), Side("r.toml", {}), "r.toml", moved=Move(MoveKind.RENAMED, "o")
    )
    findings = read_side(b"[job]\n", "b.toml")
    assert isinstance(findings, tuple)
    broken = Comparison(None, None, "b.toml", broken=findings)
    others = [changed(n, f"configs/{n}.toml", **FIELDS) for n in range(300)]
    text = render(Format.MARKDOWN, [renamed, *others, with_effects, broken], max_length=LIMIT)
    places = [text.index(name) for name in ("`b.toml`", "`e.toml`", "`configs/0.toml`", "`r.toml`")]
    assert places == sorted(places)
    assert text.startswith(
        "<!-- sftc-diff -->\n### 301 payloads change, 1 is renamed, 1 does not compile\n"
    )
    assert "`o` → `r.toml` (renamed, payload unchanged)\n" in text


hostile = st.one_of(
    st.text(),
    st.text("`|<>&[]()!*_#\\-\n\r\t @\u202e\udc80", max_size=80),
    st.builds(lambda text, count: text * count, st.text(min_size=1), st.integers(1, 500)),
)
payloads = st.dictionaries(hostile, st.integers(0, 2) | hostile, max_size=6)
comparisons = st.builds(
    lambda name, old, new, note, move: Comparison(
        Side(f"abc:{name}", old) if old is not None else None,
        Side(name, new) if new is not None else None,
        name or "x",
        notes=(note,) if note is not None else (),
        moved=Move(MoveKind.RENAMED, move) if move is not None and None not in (old, new) else None,
    ),
    hostile,
    st.none() | payloads,
    st.none() | payloads,
    st.none() | hostile,
    st.none() | hostile,
).filter(lambda found: found.old or found.new)


def check(text: str) -> None:
    """Check that a comment is whole: no code span, list or table is left open."""
    assert text.endswith("\n")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    kinds = {
        "heading", "bullet_list", "list_item", "paragraph", "inline", "table", "thead", "tbody",
        "tr", "th", "td", "html_block", "blockquote",
    }  # fmt: skip
    for token in tokens:
        assert token.type.removesuffix("_open").removesuffix("_close") in kinds
        if token.type == "html_block":
            assert token.content.startswith(("<!-- sftc-diff -->", "<details>", "</details>"))
        for child in token.children or ():
            assert child.type in {"text", "code_inline", "strong_open", "strong_close"}
            assert child.type != "text" or "`" not in child.content
    assert text.count("<details><summary>") == text.count("\n</details>\n")


@example(found=[replace(changed(0, "a"), notes=("",))], times=1, longest=1000)
@given(
    found=st.lists(comparisons, max_size=8),
    times=st.sampled_from([1, 1, 9]),
    longest=st.integers(1000, 6000),
)
def test_a_comment_is_never_too_long(found: Sequence[Comparison], times: int, longest: int) -> None:
    text = render(Format.MARKDOWN, [*found] * times, max_length=longest)
    assert len(text) <= longest
    check(text)
    whole = render(Format.MARKDOWN, [*found] * times)
    check(whole)
    assert (text == whole) == (len(whole) <= longest)
    assert text == whole or text.endswith(f"\n{CUT}\n")
    render(Format.TEXT, [*found] * times)
