"""Conversions and fixes in constant memory, with work proportional to the file."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sftc.datasets.converting import convert
from sftc.datasets.repairing import fix

MEGABYTE = 1_000_000
MOST_MEMORY = 100 * 1024  # KiB

APART = """
import json, sys
from sftc.datasets.converting import convert
from sftc.datasets.repairing import fix
size = 0
def write(data):
    global size
    size += len(data)
if sys.argv[2] == "fix":
    result = fix(sys.argv[1], write)
else:
    result = convert(sys.argv[1], sys.argv[2], write)
with open("/proc/self/status") as status:
    used = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps([used, size, result.facts()]))
"""
TURN = '{"from": "%s", "value": "%s"}'
ROW = '{"id": "%d", "conversations": [' + TURN % ("human", "w " * 100)
ROW += ", " + TURN % ("gpt", "é " * 300) + "]}"


def apart(path: Path, what: str) -> tuple[int, int, dict[str, Any]]:
    """Convert or fix in a process of its own; return its memory in KiB, bytes written, facts."""
    command = [sys.executable, "-c", APART, str(path), what]
    used, size, facts = json.loads(subprocess.check_output(command, cwd=path.parent))
    return used, size, facts


@pytest.mark.slow
@pytest.mark.parametrize("between", [",\n", ","])
def test_memory_does_not_grow_with_an_array(tmp_path: Path, between: str) -> None:
    path = tmp_path / "data.json"
    count = 30 * MEGABYTE // len(ROW.encode())
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for number in range(count):
            file.write((between if number else "") + ROW % number)
        file.write("]")
    assert path.stat().st_size > 29 * MEGABYTE
    used, size, facts = apart(path, "sharegpt")
    assert (facts["written"], facts["errors"], facts["notes"]) == (count, 0, count)
    assert size > 29 * MEGABYTE
    assert used < MOST_MEMORY
    used, size, facts = apart(path, "fix")
    assert (facts["rows"], facts["changes"][0]["count"]) == (count, count)
    assert used < MOST_MEMORY


@pytest.mark.slow
def test_a_row_that_is_too_large_is_refused_or_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    turns = [{"role": "usr", "content": "x " * 10 * MEGABYTE}, {"role": "assistant"}]
    path.write_text(json.dumps({"messages": turns}) + "\r\n")
    used, size, facts = apart(path, "fix")
    assert (size, facts["changes"]) == (
        path.stat().st_size - 1,
        [{"kind": "line-ends", "count": 1, "lines": [1]}],
    )
    assert used < MOST_MEMORY
    used, size, facts = apart(path, "openai-legacy")
    assert (size, facts["errors"]) == (0, 1)
    assert used < MOST_MEMORY
    path.write_text(f"[{json.dumps({'messages': turns})}]")
    for what in ("fix", "openai-legacy"):
        _, size, facts = apart(path, what)
        assert (size, facts["complete"], facts["errors"]) == (0, False, 1)


@pytest.mark.parametrize("depth", [100, 300, 2_000, 100_000])
@pytest.mark.parametrize("is_array", [False, True])
def test_depth_is_no_danger(tmp_path: Path, depth: int, *, is_array: bool) -> None:
    deep = "[" * depth + "]" * depth
    text = json.dumps({"name": "f", "arguments": {"x": 0}}).replace("0", deep)
    turns = [{"from": "function_call", "value": text}, {"from": "gpt", "value": "a"}]
    rows = [
        json.dumps({"conversations": [turns[1]], "x": 0}).replace("0", deep),
        json.dumps({"conversations": turns}),
        json.dumps({"messages": [{"role": "gpt", "content": "a"}], "x": 0}).replace("0", deep),
    ]
    path = tmp_path / "data.json"
    path.write_text(f"[{','.join(rows)}]" if is_array else "\n".join(rows))
    pieces: list[bytes] = []
    result = convert(str(path), "sharegpt", pieces.append)
    written = [json.loads(line) for line in b"".join(pieces).splitlines()]
    assert len(written) == result.written == (2 if depth == 100 else 0)
    repaired = fix(str(path), pieces.append)
    assert repaired.changes or depth > 100
    assert not repaired.valid


def sharegpt(path: Path) -> None:
    convert(str(path), "sharegpt", lambda _: None)


def legacy(path: Path) -> None:
    convert(str(path), "openai-legacy", lambda _: None)


def fixed(path: Path) -> None:
    fix(str(path), lambda _: None)


def array(row: Callable[[int], str]) -> Callable[[int], str]:
    return lambda n: "[" + ",\n".join(row(number) for number in range(n)) + ",\n]"


USER = '{"role": "user", "content": "a"}'
GROWING: dict[str, tuple[Callable[[Path], None], Callable[[int], str]]] = {
    "elements": (sharegpt, array(lambda n: ROW % n)),
    "other keys": (sharegpt, array(lambda n: f'{{"k{n}": 1, "conversations": []}}')),
    "bad elements": (sharegpt, array(lambda n: f'{{"k{n}": 1}}')),
    "turns": (
        sharegpt,
        lambda n: f'{{"conversations": [{", ".join([TURN % ("human", "a")] * n)}]}}\n',
    ),
    "keys of one row": (
        sharegpt,
        lambda n: (
            '{"conversations": [], ' + ", ".join(f'"k{number}": 1' for number in range(n)) + "}\n"
        ),
    ),
    "calls": (
        legacy,
        lambda n: (
            '{"messages": ['
            + ", ".join(
                f'{{"role": "assistant", "function_call": {{"name": "f{number}"}}}}'
                for number in range(n)
            )
            + "]}\n"
        ),
    ),
    "calls and then answers": (
        legacy,
        lambda n: (
            '{"messages": ['
            + ", ".join(
                [
                    *['{"role": "assistant", "function_call": {"name": "f"}}'] * n,
                    *['{"role": "function", "name": "f", "content": "1"}'] * n,
                ]
            )
            + "]}\n"
        ),
    ),
    "trailing commas": (fixed, array(lambda _: f'{{"messages": [{USER},],}}')),
    "commas in a row": (fixed, lambda n: f'{{"messages": [{USER}], "x": [{"[1,]," * n}]}}\n'),
    "roles": (fixed, lambda n: f'{{"messages": [{USER.replace("user", "usr")}]}}\r\n' * n),
    "blank lines": (fixed, lambda n: "\r\n" * n + "{}\r\n"),
}


def work(function: Callable[[Path], None], path: Path) -> int:
    """Return the lines of Python that a function runs."""
    count = 0

    def count_lines(_frame: Any, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return count_lines

    sys.settrace(count_lines)
    try:
        function(path)
    finally:
        sys.settrace(None)
    return count


@pytest.mark.slow_but_first
@pytest.mark.parametrize("kind", GROWING)
def test_work_is_proportional_to_the_file(kind: str, tmp_path: Path) -> None:
    function, text = GROWING[kind]
    counts = []
    for size in (1, 300, 600):  # the first loads modules
        path = tmp_path / "data.json"
        path.write_text(text(size))
        counts.append(work(function, path))
    assert counts[2] < 2.5 * counts[1]
