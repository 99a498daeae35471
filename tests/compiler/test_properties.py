"""What must hold of the compiler for every config, and for every string of bytes."""

import json
import math
from typing import Any

import tomli
import tomlkit
from exact_values import at_pointer, exact, leaves
from hypothesis import given
from hypothesis import strategies as st
from layouts import configs, layout, values

import sftc
from sftc import FromConfig, Severity, schemas


@given(data=st.data(), config=configs)
def test_each_leaf_is_forwarded_exactly_or_accounted_for(
    data: st.DataObject, config: dict[str, Any]
) -> None:
    compiled = sftc.compile_config(data.draw(layout(config)))
    assert compiled.payload_bytes is not None, compiled.diagnostics
    read_back = json.loads(compiled.payload_bytes)
    forwarded = {
        origin.path: at_pointer(read_back, pointer)
        for pointer, origin in compiled.provenance.items()
        if isinstance(origin, FromConfig)
    }
    for path, value in leaves(config).items():
        if path in forwarded:
            assert exact(forwarded[path]) == exact(value)
        else:
            assert (
                stays_with_the_client(path)
                or opens_a_table(path)
                or any(names(diagnostic, path) for diagnostic in compiled.diagnostics)
            ), path
    assert forwarded.keys() <= leaves(config).keys()


def names(diagnostic: sftc.Diagnostic, path: tuple[str | int, ...]) -> bool:
    """Whether a finding is about a leaf: at it, at a table around it, or by its neighbour."""
    about = diagnostic.path
    beside = about[:-1] == path[: len(about) - 1] and len(path) >= len(about) > 0
    return path[: len(about)] == about != () or (
        beside and f"`{path[len(about) - 1]}`" in diagnostic.message
    )


def stays_with_the_client(path: tuple[str | int, ...]) -> bool:
    return any(schemas.key_schema(path[:n]).get("x-sftc-client") for n in range(1, len(path) + 1))


def opens_a_table(path: tuple[str | int, ...]) -> bool:
    """Whether an empty table is one that the format knows: it holds nothing to forward."""
    return schemas.key_schema(path).get("type") == "object"


@given(data=st.data(), config=configs)
def test_the_same_data_gives_the_same_bytes(data: st.DataObject, config: dict[str, Any]) -> None:
    first = sftc.compile_config(data.draw(layout(config)))
    second = sftc.compile_config(data.draw(layout(config)))
    assert first.payload_bytes is not None
    assert first.payload_bytes == second.payload_bytes
    assert first.payload_bytes == sftc.compile_config(tomlkit.dumps(config)).payload_bytes


@given(value=values)
def test_a_verbatim_table_keeps_types_and_bits(value: Any) -> None:
    table = {"knob": value}
    config = {
        "job": {"model": "m"},
        "compute": {"gpu_type": "H100"},
        "hyperparameters": {"parallelism": table},
        "data": {"topology": table},
    }
    compiled = sftc.compile_config(tomlkit.dumps(config))
    assert compiled.payload_bytes is not None
    payload = json.loads(compiled.payload_bytes)
    assert exact(payload["hyperparameters"]["parallelism"]) == exact(table)
    assert exact(payload["metadata"]["effective_config"]["data"]["topology"]) == exact(table)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_recognisable_as_one(value: float) -> None:
    config = '[job]\nmodel = "m"\n[compute]\ngpu_type = "H100"\n[hyperparameters]\nx = {!r}\n'
    compiled = sftc.compile_config(config.format(value))
    assert compiled.payload_bytes is not None
    written = next(line for line in compiled.payload_bytes.split(b"\n") if b'"x"' in line)
    number = written.split(b":")[1].strip()
    assert any(mark in number for mark in (b".", b"e"))
    assert math.copysign(1, float(number)) == math.copysign(1, value)
    assert float(number) == value


def assert_documented(source: str | bytes) -> None:
    """Assert that compiling has one of the two documented outcomes."""
    compiled = sftc.compile_config(source)
    errors = [d for d in compiled.diagnostics if d.severity is Severity.ERROR]
    assert (compiled.payload is None) == bool(errors)
    assert (compiled.payload_bytes is None) == (compiled.payload is None)
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    lines = text.split("\n")
    for diagnostic in compiled.diagnostics:
        span = diagnostic.span
        assert 1 <= span.line <= span.end_line <= len(lines)
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1
        assert (span.end_line, span.end_column) >= (span.line, span.column)


@given(st.binary(max_size=200))
def test_any_bytes(source: bytes) -> None:
    assert_documented(source)


@given(st.text(max_size=200))
def test_any_text(source: str) -> None:
    assert_documented(source)


@given(st.text(alphabet="ab=[]{}.,\"'\n #1-:T\\_\r\t\0", max_size=60))
def test_anything_made_of_the_marks_of_toml(source: str) -> None:
    assert_documented(source)


@given(data=st.data(), config=configs)
def test_a_config_with_a_hole_or_a_patch(data: st.DataObject, config: dict[str, Any]) -> None:
    text = data.draw(layout(config))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    patch = data.draw(st.text(max_size=3))
    assert_documented(text[:start] + patch + text[end:])


SLIPS = st.sampled_from(
    [
        *(
            "\\",
            '"',
            "'",
            '"""',
            "[",
            "]",
            "{",
            "}",
            "=",
            ",",
            ":",
            ".",
            "#",
            "-",
            "%",
            "$",
            "(",
            "+",
        ),
        *(
            "\xa0",
            "\u200b",
            "\ufeff",
            "\u2028",
            "\x85",
            "\uff1d",
            "\u201c",
            "\u2019",
            "\u2212",
            "\uff0c",
        ),
        *(
            "\x1b",
            "\0",
            "\x7f",
            "\r",
            "\t",
            "\n",
            "\xe9",
            "\u0430",
            "\uff11",
            "\U000e0001",
            "\ud800",
        ),
        *("4k", "1e5M", "50%", "2 GB", "1e999999999K", "-k", "0x", "1.5.2", "12:3", "1__0", "1_"),
        *(
            "yes",
            "Off",
            "NaN",
            "None",
            'r"',
            "${X}",
            "//",
            "/*",
            "C:\\Users",
            "\\U",
            "\\ud800",
            "\\x",
        ),
        *("\n<<<<<<< a\n", "\n=======\n", "\n>>>>>>> b\n", "\n---\n", "\na:\n  b: c\n", '{"a": 1}'),
    ]
)


@given(data=st.data(), config=configs, slips=st.lists(SLIPS, min_size=1, max_size=3))
def test_a_config_with_slips(data: st.DataObject, config: dict[str, Any], slips: list[str]) -> None:
    text = data.draw(layout(config))
    for slip in slips:
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.sampled_from((start, start, min(len(text), start + 1), len(text))))
        text = text[:start] + slip + text[end:]
    assert_documented(text)


@given(st.lists(SLIPS, max_size=8))
def test_slips_alone(slips: list[str]) -> None:
    assert_documented("".join(slips))


@given(data=st.data(), config=configs)
def test_a_syntax_error_is_never_ours_alone(data: st.DataObject, config: dict[str, Any]) -> None:
    """What sftc calls unreadable, tomli refuses; what tomli reads, sftc does not refuse."""
    text = data.draw(layout(config))
    cut = data.draw(st.integers(0, len(text)))
    try:
        readable = bool(tomli.loads(text[:cut]))
    except tomli.TOMLDecodeError:
        readable = False
    codes = {diagnostic.code for diagnostic in sftc.compile_config(text[:cut]).diagnostics}
    assert readable == codes.isdisjoint({"SFT004", "SFT005", "SFT008"})
