"""What a launch refuses, and a log read in pieces."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sftc.engines import EngineError, Launch
from sftc.engines.folder import read_launch, write_launch
from sftc.engines.log import Piece, read

GOOD: dict[str, Any] = {"folder": Path("/jobs/1"), "argv": ("true",), "name": "sftc-1"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "a b"}, "'a b' is not a valid job name: letters, digits, '.', '_', '-'"),
        ({"name": "-x"}, "'-x' is not a valid job name: letters, digits, '.', '_', '-'"),
        ({"name": "x\n"}, "'x\\n' is not a valid job name: letters, digits, '.', '_', '-'"),
        ({"folder": Path("jobs")}, "the job's folder 'jobs' is not an absolute path"),
        ({"argv": ()}, "there is no program to run"),
        ({"argv": ("a\0",)}, "paths, arguments and variables cannot contain NUL"),
        ({"environment": {"A B": ""}}, "'A B' is not a valid name of an environment variable"),
        ({"nodes": 0}, "a job has at least one node with one process"),
        ({"gpus": -1}, "GPUs, CPUs and retries cannot be negative"),
    ],
)
def test_launches_that_no_engine_can_run(change: dict[str, Any], message: str) -> None:
    with pytest.raises(EngineError) as refused:
        Launch(**GOOD | change)
    assert str(refused.value) == message


def test_a_launch_is_read_as_it_was_written(tmp_path: Path) -> None:
    launch = Launch(
        folder=tmp_path, argv=("a", 'b "c"\n'), name="n", nodes=2, processes=3, gpus=4,
        gpu_type="H100", cpus=5, environment={"A": "é\n"}, retries=6, final_codes=(7, 8),
    )  # fmt: skip
    write_launch(launch)
    assert read_launch(tmp_path) == launch
    assert (tmp_path / "launch.json").stat().st_mode & 0o777 == 0o600


def test_a_log_that_is_not_there(tmp_path: Path) -> None:
    assert read(tmp_path / "log", 0) == Piece("", 0, 0, 0)


def test_a_torn_character_is_left_for_the_next_piece(tmp_path: Path) -> None:
    path = tmp_path / "log"
    whole = "a€".encode()
    path.write_bytes(whole[:-1])
    first = read(path)
    assert first == Piece("a", 1, 0, 3)
    path.write_bytes(whole + b"\xff!")
    assert read(path, first.next) == Piece("€\ufffd!", 6, 1, 6)


@given(st.text(max_size=60), st.integers(4, 9))
def test_pieces_make_the_whole(
    tmp_path_factory: pytest.TempPathFactory, text: str, most: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    path.write_bytes(text.encode())
    pieces, offset = [], 0
    while (piece := read(path, offset, most)).text:
        assert len(piece.text.encode()) <= most
        pieces.append(piece.text)
        offset = piece.next
    assert "".join(pieces) == text


@given(st.text(max_size=20), st.integers(1, 40))
def test_the_end_of_a_log_begins_with_a_whole_character(
    tmp_path_factory: pytest.TempPathFactory, text: str, back: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    path.write_bytes(text.encode())
    piece = read(path, -back)
    assert text.endswith(piece.text)
    assert piece.next == len(text.encode())
    assert back - 3 <= len(piece.text.encode()) <= back or piece.text == text
