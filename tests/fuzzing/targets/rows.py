"""Rows: the accelerator says what Python says, and a file says the same however it is cut."""

import zlib
from array import array
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import xxhash

from sftc.datasets.counting.tally import Tally
from sftc.datasets.counting.tallying import Judge
from sftc.datasets.reading.blocks import BLANK, Block
from sftc.datasets.rows import accelerator, conversation
from sftc.datasets.rows.grouping import Findings
from sftc.datasets.rows.validating import validate_row

from .table import TESTS

_MOST = 100
_sift = accelerator.chosen(pure="")


def check(data: bytes) -> None:
    """Judge the bytes with the accelerator and without, as a whole and in blocks."""
    whole = _judged([data], _sift)
    pure = _judged([data], accelerator.sift_none)
    assert _all_of(whole[0]) == _all_of(pure[0])
    _is_surely_good(data)
    blocks = _blocks(data)
    for sift in (_sift, accelerator.sift_none):
        assert _together(_judged(blocks, sift)) == _together(whole)


def _judged(blocks: list[bytes], sift: Callable[[bytes], accelerator.Sifted]) -> list[Tally]:
    """Return the tallies of blocks of one file."""
    before = conversation._sift  # noqa: SLF001 - as in tests/datasets/test_accelerator.py
    conversation._sift = sift  # noqa: SLF001 - as above
    try:
        judge, offset, tallies = Judge(_MOST), 0, []
        for block in blocks:
            tallies.append(judge.tally(Block(block, offset)))
            offset += len(block)
        return tallies
    finally:
        conversation._sift = before  # noqa: SLF001 - as above


def _all_of(tally: Tally) -> tuple[object, ...]:
    fields = {name: getattr(tally, name) for name in Tally.__slots__}
    findings = fields.pop("findings")
    fields["lengths"] = sorted(fields["lengths"])
    return (fields, list(findings.groups.items()), findings.unseen)


def _is_surely_good(data: bytes) -> None:
    """Require that surely good rows have no finding, and the hash that Python computes."""
    sifted = _sift(data)
    lines = data.split(b"\n")
    places, hashes = array("I", sifted.places), array("Q", sifted.hashes)
    for place, digest in zip(places, hashes, strict=True):
        row = lines[place].strip(BLANK)
        assert xxhash.xxh64_intdigest(row) == digest
        assert not validate_row(lines[place].rstrip(BLANK)).findings


def _blocks(data: bytes) -> list[bytes]:
    """Cut bytes after some of their lines."""
    random = Random(zlib.crc32(data))
    blocks, lines = [b""], data.splitlines(keepends=True) if b"\r" not in data else _lines(data)
    for line in lines:
        if blocks[-1] and random.random() < 0.5:
            blocks.append(b"")
        blocks[-1] += line
    return blocks


def _lines(data: bytes) -> list[bytes]:
    parts = data.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _together(tallies: list[Tally]) -> tuple[Any, ...]:
    """Return what tallies of consecutive blocks say, added up."""
    first, all_findings = 0, Findings(_MOST)
    total = Tally(all_findings)
    for tally in tallies:
        all_findings.merge(tally.findings, first)
        total.roles += tally.roles
        for name in ("tools", "images", "reasoning"):
            setattr(total, name, getattr(total, name) + getattr(tally, name))
        for way, line in tally.arguments.items():
            total.arguments[way] = min(total.arguments.get(way, first + line), first + line)
        total.lengths.extend(tally.lengths)
        total.hashes.extend(tally.hashes)
        total.places.extend(first + place for place in tally.places)
        first += tally.lines
    total.lines = first
    groups = {
        kind: (
            group.severity,
            group.count,
            group.lines,
            [example[:2] for example in group.examples],
        )
        for kind, group in all_findings.groups.items()
    }
    facts = {name: getattr(total, name) for name in Tally.__slots__ if name != "findings"}
    return {**facts, "lengths": sorted(total.lengths)}, groups, all_findings.unseen


def seeds() -> Iterator[bytes]:
    """Yield the rows of the corpus: each alone, and each topic as a file."""
    for path in sorted((TESTS / "datasets" / "rows").glob("*.jsonl")):
        data = path.read_bytes()
        if len(data) < 8192:
            yield data
        for line in data.splitlines(keepends=True):
            if len(line) < 2048:
                yield line
                yield line * 8


def words() -> list[str]:
    """Return the marks of JSON, and what rows are made of."""
    keys = [
        *("messages", "role", "content", "tool_calls", "tool_call_id", "id", "type", "function"),
        *(
            "name",
            "arguments",
            "tools",
            "weight",
            "text",
            "image_url",
            "url",
            "metadata",
            "parameters",
        ),
        *(
            "reasoning_content",
            "reasoning",
            "thinking",
            "function_call",
            "images",
            "system",
            "user",
        ),
        *(
            "assistant",
            "tool",
            "developer",
            "human",
            "gpt",
            "conversations",
            "prompt",
            "completion",
        ),
    ]
    marks = [
        *(
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            '\\"',
            "\\\\",
            "\\n",
            "\\u00e9",
            "\\ud83d\\ude42",
            "\\ud800",
        ),
        *(
            "true",
            "false",
            "null",
            "NaN",
            "-Infinity",
            "1e400",
            "-0",
            "0.5",
            "1E+2",
            "\n",
            "\r\n",
            " ",
        ),
        *("[]", "{}", '""', "{}\n", "\ufeff", "\u2028", "\x7f", "\x00", "18446744073709551616"),
        '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}\n',
        '"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]',
    ]
    return [*marks, *(f'"{key}"' for key in keys), *(f'"{key}":' for key in keys)]
