"""Journals: any bytes in any pieces; what is told of a job does not depend on how they arrive."""

import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from sftc.backend.work.tail import Tail
from sftc.backend.work.transcript import Transcript, completed
from sftc.jobfolder import Entry, JournalError, Kind, read_entries
from sftc.jobfolder.entries import curve

_IN_A_CALENDAR: Final = 253402300800
"""Seconds since 1970 after which a time is shown as now."""


class _Told(NamedTuple):
    """What a journal has told."""

    entries: list[tuple[bytes, Entry]]
    error: str | None
    events: list[dict[str, Any]]
    points: list[dict[str, Any]]
    progress: tuple[int, int | None]
    rest: dict[str, Any]


def check(data: bytes) -> None:
    """Read the journal at once and in pieces, and compare with the reader of whole ones."""
    at_once = _told([data])
    random = Random(zlib.crc32(data))
    for most in (1, 4, 16):
        cuts = sorted(random.choices(range(len(data) + 1), k=random.randint(1, most)))
        pieces = [data[a:b] for a, b in pairwise([0, *cuts, len(data)])]
        assert _told(pieces) == at_once
    _is_plain(at_once)
    _agrees(data, at_once)


@cache
def _file() -> Path:
    return Path(tempfile.mkdtemp(prefix="sftc-fuzz-")) / "journal.jsonl"


def _told(pieces: list[bytes]) -> _Told:
    """Read a journal that is written in pieces."""
    path = _file()
    path.unlink(missing_ok=True)
    tail, transcript = Tail(path), Transcript()
    assert tail.read() == []
    told = _Told([], None, [], [], (0, None), {})
    error = None
    step, total = 0, None
    with path.open("ab", buffering=0) as file:
        for piece in pieces:
            os.write(file.fileno(), piece)
            try:
                while lines := tail.read():
                    batch = transcript.add(lines)
                    told.entries.extend(lines)
                    told.events.extend(asdict(event) for event in batch.events)
                    told.points.extend(asdict(point) for point in batch.points)
                    step, total = max(step, batch.step), batch.total_steps or total
            except JournalError as found:
                error = str(found)
                break
    _without_now(told)
    failure = transcript.failure()
    done = [asdict(completed(transcript.done))] if transcript.done else []
    rest = {
        "failure": failure and (failure.code, str(failure), dict(failure.data)),
        "final": transcript.is_final,
        "done": [{**each, "created_at": None} for each in done],
        **{
            name: getattr(transcript, name)
            for name in ("saved", "ends", "memory", "on_gpu", "pace")
        },
    }
    return told._replace(error=error, progress=(step, total), rest=rest)


def _without_now(told: _Told) -> None:
    """Take the times away if one of them is none, which is shown as the time it is read."""
    if any(not entry.at < _IN_A_CALENDAR for _, entry in told.entries):
        for one in (*told.events, *told.points):
            one["created_at"] = None


def _is_plain(told: _Told) -> None:
    """Require that what is stored is bounded, and JSON that every reader takes."""
    for event in told.events:
        json.dumps([event["data"], event["message"]], allow_nan=False, ensure_ascii=False).encode()
        assert len(event["message"]) <= 2001
        assert len(event["source"]) <= 200
    for point in told.points:
        json.dumps(point, allow_nan=False, ensure_ascii=False).encode()
    json.dumps(
        [told.rest["failure"], told.rest["done"]], allow_nan=False, ensure_ascii=False
    ).encode()
    sources = [event["source"] for event in told.events]
    assert len(set(sources)) == len(sources)


def _agrees(data: bytes, told: _Told) -> None:
    """Require that the reader of whole journals agrees, and that entries are written as read."""
    entries = [entry for _, entry in told.entries]
    try:
        whole = read_entries(data)
    except JournalError:
        assert told.error is not None
        whole = None
    if whole is not None and told.error is None:
        assert repr(whole) == repr(entries)
        curve(whole)
    for entry in entries:
        try:
            line = entry.to_line()
        except ValueError:
            continue  # a fact is no number
        again = Entry.from_line(line)
        if "\\ud" not in repr(entry):
            assert repr(again) == repr(entry)


def seeds() -> Iterator[bytes]:
    """Yield journals of trainings that went well, badly, and on."""
    step = {"train.loss": 1.5, "train.seconds": 0.5, "train.memory": 2e9, "val.loss": 2}
    started = {
        "resumed_from": None, "total_steps": 4, "device": "cuda", "world": 2, "parameters": 9,
        "trainable": 3, "versions": {"torch": "2"},
    }  # fmt: skip
    data = {"name": "training", "rows": 3, "dropped": 1, "cut": 2, "tokens": 40, "learned": 9}
    entries = [
        Entry(Kind.NOTE, 1.0, message="another way", pointer="/hyperparameters/seed"),
        Entry(Kind.DATA, 2, facts=data),
        Entry(Kind.START, 3.5, facts=started),
        *(Entry(Kind.STEP, 4.0 + n, n, step) for n in (1, 2)),
        Entry(Kind.EVALUATION, 6, 2, {"val.loss": 0.5}),
        Entry(Kind.SAVED, 7, 2, facts={"best": 2, "best_metric": 0.5}),
    ]
    ends = [
        Entry(Kind.REFUSED, 8, message="no", code="SFT704", pointer="/a", facts={"line": 3}),
        Entry(Kind.DIVERGED, 8, 3, message="nan", code="diverged"),
        Entry(Kind.FAILED, 8, message="full", code="disk-full"),
        Entry(Kind.INTERRUPTED, 8, 3),
        Entry(Kind.DONE, 9, 4, {"val.loss": 1}, facts={"best": 2, "best_metric": 1, "seconds": 3}),
    ]
    lines = [entry.to_line() for entry in entries]
    yield from (*lines, *(end.to_line() for end in ends))
    for end in ends:
        yield b"".join([*lines, end.to_line()])
        yield b"".join([*lines, end.to_line(), *lines, ends[-1].to_line()])
    yield b"".join([*lines, lines[3][:20]])
    yield b"".join([*lines, b"\n", *lines])


def words() -> list[str]:
    """Return the marks of JSON, and the names in a journal."""
    names = [
        *("format", "kind", "at", "step", "values", "message", "code", "pointer", "facts", "line"),
        *(
            "resumed_from",
            "total_steps",
            "device",
            "versions",
            "best",
            "best_metric",
            "rows",
            "name",
        ),
        *("train.loss", "train.seconds", "train.memory", "val.loss"),
    ]
    marks = [
        *(
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\n",
            "\r",
            "\r\n",
            "\x0b",
            "\x85",
            "NaN",
            "Infinity",
            "1e999",
        ),
        *(
            "-1",
            "true",
            "null",
            "9007199254740992",
            '"\\ud800"',
            "1e308",
            "0.5",
            '"cuda"',
            "[]",
            "{}",
        ),
        '{"format":1,"kind":"step","at":1,"step":1,"values":{"x":1}}\n',
        '{"format":1,"kind":"start","at":1,"facts":{"total_steps":4}}\n',
    ]
    return [*marks, *(f'"{name}":' for name in names), *(f'"{kind.value}"' for kind in Kind)]
