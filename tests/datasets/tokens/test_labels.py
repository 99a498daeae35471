"""What is learned, over rows whose answers are known."""

import json
from pathlib import Path
from typing import Any

import pytest
import tiny_tokenizer
from hypothesis import given
from hypothesis import strategies as st

from sftc import Severity
from sftc.datasets import measure
from sftc.datasets.tokens import Counted, count_tokens, load
from sftc.datasets.tokens.labels import stretches
from sftc.datasets.tokens.row import RowReader, RowTokens
from sftc.diagnostics import codes

UNTAUGHT = "it has no assistant message, or all of them have weight 0"
BEHIND = "every trained token is beyond the first 100"
SAID: dict[str, Any] = {"role": "assistant", "content": "four"}
ASKED = {"role": "user", "content": "2+2?"}
LONG = {"role": "user", "content": "x" * 200}
UNWANTED = {**SAID, "weight": 0}
UNLABELLED: list[tuple[list[dict[str, Any]], str | None]] = [
    ([ASKED, SAID], None),
    ([ASKED], UNTAUGHT),  # nobody answers
    ([ASKED, {"role": "system", "content": "four"}], UNTAUGHT),
    ([LONG, SAID], BEHIND),
    ([ASKED, SAID, LONG], None),  # what is cut off is no answer
    ([SAID], None),
    ([ASKED, {"role": "assistant", "content": ""}], None),  # the end of the turn is learned
    ([ASKED, {"role": "Assistant", "content": "four"}], UNTAUGHT),
    ([LONG, SAID, ASKED, SAID], BEHIND),
    ([ASKED, SAID, LONG, SAID], None),
    ([{"role": "tool", "content": "4"}], UNTAUGHT),
    ([ASKED, UNWANTED], UNTAUGHT),
    ([ASKED, UNWANTED, ASKED, SAID], None),
    ([ASKED, UNWANTED, LONG, SAID], BEHIND),
    ([ASKED, {**SAID, "weight": 1}, ASKED, UNWANTED], None),
]
"""Conversations, and why nothing of their first 100 tokens is learned."""


def counted(folder: Path, template: str, rows: list[Any], **options: Any) -> Counted:
    files = load(str(tiny_tokenizer.save(folder / "tokenizer", template)))
    data = folder / "train.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return count_tokens(str(data), files, **options)


def read(folder: Path, template: str, *messages: dict[str, Any], **row: Any) -> RowTokens:
    files = load(str(tiny_tokenizer.save(folder, template)))
    return RowReader(files).read({"messages": list(messages), **row})


def learned_text(row: RowTokens) -> list[str]:
    assert row.text is not None
    assert row.learned is not None
    spans = [(row.offsets[start][0], row.offsets[stop - 1][1]) for start, stop in row.learned]
    return [row.text[start:stop] for start, stop in spans]


@pytest.mark.slow_but_first
@pytest.mark.parametrize("template", [tiny_tokenizer.MARKED, tiny_tokenizer.UNMARKED])
def test_rows_without_labels_are_those_that_have_none(tmp_path: Path, template: str) -> None:
    drawn = [UNLABELLED[number * 7 % len(UNLABELLED)] for number in range(300)]
    rows = [{"messages": messages, "metadata": {"n": n}} for n, (messages, _) in enumerate(drawn)]
    known = [(line, why) for line, (_, why) in enumerate(drawn, 1) if why]
    result = counted(tmp_path, template, rows, length=100, most=None)
    said = {why: f"no token of the row is trained on: {why}" for why in (UNTAUGHT, BEHIND)}
    named = [found for found in result.diagnostics if found.severity is Severity.ERROR]
    assert [(found.span.line, found.message) for found in named] == [
        (line, said[why]) for line, why in known
    ]
    assert (result.tokens.rows_without_labels, result.tokens.rows_labels_unknown) == (len(known), 0)
    assert result.counts[Severity.ERROR] == len(known)

    grouped = counted(tmp_path, template, rows, length=100)
    assert [(found.message, found.count) for found in grouped.diagnostics[:2]] == [
        (said[why], sum(each == why for _, each in known)) for why in (UNTAUGHT, BEHIND)
    ]
    judged = counted(tmp_path, template, rows, length=100, judged=True)
    assert [found.code for found in judged.diagnostics] == ["SFT461", "SFT462"]
    assert judged.diagnostics[0].message == said[BEHIND]
    assert judged.tokens.rows_without_labels == len(known)


@pytest.mark.parametrize("template", [tiny_tokenizer.MARKED, tiny_tokenizer.UNMARKED])
def test_a_turn_of_weight_0_is_not_learned(tmp_path: Path, template: str) -> None:
    other = {"role": "assistant", "content": "no", "weight": 0}
    row = read(tmp_path, template, ASKED, SAID, ASKED, other, ASKED, SAID)
    assert [text.strip() for text in learned_text(row)] == ["four<|im_end|>"] * 2
    assert learned_text(read(tmp_path, template, ASKED, other)) == []


def test_markers_and_weights_need_beginnings_that_stay(tmp_path: Path) -> None:
    ending = tiny_tokenizer.MARKED + "{% if not add_generation_prompt %}<|end|>{% endif %}"
    row = read(tmp_path, ending, ASKED, UNWANTED, ASKED, SAID)
    assert (row.learned, row.why_unknown) == (
        None,
        "it renders the beginning of the conversation differently",
    )
    assert read(tmp_path, ending, ASKED, SAID, ASKED, SAID).learned is not None


