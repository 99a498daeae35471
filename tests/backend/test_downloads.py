"""The file of a result as an answer."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers

from sftc.backend.downloads import Download
from sftc.backend.records import Artifact
from sftc.backend.runner import CancelledError
from sftc.backend.work.artifacts import listed


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_head_reads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    path = tmp_path / "weights"
    path.write_bytes(b"0123456789")
    read: list[int] = []
    pread = os.pread

    def counted(descriptor: int, size: int, place: int) -> bytes:
        read.append(size)
        return pread(descriptor, size, place)

    monkeypatch.setattr(os, "pread", counted)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        await asyncio.sleep(1000)

    descriptor = os.open(path, os.O_RDONLY)
    answer = Download(Artifact("weights", 10, "0" * 64, 0), descriptor, Headers({}))
    scope = {"type": "http", "method": method, "asgi": {"spec_version": "2.4"}}
    asyncio.run(answer(scope, receive, send))
    assert (b"content-length", b"10") in sent[0]["headers"]
    body = b"".join(message.get("body", b"") for message in sent)
    assert (body, read) == ((b"0123456789", [10]) if method == "GET" else (b"", []))
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_large_result_is_not_read_to_its_end_when_nobody_wants_it(tmp_path: Path) -> None:
    with (tmp_path / "weights").open("wb") as file:
        os.truncate(file.fileno(), 1024 * 1024 * 1024)
    looks: list[int] = []

    def cancelled() -> None:
        looks.append(1)
        if len(looks) == 2:
            raise CancelledError

    with pytest.raises(CancelledError):
        listed(tmp_path, cancelled)
    assert len(looks) == 2


def test_a_cancellation_is_heard_among_many_small_files(tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / str(number)).touch()

    def cancelled() -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        listed(tmp_path, cancelled)
