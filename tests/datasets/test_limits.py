"""Memory, sizes, threads, and files that change or end while they are read."""

import gzip
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from backports import zstd

from sftc.datasets import Measured, Unreadable, measure, upload_bytes
from sftc.datasets.counting import measuring, repeats
from sftc.datasets.reading import blocks
from sftc.datasets.rows import accelerator, conversation

ROW = b'{"messages": [{"role": "user", "content": "%d"}, {"role": "assistant", "content": "hi"}]}\n'
MEGABYTE = 1_000_000
MOST_MEMORY = 100 * 1024  # KiB

MEASURE = """
import json, resource, sys
from sftc.datasets import measure
from sftc.datasets.reading import blocks
blocks.LARGEST = int(sys.argv[3])
measured = measure(sys.argv[1], jobs=int(sys.argv[2]))
# Not RUSAGE_SELF: it still counts what the tests' own process held when it forked this one.
with open("/proc/self/status") as status:
    own = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
used = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
found = [[d.code, d.span.line, *d.path] for d in measured.diagnostics]
print(json.dumps([used, measured.rows, measured.bytes, found]))
"""


def measured_apart(
    path: Path, jobs: int = 1, largest: int = blocks.LARGEST
) -> tuple[int, int, int, list[list[object]]]:
    """Measure in a process of its own; return its peak memory in KiB, rows, bytes, findings."""
    import json

    command = [sys.executable, "-c", MEASURE, str(path), str(jobs), str(largest)]
    used, rows, size, found = json.loads(subprocess.check_output(command, cwd=path.parent))
    return used, rows, size, found


def write(path: Path, *pieces: bytes, repeated: tuple[bytes, int] = (b"", 0)) -> Path:
    """Write pieces, with another one many times between the first and the rest."""
    with path.open("wb") as file:
        file.write(pieces[0])
        for _ in range(repeated[1]):
            file.write(repeated[0])
        for piece in pieces[1:]:
            file.write(piece)
    return path


@pytest.mark.slow_but_first
@pytest.mark.parametrize("jobs", [1, 2])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, jobs: int) -> None:
    path = tmp_path / "data.jsonl"
    with path.open("wb") as file:
        for number in range(500_000):
            file.write(ROW % number if number != 250_000 else b'{"messages": [{"role": 5}]}\n')
    used, rows, size, found = measured_apart(path, jobs)
    assert found == [["SFT414", 250_001, "messages", 0, "role"]]
    assert (rows, size) == (500_000, path.stat().st_size)
    assert used < MOST_MEMORY


