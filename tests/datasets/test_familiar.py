"""Findings of which there are examples enough are counted without being explained."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sftc.datasets.counting.report import Report
from sftc.datasets.counting.tallying import Judge
from sftc.datasets.reading.blocks import Block
from sftc.datasets.rows import accelerator, conversation
from sftc.datasets.rows.grouping import Familiar

ROLES = ("system", "user", "assistant", "tool", "usr", "asistant", "gpt", "foo")


@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from(ROLES), st.sampled_from(["", " ", "a", "é"])), max_size=4
        ),
        min_size=5,
        max_size=40,
    ),
    st.sampled_from([1, 3, 20]),
)
def test_what_is_familiar_is_counted_as_if_it_were_explained(
    rows: list[list[tuple[str, str]]], most: int
) -> None:
    """Each row is a block, so that after a few rows turns need not be explained."""
    texts = [
        json.dumps({"messages": [{"role": role, "content": said} for role, said in turns]})
        for turns in rows
    ]

    def told(*, forgetful: bool) -> tuple[object, ...]:
        judge = Judge(most)
        report = Report("data.jsonl", judge)
        for line, text in enumerate(texts):
            report.add(judge.tally(Block(text.encode() + b"\n", 0)).findings, line)
            if forgetful:
                judge.familiar = Familiar()
        return report.diagnostics(), report.counts()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conversation, "_sift", accelerator.sift_none)
        assert told(forgetful=False) == told(forgetful=True)
