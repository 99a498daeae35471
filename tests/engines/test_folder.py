"""What the engines keep in a job's folder, when something else stands there."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trainers

from sftc.engines import EngineError, UnreachableError, folder
from sftc.engines.folder import Exit, read_exit, read_launch, read_supervisor


def _large(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)


SHAPES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _: None,
    "a pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "a link": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a large file": _large,
    "an empty file": Path.touch,
    "no UTF-8": lambda path: path.write_bytes(b'{"name": "\xff"}'),
    "half of it": lambda path: path.write_text('{"name": "x", "pid": 1'),
    "deep": lambda path: path.write_text("[" * 100_000),
    "a list": lambda path: path.write_text("[1]"),
    "an object": lambda path: path.write_text('{"a": 1}'),
    "a name": lambda path: path.write_text('{"name": "x"}'),
    "a long number": lambda path: path.write_text('{"name": "x", "code": 1%s}' % ("0" * 9000)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_none_of_ours_counts_as_none(tmp_path: Path, shape: str) -> None:
    for name in ("launch.json", "supervisor.json", "exit.json"):
        SHAPES[shape](tmp_path / name)
    assert read_supervisor(tmp_path) is None
    assert read_exit(tmp_path, "x") is None
    with pytest.raises(EngineError, match=r"launch\.json is not the launch file of a job"):
        read_launch(tmp_path)


SUPERVISOR = {"name": "x", "pid": 1, "start": 2, "boot": "b"}
ENDED = {"name": "x", "code": None, "reason": "cancelled", "job": ""}
OTHERS: tuple[Any, ...] = ("1", 1, 1.5, True, None, [], {})


@pytest.mark.parametrize("other", OTHERS, ids=repr)
def test_values_of_other_types_are_none_of_ours(tmp_path: Path, other: Any) -> None:
    for name, right in SUPERVISOR.items():
        (tmp_path / "supervisor.json").write_text(json.dumps({**SUPERVISOR, name: other}))
        assert (read_supervisor(tmp_path) is None) is (type(other) is not type(right))
    for name, kinds in {"code": (int, type(None)), "reason": (str,), "job": (str,)}.items():
        (tmp_path / "exit.json").write_text(json.dumps({**ENDED, name: other}))
        assert (read_exit(tmp_path, "x") is None) is (type(other) not in kinds)
    folder.write_launch(trainers.launch(tmp_path, trainers.SAY))
    whole = json.loads((tmp_path / "launch.json").read_text())
    for name, right in whole.items():
        (tmp_path / "launch.json").write_text(json.dumps({**whole, name: other}))
        if name != "folder" and type(other) is not type(right):
            with pytest.raises(EngineError, match=r"launch\.json is not the launch file of a job"):
                read_launch(tmp_path)


@pytest.mark.parametrize("pid", [0, -1, 2**31, 10**400])
def test_what_no_process_has_is_no_id(tmp_path: Path, pid: int) -> None:
    (tmp_path / "supervisor.json").write_text(json.dumps({**SUPERVISOR, "pid": pid}))
    assert read_supervisor(tmp_path) is None


def test_names_beyond_ours(tmp_path: Path) -> None:
    (tmp_path / "exit.json").write_text(json.dumps({**ENDED, "more": 1}))
    assert read_exit(tmp_path, "x") is None
    (tmp_path / "exit.json").write_text(json.dumps(ENDED))
    assert read_exit(tmp_path, "x") == Exit("x", None, "cancelled")
    assert read_exit(tmp_path, "y") is None


def test_what_cannot_be_read_may_be_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(UnreachableError, match=r"a file of the job cannot be read: .*Input/output"):
        read_exit(tmp_path, "x")
