"""Rows drawn at random, most of them good or nearly, and written in many ways."""

import json
from typing import Any

from hypothesis import strategies as st

from sftc.datasets.rows.garbling import garbled

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
ids = st.sampled_from(["a", "b", "a", "", "\u00e9"])
long_integers = st.sampled_from(
    [2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64 - 1, 2**64, 10**19, 10**20, -(10**30)]
)
arguments = (
    st.sampled_from(
        ["{}", '{"a": 1}', "{'a': 1}", '{"a": "é\\n"}', "[1]\n", "", "NaN", '"\\ud800"']
    )
    | st.just({"a": 1})
    | texts
)
called = {"name": names, "arguments": arguments}
calls = table({}, {"function": table({}, called), **called, "id": ids})
functions: Any = {"name": names, "description": st.none() | texts, "parameters": st.just({})}
tools = table({}, {**functions, "function": table({}, functions)})
parts = st.sampled_from(
    [
        [{"type": "image_url"}],
        [{"type": "text", "text": "a"}],
        [{"type": "text", "text": " "}],
        [{"text": ""}],
        {"type": "text", "text": ""},
        {"type": "image", "text": ""},
        [],
        {},
        [1],
        [None],
        [""],
        ["a"],
        [[]],
        [{}],
    ]
)
roles = st.sampled_from(
    [
        "system",
        "developer",
        "user",
        "assistant",
        "assistant",
        "tool",
        "function",
        "human",
        "User",
        "",
    ]
)
messages = table(
    {"role": roles, "content": texts | st.none() | parts},
    {
        "tool_calls": st.none() | st.lists(calls, max_size=2),
        "name": st.none() | texts,
        "reasoning": st.none() | texts,
        "raw_content": st.none() | texts,
        "tool_call_id": ids,
        "function_call": st.none() | table({}, called),
        "weight": st.sampled_from([0, 1, None, 0.5, 1.0, -0.0, True, 2**64]),
        "text": texts,
        "number": st.integers() | long_integers,
    },
)
rows = table(
    {"messages": st.lists(messages, min_size=1, max_size=5)},
    {
        "tools": st.none() | st.lists(tools, max_size=2),
        "metadata": st.none() | st.fixed_dictionaries({"a": st.just(1) | long_integers}),
    },
)


said = texts.map("{}.".format).filter(lambda text: not list(garbled(text, ())))


@st.composite
def usual_rows_of_turns(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a conversation as good datasets have it, with calls and their answers."""
    system = draw(st.sampled_from([[], ["system"], ["developer"]]))
    turns: list[dict[str, Any]] = [{"role": role, "content": draw(said)} for role in system]
    for number in range(draw(st.integers(1, 3))):
        turns.append({"role": "user", "content": draw(said)})
        kept = draw(st.lists(st.sampled_from("abc"), max_size=2, unique=True))
        if kept:
            turns.append(
                {
                    "role": "assistant",
                    "content": draw(st.none() | said),
                    "tool_calls": [
                        {
                            "id": f"{identity}{number}",
                            "type": "function",
                            "function": {
                                "name": draw(st.sampled_from(["search", "f"])),
                                "arguments": draw(
                                    st.sampled_from(["{}", '{"a": [1]}\n', {"b": 2}])
                                ),
                            },
                        }
                        for identity in kept
                    ],
                }
            )
            turns += [
                {"role": "tool", "tool_call_id": f"{identity}{number}", "content": draw(said)}
                for identity in draw(st.permutations(kept))
            ]
        turns.append({"role": "assistant", "content": draw(said)})
    optional = draw(
        st.fixed_dictionaries(
            {}, optional={"reasoning": st.none() | texts, "weight": st.sampled_from([1, None])}
        )
    )
    row: dict[str, Any] = {"messages": [*turns[:-1], {**turns[-1], **optional}]}
    defined = draw(st.sampled_from([None, [], ["f", "search"], ["add", "search", "f"]]))
    if defined is None:
        return row
    nested = draw(st.booleans())
    given = [{"type": "function", "function": {"name": name}} for name in defined]
    tools = {"tools": given if nested else [{"name": name} for name in defined]}
    return tools | row if draw(st.booleans()) else row | tools


usual_messages = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["system", "user", "assistant", "assistant"]),
        "content": st.none() | texts,
    },
    optional={
        "tool_calls": st.lists(calls, max_size=2),
        "tool_call_id": ids,
        "reasoning": st.none() | texts,
        "weight": st.sampled_from([0, 1]),
    },
)
usual_rows = usual_rows_of_turns() | st.fixed_dictionaries(
    {"messages": st.lists(usual_messages, min_size=1, max_size=4)},
    optional={
        "tools": st.lists(st.fixed_dictionaries({"name": names}), max_size=3),
        "metadata": st.just({"a": {"b": 1}}),
    },
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


_ODD_PIECES = [
    b"\\ud800",
    b"\\udc00\\ud800",
    b"\\ud83d\\ude42",
    b"\\u0000",
    b"\x00",
    b"\xef\xbb\xbf",
    b"\\uFEFF",
    b"\xc3\x83\xc2\xa9",
    b"\\u00c3\\u00a9",
    b"\\u00e2\xe2\x82\xac",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xc0\x80",
    b"\xe2\x80\xa8",
    b"\xc2\x85",
    b"\x0b",
    b"\x0c",
    b"\x1c",
    b"\r",
    b"\t",
    b"\\",
    b'"',
    b"NaN",
    b"-Infinity",
    b"-",
    b"1e999",
    b"-0",
    b"1.0e0",
    b"0.5",
    b"00",
    b"9" * 30,
    b"9" * 4301,
    b"[" * 70,
    b'{"a":' * 70,
    b"{}",
    b"[]",
    b"null",
    b"true",
    b",",
    b":",
    b'"role":"user",',
    b'"\\u0072ole":1,',
    b'"weight":1.00,',
    b'"metadata":{"a":1,"a":2},',
    b'"parameters":{"\\ud800":{}},',
    b'"arguments":{"id":7},',
    b'"function_call":{"name":"f"},',
    b'"name":"search",',
    b'"n\\u0061me":"f",',
    b'"tools":[{"name":"f"},{"function":{"name":"search"}}],',
    b'"tool_calls":[{"id":"a","name":"search"}],',
]
"""What readers of JSON stumble over, and what rules look at where it seldom stands."""


@st.composite
def wild_lines(draw: st.DrawFn) -> bytes:
    """Draw bytes: a row with such pieces in it or between its tokens, or nothing like a row."""
    row = draw(st.binary(max_size=40) | lines() | lines_with_a_key_twice())
    for _ in range(draw(st.integers(0, 3))):
        begins = [at for at in range(len(row)) if row[at : at + 1] in b'{[,:"'] or [0]
        at = draw(st.sampled_from(begins)) + draw(st.integers(0, 1))
        row = row[:at] + draw(st.sampled_from(_ODD_PIECES)) + row[at:]
    return row.replace(b"\n", b" ")