@pytest.mark.slow
def test_a_hundred_megabytes_in_one_row(tmp_path: Path) -> None:
    head = b'{"messages": [{"role": "assistant", "content": "'
    text = ('words \\"and\\" \\u00e9scapes, été\\n' * 1000).encode()
    path = write(
        tmp_path / "data.jsonl",
        ROW % 1 + head,
        b'"}, {"role": 5}]}\n' + ROW % 2,
        repeated=(text, 100 * MEGABYTE // len(text)),
    )
    used, rows, _, found = measured_apart(path)
    assert found == [["SFT414", 2, "messages", 1, "role"], ["SFT444", 2]]
    assert rows == 3
    assert used < MOST_MEMORY


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("head", "part", "tail", "code"),
    [
        (
            b'{"messages": [',
            b'{"role": "user"}, ',
            b'{"role": "assistant", "name": "f"}]}',
            "SFT443",
        ),
        (b'{"messages": [{"role": "assistant", "content": [', b"[],", b"[1]]}, 5]}", "SFT414"),
        (
            b'{"messages": [{"role": "assistant", "tool_calls": [',
            b'{"name": "f"},',
            b"{}]}]}",
            "SFT413",
        ),
        (b'{"messages": [', b"[", b"", "SFT412"),
        (b"", b"[{},", b"", "SFT412"),
        (b"", b"x", b"", "SFT408"),
        (b'{"messages": [{"role": "', b"\xff", b'"}]}', "SFT407"),
        (b'{"messages": [{"role": "', b" ", b'"}]}', "SFT416"),
        (b'{"messages": [{"role": "a", "content": ', b"1", b"}]}", "SFT424"),
        (b'{"', b"k", b'": 1}', "SFT413"),
        (b"", b"    \t", b"{}", "SFT413"),
    ],
)
def test_no_large_row_takes_much_memory(
    tmp_path: Path, head: bytes, part: bytes, tail: bytes, code: str
) -> None:
    path = write(
        tmp_path / "data.jsonl",
        ROW % 1 + head,
        tail + b"\n",
        repeated=(part * 1000, 4 * MEGABYTE // (1000 * len(part))),
    )
    used, rows, _, found = measured_apart(path, largest=2 * MEGABYTE)
    assert rows == 2
    assert [code, 2] in [place[:2] for place in found]
    assert used < MOST_MEMORY


@pytest.mark.slow_but_first
@pytest.mark.parametrize("size", [255_000, 263_000, 9_980_000, 10_020_000, 10_300_000])
@pytest.mark.parametrize("fill", [b"a", "é".encode(), b'\\"'])
def test_rows_at_the_edges_of_the_ways_to_read_them(tmp_path: Path, size: int, fill: bytes) -> None:
    for number, (content, expected) in enumerate(
        [(b'"content": "%b"', []), (b'"content": ["%b"], "role": 5', ["SFT414"])]
    ):
        message = content % (fill * (size // len(fill)))
        row = b'{"messages": [{"role": "assistant", %b}]}\n' % message
        path = write(tmp_path / f"{number}.jsonl", ROW % 1 + row + ROW % 2 + row)
        measured = measure(str(path))
        codes = [
            diagnostic.code for diagnostic in measured.diagnostics if diagnostic.span.line == 2
        ]
        # Its role stands twice, and it may be too large: warnings besides.
        assert [code for code in codes if code not in ("SFT440", "SFT444")] == expected
        assert measured.rows == 4
        if not expected:
            (twice,) = [d for d in measured.diagnostics if d.code != "SFT444"]
            assert (twice.code, twice.span.line) == ("SFT445", 4)
            (first,) = twice.related
            assert (first.span.document, first.span.line) == (measured.file, 2)


@pytest.mark.slow
def test_the_largest_rows_that_are_kept_whole_take_little_memory(tmp_path: Path) -> None:
    part = b'{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, '
    row = b'{"messages": [%b{"role": "user", "content": "c"}, {"role": "assistant"}]}\n'
    rows = [row % (part * (9 * MEGABYTE // len(part))), ROW % 1] * 3
    path = write(tmp_path / "data.jsonl", *rows)
    for jobs in (1, 4):
        used, count, _, found = measured_apart(path, jobs)
        assert (count, found[0]) == (
            6,
            ["SFT443", 1, "messages", 2 * (9 * MEGABYTE // len(part)) + 1],
        )
        assert used < MOST_MEMORY


def mixture(path: Path) -> Path:
    """Write good, bad, blank, repeated and large rows in no order."""
    rand = random.Random(5)
    kinds: list[Callable[[], bytes]] = [
        lambda: ROW % rand.randrange(10**9),
        lambda: ROW % rand.randrange(500),
        lambda: b'{"messages": [{"role": 5}]}\n',
        lambda: b"\n",
        lambda: b'{"messages": [{"role": "user", "content": "%b"}]}\n' % (b"x" * 5_000),
        lambda: b"{\xff}\n",
        '{"messages": [{"role": "assistant", "content": "été"}]}\r\n'.encode,
    ]
    with path.open("wb") as file:
        while file.tell() < 6 * MEGABYTE:
            kind = rand.choices(kinds, weights=[200, 20, 1, 1, 40, 1, 5])[0]
            file.writelines(kind() for _ in range(rand.randrange(40)))
            if rand.random() < 1 / 400:
                file.write(
                    b'{"messages": [{"role": "user", "content": "%b"}]}\n' % (b"y" * 3_000_000)
                )
    return path


@pytest.mark.slow
def test_the_result_does_not_depend_on_the_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(mixture(tmp_path / "data.jsonl"))
    alone = measure(path, jobs=1)
    codes = [d.code for d in alone.diagnostics]
    assert set(codes) >= {"SFT414", "SFT407", "SFT445", "SFT441"}
    each = measure(path, jobs=1, most=None)
    assert each.counts == alone.counts
    assert Counter(d.severity for d in each.diagnostics) == alone.counts
    assert [d.lines[0] for d in alone.diagnostics if d.lines] == [
        next(e.span.line for e in each.diagnostics if e.code == d.code)
        for d in alone.diagnostics
        if d.lines
    ]
    for jobs in (2, 3):
        assert measure(path, jobs=jobs) == alone
        assert measure(path, jobs=jobs, most=None) == each
    monkeypatch.setattr(conversation, "_sift", accelerator.sift_none)  # nor on the accelerator
    assert measure(path) == alone
    assert measure(path, most=None) == each
    few = measure(path, jobs=2, most=2)
    assert few == measure(path, jobs=1, most=2)
    assert [d.code for d in few.diagnostics] == [*codes[:2], "SFT445"]
    assert few.counts == alone.counts


def test_the_result_does_not_depend_on_how_the_file_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(mixture(tmp_path / "data.jsonl"))
    whole = measure(path, most=50)
    for size in (4_000, 70_001, 1_000_000):
        monkeypatch.setattr(blocks, "READ", size)
        assert measure(path, most=50) == whole


def test_the_table_of_rows_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "SLOTS", 1 << 14)
    monkeypatch.setattr(repeats, "_SMALLEST", 1 << 11)
    table = repeats.Repeats()
    assert table.add([0, 5, 0], [0, 1, 2], start=1) == [(2, 1)]
    rows = [random.Random(n).getrandbits(64) for n in range(20_000)]
    assert table.add(rows, range(20_000), start=1) == []
    again = table.add(rows, range(20_000), start=20_001)
    kept = 3 * 2**12 - 2
    assert again == [(n, n + 1) for n in range(kept)]
    assert table.add([7, 7], [1, 2], start=1) == []  # it is full: nothing new is remembered


def test_it_is_said_that_later_rows_are_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "SLOTS", 8)
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"".join(ROW % n for n in range(5)))
    assert measure(str(path)).diagnostics == ()
    path.write_bytes(b"".join(ROW % n for n in (*range(8), 2, 7)))
    full, twice = sorted(measure(str(path)).diagnostics, key=lambda one: one.span.line)
    assert full.message == "only the first 6 distinct rows were checked for duplicates"
    assert (twice.code, twice.span.line) == ("SFT445", 9)  # nobody knows the seventh any more


@pytest.mark.parametrize("how", ["append", "replace", "touch", "remove", "truncate"])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, how: str) -> None:
    path = write(tmp_path / "data.jsonl", b"", repeated=(ROW % 1, 20_000))

    meddled: list[int] = []

    def meddle(done: int) -> None:
        if meddled or done < MEGABYTE // 2:
            return
        meddled.append(done)
        match how:
            case "append":
                with path.open("ab") as file:
                    file.write(ROW % 2)
            case "replace":
                other = write(tmp_path / "other", path.read_bytes())
                other.replace(path)
            case "touch":
                os.utime(path, (1, 1))
            case "remove":
                path.unlink(missing_ok=True)
            case "truncate":
                with path.open("r+b") as file:
                    file.truncate(900_000)

    measured = measure(str(path), progress=meddle, most=100_000)
    codes = [diagnostic.code for diagnostic in measured.diagnostics]
    assert "SFT404" in codes
    assert set(codes) - {"SFT404"} <= ({"SFT445", "SFT409"} if how == "truncate" else {"SFT445"})
    assert not measured.valid
    assert measured.pin is None


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupted_run_leaves_nothing_behind(tmp_path: Path, jobs: int) -> None:
    fifo = tmp_path / "data.jsonl"
    os.mkfifo(fifo)
    command = [sys.executable, "-m", "sftc", "data", str(fifo), "--jobs", str(jobs)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, process_group=0
    )
    with fifo.open("wb") as file:
        file.write(ROW % 1 * 50_000)
        file.flush()
        time.sleep(0.2)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(240) != 0  # a machine may be busy
    assert [path.name for path in tmp_path.iterdir()] == ["data.jsonl"]
    with pytest.raises(ProcessLookupError):  # nothing is left of it
        os.killpg(process.pid, 0)
    _, said = process.communicate()
    assert b"Traceback" not in said


def test_progress_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "data.jsonl", b"", repeated=(ROW % 1, 20_000))
    told: list[int] = []
    measured: Measured = measure(str(path), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == measured.bytes == path.stat().st_size


def test_small_files_start_no_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Iterator[object]:
        raise AssertionError

    monkeypatch.setattr(measuring, "tallies", fail)
    assert measure(str(write(tmp_path / "data.jsonl", ROW % 1))).valid


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data.jsonl.zst", b"{}\n" * 30_000_000),
        ("data.jsonl.zst", b'{"messages": [' + b" " * 100_000_000),
        ("data.jsonl.gz", (ROW % 1) * 250_000),
    ],
)
def test_reading_stops_where_a_small_file_holds_too_much(
    tmp_path: Path, name: str, text: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else zstd.compress(text))
    measured = measure(str(path))
    assert measured.diagnostics[0].code == "SFT425"
    assert measured.rows < 10_000_000
    assert measured.pin is None
    with pytest.raises(Unreadable):
        for _ in upload_bytes(str(path)):
            pass


def test_a_file_of_the_same_size_that_is_not_compressed_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "data.jsonl", b"", repeated=(ROW % 1, 250_000))
    assert measure(str(path)).valid


def test_a_compressed_file_may_hold_what_rows_shrink_to(tmp_path: Path) -> None:
    rows = b"".join(ROW % number for number in range(300_000))
    path = tmp_path / "data.jsonl.gz"
    path.write_bytes(gzip.compress(rows))
    assert measure(str(path)).bytes == len(rows)
