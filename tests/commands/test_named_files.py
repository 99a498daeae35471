"""Files, devices and pipes that a user names: written each in its way, and read once."""

import os
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sample_files import GOOD, SFTC, environment, write_samples

import sftc
from sftc import schemas
from sftc.disk import writing
from sftc.disk.files import MOST

FULL = b"no space left on device"


def sftc_in(folder: Path, command: str, **options: Any) -> Any:
    """Run ``sftc`` by way of a shell."""
    done = subprocess.run(
        ["bash", "-c", command.replace("sftc ", f"{SFTC} ")],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        check=False,
        timeout=60,
        **options,
    )
    assert b"Traceback" not in done.stderr
    return done


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return a folder with what the commands read."""
    return write_samples(tmp_path)


PAYLOAD = sftc.compile_config(GOOD).payload_bytes or b""


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("command", "before"),
    [
        ("sftc compile good.toml -o /dev/stdout", b""),
        ("sftc compile good.toml -o /dev/fd/1", b""),
        ("ln -s /dev/stdout link; sftc compile good.toml -o link", b""),
        ("sftc compile good.toml -o >(cat)", b""),
        ("sftc compile good.toml -o /dev/fd/7 7>&1", b""),
        ("echo log > log; sftc compile good.toml -o /dev/stdout >> log; cat log", b"log\n"),
        ("(echo log; sftc compile good.toml -o /dev/stdout) > log; cat log", b"log\n"),
        ("mkfifo f; cat f & sftc compile good.toml -o f; wait; test -p f", b""),
    ],
)
def test_what_is_no_file_is_written_to(command: str, before: bytes, here: Path) -> None:
    done = sftc_in(here, command)
    assert (done.returncode, done.stdout, done.stderr) == (0, before + PAYLOAD, b"")


def devices() -> tuple[list[Path], list[int]]:
    """Return what there is in /dev, and of which kind two of them are."""
    kinds = [Path("/dev", name).stat().st_mode for name in ("null", "full")]
    return [path for path in Path("/dev").iterdir() if path.is_file()], kinds


@pytest.mark.slow_but_first
@pytest.mark.parametrize("name", ["/dev/null", "/dev/full", "/dev/stdout", "/dev/fd/77", "good.d"])
@pytest.mark.parametrize(
    "command",
    ["compile good.toml -o", "lift good.job.json --force -o", "init --force"],
)
def test_devices_stay(name: str, command: str, here: Path) -> None:
    (here / "good.d").mkdir()
    before = devices()
    left = sorted(path.name for path in here.iterdir())
    full = name == "/dev/stdout"
    done = sftc_in(here, f"sftc {command} {name}{' > /dev/full' if full else ''}")
    if name == "/dev/null":
        assert (done.returncode, done.stderr) == (0, b"")
    else:
        reason = {"/dev/fd/77": b"bad file descriptor", "good.d": b"is a directory"}.get(name, FULL)
        assert done.returncode == 1
        assert done.stderr == b"sftc: cannot write %b: %b\n" % (name.encode(), reason)
    assert done.stdout == b""
    assert devices() == before
    assert sorted(path.name for path in here.iterdir()) == left


@pytest.mark.slow
def test_lift_and_init_write_one_thing_where_they_were_told(here: Path) -> None:
    left, kept = sorted(here.iterdir()), devices()
    lifted = sftc_in(here, "sftc lift good.job.json -o /dev/stdout")
    assert (lifted.returncode, lifted.stderr) == (0, b"")
    assert sftc.compile_config(lifted.stdout).payload_bytes == PAYLOAD
    begun = sftc_in(here, "sftc init /dev/stdout")
    assert begun.stdout.startswith(b"#:schema ")
    assert (begun.returncode, begun.stderr) == (0, b"")
    assert (sorted(here.iterdir()), devices()) == (left, kept)
    assert sftc_in(here, "sftc lift good.job.json -o new/a.toml").returncode == 0
    assert (here / "new" / "config.schema.json").read_bytes() == schemas.text("config")


@pytest.mark.slow_but_first
@pytest.mark.parametrize("name", ["<(cat warned.toml)", "pipe", "/dev/null", "/dev/stdin"])
def test_what_cannot_be_rewritten_is_not_fixed(name: str, here: Path) -> None:
    os.mkfifo(here / "pipe")
    done = sftc_in(here, f"sftc lint --fix {name} < warned.toml")
    assert done.returncode == 2
    assert b"it is no regular file; `-` prints the fixed text" in done.stderr
    assert stat.S_ISFIFO((here / "pipe").stat().st_mode)
    assert sftc_in(here, "sftc lint --diff <(cat warned.toml)").stdout.count(b"\n") > 3


def test_a_file_is_replaced(tmp_path: Path) -> None:
    path, link, other = (tmp_path / name for name in ("file", "link", "other"))
    path.write_bytes(b"old")
    path.chmod(0o640)
    other.hardlink_to(path)
    link.symlink_to("file")
    writing.write(link, b"new")
    assert (path.read_bytes(), other.read_bytes()) == (b"new", b"old")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert link.is_symlink()
    dangling = tmp_path / "dangling"
    dangling.symlink_to("deep/target")
    writing.write(dangling, b"made")
    assert dangling.is_symlink()
    assert (tmp_path / "deep" / "target").read_bytes() == b"made"
    long = tmp_path / ("a" * 255)
    writing.write(long, b"long")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(
        ["file", "link", "other", "dangling", "deep", long.name]
    )
    mask = os.umask(0o027)
    writing.write(tmp_path / "new", b"")
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def failing(*_: object) -> None:
    raise OSError(28, "No space left on device")


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "step", ["os.fsync", "pathlib.Path.replace", "sftc.disk.writing.write_all"]
)
@pytest.mark.parametrize("failure", [failing, interrupted])
def test_nothing_is_left_behind(
    step: str, failure: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"old")
    monkeypatch.setattr(step, failure)
    for name in ("file", "a/b/new"):
        with pytest.raises((OSError, KeyboardInterrupt)):
            writing.write(tmp_path / name, b"new")
    assert [path.name for path in tmp_path.rglob("*")] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("good.toml/x", "not a directory"),
        ("loop", "too many levels of symbolic links"),
        ("a" * 300, "file name too long"),
        ("sock", "no such device or address"),
        ("/proc/x/y", "no such file or directory"),
    ],
)
def test_what_cannot_be_written_is_said(name: str, reason: str, here: Path) -> None:
    (here / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(here / "sock"))
    left = sorted(here.rglob("*"))
    done = sftc_in(here, f"sftc compile good.toml -o {name}")
    assert done.returncode == 1
    assert done.stderr.decode() == f"sftc: cannot write {name}: {reason}\n"
    assert sorted(here.rglob("*")) == left


@pytest.mark.slow
def test_several_payloads_are_said_and_not_written_twice(here: Path) -> None:
    for number in range(12):
        (here / f"n{number:02}.toml").write_text(GOOD, "utf-8")
    assert sftc_in(here, "sftc compile --write n00.toml").stderr == b"Wrote n00.job.json.\n"
    before = (here / "n00.job.json").stat()
    two = sftc_in(here, "sftc compile --write n00.toml n01.toml n02.toml")
    assert two.stderr == b"Wrote n01.job.json and n02.job.json.\n"
    many = sftc_in(here, "sftc compile --out-dir out n*.toml").stderr.decode()
    assert many.startswith("Wrote 12 files: out/n00.job.json, out/n01.job.json, ")
    assert many.endswith(", out/n09.job.json, and 2 more.\n")
    assert sftc_in(here, "sftc compile --out-dir out n*.toml").stderr == b""
    after = (here / "n00.job.json").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


BIG = f"{GOOD}[hyperparameters.more]\n" + "".join(f"knob_{i} = {i}\n" for i in range(20_000))


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "command",
    [
        "sftc compile <(cat big.toml)",
        "cat big.toml | sftc compile /dev/stdin",
        "cat big.toml | sftc compile -",
        "mkfifo f; (head -c 9 big.toml; sleep 0.3; tail -c +10 big.toml) > f & sftc compile f",
    ],
)
def test_a_pipe_is_read_to_its_end(command: str, here: Path) -> None:
    (here / "big.toml").write_text(BIG, "utf-8")
    done = sftc_in(here, command)
    assert done.stdout == sftc.compile_config(BIG).payload_bytes
    assert done.returncode == 0


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("code", "piped", "named"),
    [
        (1, "lint <(cat bad.toml) --format concise", "lint bad.toml --format concise"),
        (0, "explain <(cat good.toml)", "explain good.toml"),
        (1, "diff <(cat good.toml) <(cat changed.toml)", "diff good.toml changed.toml"),
        (1, "diff good.job.json <(cat changed.toml)", "diff good.job.json changed.toml"),
        (0, "lift <(cat good.job.json)", "lift good.job.json"),
        (
            0,
            "submit --dry-run --name n <(cat good.job.json)",
            "submit --dry-run --name n good.job.json",
        ),
        (1, "submit <(cat bad.jsonl)", "submit /dev/stdin < bad.jsonl"),
        (0, "train --dry-run --name n <(cat good.toml)", "train --dry-run --name n good.toml"),
        (0, "data <(cat good.jsonl)", "data good.jsonl"),
        (0, "data /dev/stdin < <(cat good.jsonl)", "data good.jsonl"),
        (1, "data <(cat bad.jsonl)", "data bad.jsonl"),
        (
            0,
            "data f.f & (head -c 9 good.jsonl; sleep 0.5; tail -c +10 good.jsonl) > f.f; wait $!",
            "data good.jsonl",
        ),
    ],
)
def test_a_pipe_is_read_once(code: int, piped: str, named: str, here: Path) -> None:
    results = []
    os.mkfifo(here / "f.f")
    for command in (piped, named):
        done = sftc_in(here, f"sftc {command}")
        shown = (done.stdout + done.stderr).decode()
        results.append((done.returncode, re.sub(r"/dev/(fd/\d+|stdin)|\w+(\.\w+)+", "NAME", shown)))
    assert results[0] == results[1]
    assert results[0][0] == code


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("compile", "the file is larger than 4 MiB"),
        ("explain", "larger than 4 MiB"),
        ("lift", "larger than 4 MiB"),
        ("submit", "larger than 4 MiB"),
        ("diff good.toml", "larger than 4 MiB"),
    ],
)
@pytest.mark.parametrize("size", [MOST, 65 * 1024**2])
def test_what_is_too_large_is_not_cut(command: str, shown: str, size: int, here: Path) -> None:
    comment = "" if command in ("lift", "submit") else "#"
    done = sftc_in(
        here, f"sftc {command} <(cat good.toml; echo -n '{comment}'; head -c {size} /dev/zero)"
    )
    assert shown in done.stderr.decode()
    assert done.returncode == (1 if command in ("compile", "explain") else 2)
    assert done.stdout == b""


def test_no_file_takes_the_number_of_a_closed_stream(here: Path) -> None:
    """Or what a library prints would end up in it."""
    script = "import os; from sftc.commands.stdio import open_streams; open_streams(); "
    script += "file = open('new', 'wb'); print('said'); print(file.fileno())"
    (here / "script.py").write_text(script)
    done = sftc_in(here, f"{sys.executable} script.py 2>&-")
    assert int(done.stdout.split()[1]) > 2
    assert sftc_in(here, "sftc compile good.toml -o /dev/stdout >&-").returncode == 1
