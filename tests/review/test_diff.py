"""``sftc diff``: exactly what differs, which line causes it, and what it means for the run.

The folders of ``diffs/`` are data: ``old.toml`` and ``new.toml``, and how their difference is
shown in each format. ``SFTC_REWRITE=1`` rewrites the goldens.
"""

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonpatch
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layouts import configs, layout
from markdown_it import MarkdownIt
from typer.testing import CliRunner

import sftc
from sftc import cli, schemas
from sftc.compiler.inspection import canonical_bytes
from sftc.report import Format
from sftc.review import Comparison, Side, read_side, render

HERE = Path(__file__).parent
DIFFS = sorted((HERE / "diffs").iterdir())
GOLDENS = {
    "diff.txt": Format.TEXT,
    "diff.md": Format.MARKDOWN,
    "diff.json": Format.JSON,
}
each_diff = pytest.mark.parametrize("case", DIFFS, ids=lambda path: path.name)


def diff(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, ["diff", *arguments])
    return result.exit_code, result.stdout, result.stderr


def side(data: bytes, name: str) -> Side:
    found = read_side(data, name)
    assert isinstance(found, Side), found
    return found


@each_diff
def test_each_format(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(case)
    monkeypatch.setenv("NO_COLOR", "1")
    for name, form in GOLDENS.items():
        code, out, err = diff("old.toml", "new.toml", "--format", form)
        if os.environ.get("SFTC_REWRITE"):
            (case / name).write_text(out, "utf-8")
        assert out == (case / name).read_text("utf-8")
        assert (code, err) == (int(bool((case / "diff.txt").read_text())), "")
    assert len(list(case.iterdir())) == 2 + len(GOLDENS)


@pytest.mark.slow_but_first
@each_diff
def test_the_json_keeps_its_schema_and_its_patch_applies(case: Path) -> None:
    printed = json.loads((case / "diff.json").read_text("utf-8"))
    jsonschema.validate(printed, schemas.load("diff"))
    (found,) = printed["comparisons"]
    old, new = (
        sftc.compile_config((case / name).read_bytes()) for name in ("old.toml", "new.toml")
    )
    assert canonical_bytes(jsonpatch.apply_patch(old.payload, found["patch"])) == new.payload_bytes


@given(old=configs, new=configs, data=st.data())
def test_patches_of_any_two_configs_apply(
    old: dict[str, Any], new: dict[str, Any], data: st.DataObject
) -> None:
    texts = [data.draw(layout(config)).encode() for config in (old, new)]
    before, after = side(texts[0], "old.toml"), side(texts[1], "new.toml")
    comparison = Comparison(before, after)
    patched = jsonpatch.apply_patch(before.payload, comparison.patch)
    assert canonical_bytes(patched) == canonical_bytes(after.payload)
    shown = render(Format.TEXT, [comparison]) + render(Format.MARKDOWN, [comparison])
    assert all(quantity.name in shown for quantity in comparison.effects)
    found = json.loads(render(Format.JSON, [comparison]))
    jsonschema.validate(found, schemas.load("diff"))


@given(config=configs, data=st.data())
def test_order_and_layout_never_show_up(config: dict[str, Any], data: st.DataObject) -> None:
    sides = [side(data.draw(layout(config)).encode(), name) for name in ("a.toml", "b.toml")]
    assert Comparison(sides[0], sides[1]).changes == []
    payload = Side("job.json", sides[0].payload)
    assert Comparison(payload, sides[1]).changes == []


def cells(markdown: str) -> list[list[str]]:
    """Return the rows of the tables in a Markdown text, as its readers see them."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    rows: list[list[str]] = []
    for before, token in pairwise(tokens):
        if before.type == "tr_open":
            rows.append([])
        if before.type in ("td_open", "th_open"):
            rows[-1].append("".join(child.content for child in token.children or ()))
            kinds = {child.type for child in token.children or ()}
            assert kinds <= {"text", "code_inline"}, "a value is a link, an image or a tag"
    return rows


def test_hostile_values_stay_in_their_cells() -> None:
    case = HERE / "diffs" / "hostile-names-and-values"
    rows = cells((case / "diff.md").read_text("utf-8"))
    assert {len(row) for row in rows} == {5}
    assert [row[1] for row in rows[1:]] == [
        'hyperparameters.notes.""',
        'hyperparameters.notes."<script>"',
        r'hyperparameters.notes."a\u007cb\u0060c"',
        "hyperparameters.notes.long",
    ]


@given(value=st.text(), key=st.text())
def test_any_text_stays_in_its_cell(value: str, key: str) -> None:
    payload = json.loads((HERE.parent / "cases" / "minimal" / "job.json").read_bytes())
    changed = {**payload, "hyperparameters": {key: value, **payload["hyperparameters"]}}
    comparison = Comparison(Side("a.json", payload), Side("b.json", changed))
    rows = cells(render(Format.MARKDOWN, [comparison]))
    assert {len(row) for row in rows} <= {5}
    assert len(rows) == 1 + len(comparison.fields) if comparison.fields else not rows


def test_steps_per_epoch_where_the_rows_are_pinned(tmp_path: Path) -> None:
    job = json.loads((HERE.parent / "cases" / "qlora" / "job.json").read_bytes())
    pin = {"sha256": "0" * 64, "bytes": 10, "examples": 100_000}
    job["metadata"]["sftc"]["files"]["training"].update(pin)
    job["metadata"]["effective_config"]["compute"]["gpu_count"] = 1
    job["hyperparameters"].update(per_device_batch=1, gradient_accumulation_steps=64)
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(job))
    job["hyperparameters"].update(per_device_batch=4)
    new.write_text(json.dumps(job, indent=7))
    code, out, _ = diff(str(old), str(new))
    assert code == 1
    assert "effective batch 64 → 256 (4 × 64 accumulation × 1 data-parallel)" in out
    assert "steps per epoch 1,563 → 391 (100,000 rows ÷ 256, rounded up)" in out


BAD = {
    "not-json": ("{", "1:2: error[SFT502]: the payload is not JSON: expecting property name"),
    "nan": (
        '{"model": NaN}',
        "1:11: error[SFT502]: the payload is not JSON: NaN is not a JSON value",
    ),
    "type": (
        (HERE.parent / "cases" / "minimal" / "job.json").read_text().replace(": 1", ": 1.0"),
        "error[SFT503]: `hyperparameters.n_epochs` is 1.0, but must be an integer",
    ),
}
"""More of them, and all that is said of each: tests/payloads."""


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_payload(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text, message = BAD[name]
    Path("job.json").write_text(text)
    code, out, err = diff("job.json", "job.json")
    assert (code, out) == (2, "")
    assert message in err


def test_sides_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.toml").write_text("[job]\n")
    code, _, err = diff("bad.toml", "none.toml")
    assert code == 2
    assert "bad.toml:1:1: error[SFT101]" in err
    assert "none.toml:1:1: error[SFT001]" in err
    assert (
        "SFT601]: cannot read `HEAD:x.toml` from git: this folder is not in a git repository"
        in diff("HEAD:x.toml", "bad.toml")[2]
    )
    assert diff("main")[0] == 2
