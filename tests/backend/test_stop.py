"""The embedded backend when it is asked to stop while something is under way."""

import hashlib
import json
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import served
from served import KEY, ROWS, Server, payload

SLOW_TO_CHECK = b'{"messages": []}\n' * 400_000  # explained row by row, for a minute
PATIENT = 15.0
"""Seconds that no test here waits for, unless the server does not stop by itself."""


def sent(server: Server, head: str, body: bytes = b"", length: int | None = None) -> socket.socket:
    """Send a request of which maybe a part of the body is missing."""
    address = urlsplit(server.address)
    connection = socket.create_connection((address.hostname, address.port), timeout=PATIENT)
    length = len(body) if length is None else length
    lines = f"{head} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n"
    connection.sendall(f"{lines}Content-Length: {length}\r\n\r\n".encode() + body)
    return connection


def answer(connection: socket.socket) -> bytes:
    """Return what a server sends until it closes a connection."""
    received = b""
    with suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            received += piece
    return received


@contextmanager
def stopped(folder: Path, way: signal.Signals, pace: str = "0") -> Iterator[Server]:
    """Run a server that is stopped at the end, and has to end well."""
    process = served.begun(folder, pace=pace)
    try:
        yield Server(process, served.first_line(process), KEY)
        process.send_signal(way)
        _, log = process.communicate(timeout=PATIENT)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in log
    assert "ERROR" not in log


def an_upload(server: Server, folder: Path) -> socket.socket:
    body, kind = served.multipart(ROWS * 1000, "train.jsonl", purpose="fine-tune")
    head = f"POST /api/learning/files HTTP/1.1\r\nContent-Type: {kind}\r\nX: "
    connection = sent(server, head, body[: len(body) // 2], len(body))
    server.until(lambda: any(path.stat().st_size for path in (folder / "incoming").iterdir()))
    return connection


def a_follower_that_hangs(server: Server, _folder: Path) -> socket.socket:
    large = payload(server.ready(), notes="a" * 3 * 1024**2)
    name = server.ask("POST", "/learning/jobs", large).body["id"]
    connection = sent(server, f"GET /api/learning/jobs/{name}")
    for _ in range(9):  # more than the buffers of a connection take
        head = f"GET /api/learning/jobs/{name} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        connection.sendall(f"{head}Authorization: Bearer {KEY}\r\n\r\n".encode())
    return connection


def a_rehearsal(server: Server, _folder: Path) -> None:
    name = server.started(payload(server.ready()))
    server.until(lambda: server.job(name)["status"] == "running")


def a_check(server: Server, _folder: Path) -> None:
    assert server.upload(SLOW_TO_CHECK).body["status"] == "validating"


def a_job_that_waits_for_its_file(server: Server, _folder: Path) -> socket.socket:
    name = server.upload(SLOW_TO_CHECK).body["id"]
    return sent(server, "POST /api/learning/jobs", json.dumps(payload(name)).encode())


def a_body_that_does_not_come(server: Server, _folder: Path) -> socket.socket:
    return sent(server, "POST /api/learning/jobs", b"{", 100)


def idle_connections(server: Server, _folder: Path) -> ExitStack:
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(sent(server, "GET /"))
        return stack.pop_all()


UNDER_WAY = [
    an_upload,
    a_follower_that_hangs,
    a_rehearsal,
    a_check,
    a_job_that_waits_for_its_file,
    a_body_that_does_not_come,
    idle_connections,
]


@pytest.mark.slow_but_first
@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("begin", UNDER_WAY)
def test_a_stop_waits_for_nothing(
    tmp_path: Path, begin: Callable[[Server, Path], Any], way: signal.Signals
) -> None:
    with ExitStack() as stack, stopped(tmp_path, way, pace="600") as server:
        connection = begin(server, tmp_path)
        if connection:
            stack.enter_context(connection)
    with served.serving(tmp_path) as server:
        assert [*(tmp_path / "incoming").iterdir()] == []
        for path in (tmp_path / "files").iterdir():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
        assert server.ask("GET", "/learning/files").status == 200


@pytest.mark.slow
def test_a_request_that_takes_too_long_is_told(tmp_path: Path) -> None:
    with stopped(tmp_path, signal.SIGTERM) as server:
        connection = a_job_that_waits_for_its_file(server, tmp_path)
    with connection:
        head, _, body = answer(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert json.loads(body)["error"]["code"] == "stopping"


def test_a_request_under_way_is_answered(tmp_path: Path) -> None:
    body, kind = served.multipart(ROWS, "train.jsonl", purpose="fine-tune")
    head = f"POST /api/learning/files HTTP/1.1\r\nContent-Type: {kind}\r\nX: "
    with stopped(tmp_path, signal.SIGTERM) as server:
        connection = sent(server, head, body[:-10], len(body))
        server.until(lambda: any((tmp_path / "incoming").iterdir()))
        server.process.send_signal(signal.SIGTERM)
        connection.sendall(body[-10:])
        with connection:
            assert answer(connection).startswith(b"HTTP/1.1 201 ")
    with served.serving(tmp_path) as server:
        assert len(server.ask("GET", "/learning/files").body["files"]) == 1


@pytest.mark.slow
def test_a_second_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    process = served.begun(tmp_path)
    server = Server(process, served.first_line(process), KEY)
    with a_body_that_does_not_come(server, tmp_path):
        server.ask("GET", "/learning/jobs")  # so the body is waited for
        process.send_signal(signal.SIGINT)
        with suppress(ConnectionRefusedError):  # from when on it is stopping
            while True:
                sent(server, "GET /").close()
                time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENT)
    assert process.returncode == 130


@pytest.mark.slow
def test_a_check_ends_with_a_server_that_is_killed(tmp_path: Path) -> None:
    process = served.begun(tmp_path)
    server = Server(process, served.first_line(process), KEY)
    a_check(server, tmp_path)

    def children() -> list[str]:
        tasks = Path(f"/proc/{process.pid}/task").iterdir()
        found = [child for task in tasks for child in (task / "children").read_text().split()]
        return [
            child for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
        ]

    server.until(children)
    (child,) = children()
    descriptors = [path.resolve() for path in Path(f"/proc/{child}/fd").iterdir()]
    assert tmp_path / "lock" not in descriptors
    process.kill()
    process.communicate()
    with served.serving(tmp_path) as again:  # the lock is free
        again.until(lambda: not Path(f"/proc/{child}").exists())