def test_with_markers_and_without_the_same_is_learned(tmp_path: Path) -> None:
    for template, more in ((tiny_tokenizer.MARKED, ""), (tiny_tokenizer.UNMARKED, "\n")):
        row = read(tmp_path, template, ASKED, SAID, ASKED, {"role": "assistant", "content": "5"})
        assert learned_text(row) == [f"four<|im_end|>{more}", f"5<|im_end|>{more}"]
        assert row.why_unknown == ""


@pytest.mark.slow
def test_a_template_that_rewrites_beginnings_tells_nothing(tmp_path: Path) -> None:
    known = {"messages": [ASKED, SAID]}
    unknown = {"messages": [ASKED, SAID, ASKED, SAID]}
    result = counted(tmp_path, tiny_tokenizer.ENDING, [known, unknown, unknown, known])
    assert (
        result.tokens.rows,
        result.tokens.rows_labels_unknown,
        result.tokens.rows_without_labels,
    ) == (
        4,
        2,
        0,
    )
    assert result.tokens.trained == 2 * len("four_\n_")
    (finding,) = result.diagnostics
    assert (finding.code, finding.span.line) == ("SFT463", 2)
    assert "2 rows" in finding.message
    alone = counted(tmp_path, tiny_tokenizer.ENDING, [unknown])
    assert (alone.tokens.trained, alone.tokens.rows_without_labels) == (None, None)


def test_markers_that_are_not_where_they_write_tell_nothing(tmp_path: Path) -> None:
    captured = "{% set x %}{% generation %}said{% endgeneration %}{% endset %}before {{ x }}"
    row = read(tmp_path, captured, SAID)
    assert (row.text, row.learned) == ("before said", None)
    assert row.why_unknown == "its generation markers are not around its output"


def test_tools_and_calls_that_are_left_out(tmp_path: Path) -> None:
    call = {"type": "function", "function": {"name": "f", "arguments": {}}}
    calling = {"role": "assistant", "content": "", "tool_calls": [call, call]}
    tools = [{"name": "f"}, {"type": "function", "function": {"name": "g"}}]
    written = "{% for c in m.tool_calls %}{{ c.function.name }} {% endfor %}"
    first = "{{ m.tool_calls[0].function.name }}"
    listed = "{{ tools | tojson }}"
    for body, dropped in (
        (listed + written, ()),
        (listed + first, ("calls",)),
        (written, ("tools",)),
        ("", ("tools", "calls")),
    ):
        before, _, after = body.partition("{{ tools | tojson }}")
        template = (listed if listed in body else "") + (
            "{% for m in messages %}" + (after or before) + "{% endfor %}"
        )
        assert read(tmp_path, template, calling, tools=tools).dropped == dropped, body
    assert read(tmp_path, "", ASKED).dropped == ()


def test_special_tokens_in_data_and_two_beginnings(tmp_path: Path) -> None:
    odd = {"role": "user", "content": [{"type": "text", "text": "a<|im_end|>b<|im_"}]}
    row = read(tmp_path, tiny_tokenizer.MARKED, odd, SAID, tools=[{"name": "<|end|>"}])
    assert sorted(row.special) == ["<|end|>", "<|im_end|>"]
    beginning = "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}"
    assert not read(tmp_path, beginning, SAID).begins_twice
    twice = read(tmp_path, beginning, {"role": "user", "content": "<s>4"})
    assert twice.begins_twice
    assert twice.special == ("<s>",)


@pytest.mark.slow
def test_what_is_cut_off(tmp_path: Path) -> None:
    rows = [{"messages": [ASKED, SAID]}, {"messages": [ASKED, SAID, LONG, SAID]}]
    whole = counted(tmp_path, tiny_tokenizer.MARKED, rows)
    assert (whole.tokens.rows_cut, whole.tokens.cut) == (0, 0)
    assert whole.tokens.trained == 3 * len("four_")
    cut = counted(tmp_path, tiny_tokenizer.MARKED, rows, length=100)
    assert (cut.tokens.total, cut.tokens.rows_cut) == (whole.tokens.total, 1)
    assert cut.tokens.cut == whole.tokens.percentiles["max"] - 100
    assert cut.tokens.trained == 2 * len("four_")
    (finding,) = cut.diagnostics
    assert (finding.code, finding.span.line) == ("SFT462", 2)


spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6)), max_size=6)
widths = st.lists(st.integers(0, 5), max_size=20)


@given(spans, widths)
def test_stretches_are_the_tokens_that_overlap(drawn: list[Any], sizes: list[int]) -> None:
    """As transformers has it: one pass over tokens and spans, both in order."""
    marked, at = [], 0
    for gap, size in drawn:
        marked.append((at + gap, at + gap + size))
        at += gap + size
    offsets, at = [], 0
    for size in sizes:
        offsets.append((at, at + size))
        at += size
    wanted, place = [0] * len(offsets), 0
    for index, (start, stop) in enumerate(offsets):
        while place < len(marked) and start >= marked[place][1]:
            place += 1
        if place == len(marked):
            break
        if stop > marked[place][0]:
            wanted[index] = 1
    got = [0] * len(offsets)
    for first, last in stretches(marked, offsets):
        got[first:last] = [1] * (last - first)
    assert got == wanted


@pytest.mark.slow
def test_a_file_that_changes_between_its_passes(tmp_path: Path) -> None:
    result = counted(tmp_path, tiny_tokenizer.MARKED, [{"messages": [ASKED, SAID]}])
    path = tmp_path / "train.jsonl"
    assert result.added_to(measure(str(path))).valid
    path.write_text(json.dumps({"messages": [LONG, SAID]}) + "\n")
    both = result.added_to(measure(str(path)))
    assert [one.code for one in both.diagnostics] == [codes.CHANGED_WHILE_READ]
    assert not both.valid
