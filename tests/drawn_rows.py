"""Rows drawn at random, most of them good or nearly, and written in many ways."""

import json
from typing import Any

from hypothesis import strategies as st

blank = st.sampled_from(["", " ", "\t", "\u00a0", "\u3000", "\u2028"])
texts = st.text(st.characters(codec="utf-8"), max_size=8) | blank
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
anything = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def mostly(good: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Good values, and now and then any."""
    return st.integers(0, 9).flatmap(lambda n: anything if n == 0 else good)


def table(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {key: mostly(value) for key, value in required.items()},
        optional={**{key: mostly(value) for key, value in optional.items()}, "id": anything},
    )


names = st.sampled_from(["search", "f", "", " "])
calls = table({}, {"function": table({}, {"name": names, "arguments": texts}), "name": names})
functions: Any = {"name": names, "description": st.none() | texts, "parameters": st.just({})}
tools = table({}, {**functions, "function": table({}, functions)})
parts = st.sampled_from([[{"type": "image_url"}], [{"type": "text", "text": "a"}], [], {}, [1]])
roles = st.sampled_from(["user", "assistant", "assistant", "tool", "human", ""])
messages = table(
    {"role": roles, "content": texts | st.none() | parts},
    {
        "tool_calls": st.none() | st.lists(calls, max_size=2),
        "name": st.none() | texts,
        "reasoning": st.none() | texts,
        "raw_content": st.none() | texts,
        "tool_call_id": texts,
    },
)
rows = table(
    {"messages": st.lists(messages, min_size=1, max_size=4)},
    {"tools": st.none() | st.lists(tools, max_size=2), "metadata": st.none() | st.just({"a": 1})},
)


usual_calls = st.fixed_dictionaries(
    {
        "id": texts,
        "type": st.just("function"),
        "function": st.fixed_dictionaries({"name": names, "arguments": texts}),
    }
)
usual_messages = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["system", "user", "assistant", "assistant"]),
        "content": st.none() | texts,
    },
    optional={
        "tool_calls": st.lists(usual_calls, max_size=2),
        "tool_call_id": names.filter(bool),
        "reasoning": st.none() | texts,
    },
)
usual_rows = st.fixed_dictionaries(
    {"messages": st.lists(usual_messages, min_size=1, max_size=4)},
    optional={"tools": st.just([{"name": "f"}]), "metadata": st.just({"a": {"b": 1}})},
)


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """Draw a row in one of the ways that JSON is written in, whole or with bytes changed."""
    compact = draw(st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]))
    row = draw(rows | usual_rows)
    text = json.dumps(row, ensure_ascii=draw(st.booleans()), separators=compact)
    line = text.encode("utf-8").replace(b"\n", b" ")
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        at = draw(st.integers(0, len(line)))
        piece = draw(
            st.sampled_from([b"", b'"', b"\\", b"{", b"]", b",", b"\xff", b"\\ud800", b"1"])
        )
        line = line[:at] + piece + line[at + draw(st.integers(0, 3)) :]
    return line.replace(b"\n", b" ").strip(b" \t\r") or b"{}"


@st.composite
def lines_with_a_key_twice(draw: st.DrawFn) -> bytes:
    """Draw a row in which a piece of an object is written a second time."""
    text = json.dumps(draw(rows | usual_rows)).encode()
    begins = [at for at in range(len(text)) if text[at : at + 2] == b'{"']
    at = draw(st.sampled_from(begins)) + 1
    key = text[at : text.index(b'"', at + 1) + 1]
    return text[:at] + key + b": 1, " + text[at:]
