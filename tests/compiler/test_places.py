"""The text under a span is what the span says it is, whatever the layout."""

import re
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from layouts import children, configs, keys, layout, values

from sftc.diagnostics import Aim
from sftc.diagnostics.toml_places import Places

DOCUMENTS = st.one_of(configs, st.dictionaries(keys, values, max_size=6))


def stretch(places: Places, path: tuple[str | int, ...], aim: Aim) -> str:
    span = places.span(path, aim)
    lines = places.lines
    start = lines.offset(span.line, span.column)
    return places.text[start : lines.offset(span.end_line, span.end_column)]


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    return [p for k, v in children(value) for p in ((*path, k), *paths(v, (*path, k)))]


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


@given(data=st.data(), document=DOCUMENTS)
def test_a_span_covers_its_key_and_its_value(data: st.DataObject, document: Any) -> None:
    text = data.draw(layout(document)).replace("\r\n", "\n")
    places = Places(text, "config.toml")
    read = tomli.loads(text)
    for path in paths(read):
        if isinstance(path[-1], str):
            key = stretch(places, path, Aim.KEY)
            assert tomli.loads(f"{key} = 0") == {path[-1]: 0}
        if path in places.values:
            value = stretch(places, path, Aim.VALUE)
            assert tomli.loads(f"x = {value}") == {"x": at(read, path)}
        elif path in places.headers:
            header = stretch(places, path, Aim.TABLE)
            assert re.fullmatch(r"\[.*\]", header, re.DOTALL)
            assert last_key(tomli.loads(header)) == next(
                p for p in reversed(path) if isinstance(p, str)
            )
        else:  # a table made by dotted keys, or by the headers of its children
            assert isinstance(at(read, path), dict | list)


def last_key(table: Any) -> str:
    key = ""
    while table:
        if isinstance(table, list):
            table = table[0]
        else:
            key, table = next(iter(table.items()))
    return key


@pytest.mark.parametrize(
    ("text", "path", "aim", "place"),
    [
        ("[a]\nb = 1\n", ("a", "b"), Aim.KEY, (2, 1, 2, 2)),
        ("[a]\nb = 1\n", ("a", "b"), Aim.VALUE, (2, 5, 2, 6)),
        ("[a]\nb = 1\n", ("a", "missing"), Aim.TABLE, (1, 1, 1, 4)),
        ("[a]\nb = 1\n", ("missing",), Aim.TABLE, (1, 1, 1, 4)),
        ("# only a comment\n", ("missing",), Aim.TABLE, (1, 1, 1, 1)),
        ("[a.b]\nc = 1\n[a]\nd = 2\n", ("a",), Aim.TABLE, (3, 1, 3, 4)),
        ("[a.b]\nc = 1\n[a]\nd = 2\n", ("a",), Aim.KEY, (3, 2, 3, 3)),
        ("a.b.c = 1\n", ("a", "b"), Aim.KEY, (1, 3, 1, 4)),
        ("a = {b = {c = [1, 2]}}\n", ("a", "b", "c", 1), Aim.VALUE, (1, 19, 1, 20)),
        ("[[t]]\nx = 1\n[[t]]\nx = 2\n", ("t", 1, "x"), Aim.VALUE, (4, 5, 4, 6)),
        ("[[t]]\n[t.u]\n[[t]]\n[t.u]\n", ("t", 1, "u"), Aim.TABLE, (4, 1, 4, 6)),
        ('"宽 é" = "👩‍👩‍👧"\t# x\n', ("宽 é",), Aim.VALUE, (1, 9, 1, 16)),
        ('s = """\na\n""""\n', ("s",), Aim.VALUE, (1, 5, 3, 5)),
        ("s = '''a'''''\nb = 1\n", ("s",), Aim.VALUE, (1, 5, 1, 14)),
        ("d = 1979-05-27 07:32:00 # x\n", ("d",), Aim.VALUE, (1, 5, 1, 24)),
        ("t = 07:32\n", ("t",), Aim.VALUE, (1, 5, 1, 10)),
        ("a = [ # ]\n 1, # [\n]\n", ("a", 0), Aim.VALUE, (2, 2, 2, 3)),
        ("\t a \t.\t b = 1\n", ("a", "b"), Aim.KEY, (1, 9, 1, 10)),
    ],
)
def test_places(
    text: str, path: tuple[str | int, ...], aim: Aim, place: tuple[int, int, int, int]
) -> None:
    span = Places(text, "config.toml").span(path, aim)
    assert (span.line, span.column, span.end_line, span.end_column) == place
