"""The embedded backend when things go wrong: kill -9, a full disk, a stop, a second server."""

import hashlib
import random
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import served
from served import KEY, ROWS, Server, payload

LARGE = ROWS * 400  # about a megabyte and a half


def intact(folder: Path) -> bool:
    """Whether the files are what their names say, and nothing half-written is left."""
    return not [*(folder / "incoming").iterdir()] and all(
        hashlib.sha256(path.read_bytes()).hexdigest() == path.name
        for path in (folder / "files").iterdir()
    )


@contextmanager
def killed(folder: Path, **options: Any) -> Iterator[Server]:
    """Run a server that ends by ``kill -9``."""
    process = served.begun(folder, **options)
    try:
        yield Server(process, served.first_line(process), KEY)
    finally:
        process.kill()
        process.communicate()


def begin_upload(server: Server, data: bytes) -> socket.socket:
    """Send the head of an upload and half of its body."""
    body, kind = served.multipart(data, "half.jsonl", purpose="fine-tune")
    address = urlsplit(server.address)
    connection = socket.create_connection((address.hostname, address.port))
    head = (
        f"POST /api/learning/files HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
        f"Authorization: Bearer {KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body[: len(body) // 2])
    return connection


@pytest.mark.slow
def test_killed_in_an_upload(tmp_path: Path) -> None:
    with killed(tmp_path) as server, begin_upload(server, LARGE * 4):
        server.until(lambda: any(path.stat().st_size for path in (tmp_path / "incoming").iterdir()))
    with served.serving(tmp_path) as server:
        assert intact(tmp_path)
        assert server.ask("GET", "/learning/files").body == {"files": []}
        assert server.upload(LARGE * 4).status == 201


@pytest.mark.slow
def test_a_client_that_goes_leaves_nothing(tmp_path: Path) -> None:
    with served.serving(tmp_path) as server:
        with begin_upload(server, LARGE * 4):
            server.until(lambda: any((tmp_path / "incoming").iterdir()))
        server.until(lambda: not any((tmp_path / "incoming").iterdir()))
        assert server.ask("GET", "/learning/files").body == {"files": []}


@pytest.mark.slow
def test_killed_while_it_checks_a_file(tmp_path: Path) -> None:
    with killed(tmp_path) as server:
        name = server.upload(LARGE).body["id"]
    with served.serving(tmp_path) as server:
        file = f"/learning/files/{name}"
        server.until(lambda: server.ask("GET", file).body["status"] != "validating")
        assert server.ask("GET", file).body["status"] == "ready"
        assert server.upload(LARGE).status == 200


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_job_goes_on(tmp_path: Path, way: signal.Signals) -> None:
    process = served.begun(tmp_path / "one", pace="20")
    server = Server(process, served.first_line(process), KEY)
    body = payload(server.ready(), n_epochs=2)
    name = server.started(body)
    server.until(lambda: server.job(name)["progress"]["step"] >= 4)
    process.send_signal(way)
    process.communicate()
    assert process.returncode == (-signal.SIGKILL if way is signal.SIGKILL else 0)
    with served.serving(tmp_path / "one") as server:
        assert server.over(name)["status"] == "succeeded"
        types = [event["type"].removeprefix("sft.job.") for event in server.events(name)]
        assert types == ["created", "queued", "started", "data", "resumed", "completed"]
        whole = server.started(body)
        server.over(whole)
        assert server.points(name) == server.points(whole)


@pytest.mark.slow
def test_a_storm_of_kills_loses_nothing(tmp_path: Path) -> None:
    """What was answered is there after each of them; what was not can be asked for again."""
    moments = random.Random(8)
    files: dict[str, bytes] = {}
    jobs: dict[str, str] = {}
    for round_ in range(6):
        with killed(tmp_path) as server, suppress(OSError):
            # The kill falls between two bytes of whatever is under way.
            doom = f"sleep {moments.uniform(0.05, 0.6)}; kill -9 {server.process.pid}"
            with subprocess.Popen(["sh", "-c", doom]):
                for number in range(100):
                    data = ROWS * (1 + number) + b"\n" * round_
                    name = server.upload(data).body["id"]
                    files[name] = data
                    key = f"{round_}-{number}"
                    made = server.ask(
                        "POST", "/learning/jobs", payload(name), {"Idempotency-Key": key}
                    )
                    jobs[key] = made.body["id"]
                    server.ask("POST", f"/learning/jobs/{jobs[key]}/start", {})
    assert files
    with served.serving(tmp_path) as server:
        assert intact(tmp_path)
        for name, data in files.items():
            server.until(
                lambda name=name: (
                    server.ask("GET", f"/learning/files/{name}").body["status"] == "ready"
                )
            )
            assert server.upload(data).body["id"] == name
        for key, name in jobs.items():
            body = server.job(name)["payload"]
            again = server.ask("POST", "/learning/jobs", body, {"Idempotency-Key": key})
            assert (again.status, again.body["id"]) == (200, name)
            server.ask("POST", f"/learning/jobs/{name}/start", {})
            assert server.over(name)["status"] == "succeeded"
            assert [event["type"] for event in server.events(name)].count("sft.job.queued") == 1


def limit(server: Server, size: int) -> None:
    """Let no file of a server grow beyond a size: to it, a full disk."""
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.slow
def test_a_full_disk_is_said_and_survived(tmp_path: Path) -> None:
    with served.serving(tmp_path) as server:
        name = server.ready()
        limit(server, 1024 * 1024)
        refused = server.upload(LARGE)
        assert (refused.status, refused.code) == (507, "insufficient_storage")
        assert intact(tmp_path)
        limit(server, (tmp_path / "state.sqlite3-wal").stat().st_size)
        refused = server.ask("POST", "/learning/jobs", payload(name))
        assert (refused.status, refused.code) == (507, "insufficient_storage")
        assert server.ask("GET", "/learning/jobs").body == {"jobs": [], "next": None, "total": 0}
        limit(server, resource.RLIM_INFINITY)
        assert server.upload(LARGE).status == 201
        assert server.over(server.started(payload(name)))["status"] == "succeeded"


@pytest.mark.slow
def test_a_job_waits_for_room_on_the_disk(tmp_path: Path) -> None:
    with served.serving(tmp_path, pace="20") as server:
        name = server.started(payload(server.ready()))
        server.until(lambda: server.job(name)["progress"]["step"] >= 2)
        limit(server, (tmp_path / "state.sqlite3-wal").stat().st_size)
        read = server.process.stderr
        assert read
        while "running jobs" not in read.readline():
            pass
        limit(server, resource.RLIM_INFINITY)
        server.ask("POST", f"/learning/jobs/{name}/cancel")
        assert server.over(name)["status"] == "cancelled"


def test_memory_does_not_follow_the_file(tmp_path: Path) -> None:
    with served.serving(tmp_path) as server:
        assert server.upload(ROWS * 60_000).status == 201  # 230 MB
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        peak = int(status.partition("VmHWM:")[2].split()[0])
        assert peak < 100 * 1024


@pytest.mark.slow
def test_two_servers_do_not_share_a_directory(tmp_path: Path) -> None:
    with served.serving(tmp_path):
        second = served.run("serve", tmp_path, "--port", "0")
    assert second.returncode == 2
    assert second.stderr == (
        f"sftc: {tmp_path} is in use by another server; give this one its own --data-dir\n"
    )
    assert second.stdout == ""


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = served.run("serve", tmp_path, "--port", port)
    assert refused.returncode == 2
    assert refused.stderr == (
        f"sftc: cannot listen on 127.0.0.1, port {port}: address already in use;"
        " --port 0 takes a free one\n"
    )


@pytest.mark.parametrize("content", [b"no database, but long enough to look like one" * 30])
def test_a_strange_state_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.sqlite3").write_bytes(content)
    refused = served.run("serve", tmp_path, "--port", "0")
    assert refused.returncode == 2
    assert refused.stderr == f"sftc: cannot use {tmp_path}/state.sqlite3: file is not a database\n"


def test_a_directory_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = served.run("serve", tmp_path / "file")
    assert refused.returncode == 2
    assert refused.stderr == f"sftc: cannot use {tmp_path}/file: file exists\n"


def test_without_the_extra_there_is_a_line(tmp_path: Path) -> None:
    program = "import sys; sys.modules['starlette'] = None; from sftc.cli import main; main()"
    refused = subprocess.run(
        [sys.executable, "-c", program, "backend", "serve", "--data-dir", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert refused.stderr == (
        "sftc: the embedded backend needs its extra: pip install 'sftc[backend]'\n"
    )


@pytest.mark.slow
def test_a_key_is_made_once_and_kept_nowhere(tmp_path: Path) -> None:
    first = served.begun(tmp_path, key=None)
    served.first_line(first)
    first.terminate()
    _, said = first.communicate()
    key = said.partition("SYNTH_API_KEY=")[2].split()[0]
    assert key.startswith("sk-sftc-")
    with served.serving(tmp_path, key=None) as server:
        server.key = key
        assert server.ask("GET", "/learning/jobs").status == 200
        server.key = "wrong"
        assert server.ask("GET", "/learning/jobs").code == "invalid_key"
        everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert key.encode() not in everything
        server.process.terminate()
        assert key not in server.process.communicate()[1]
