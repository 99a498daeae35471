"""The embedded backend under hostile clients: bounded memory and log, and it answers others."""

import json
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import served
from served import KEY, ROWS, Server, payload

MEBIBYTE = 1024 * 1024
FULL = "HTTP/1.1\r\nHost: 127.0.0.1\r\n"
BEARER = f"Authorization: Bearer {KEY}\r\n"
LAST = "Connection: close\r\n"
LIST = f"GET /api/learning/jobs {FULL}{BEARER}\r\n".encode()
LIST_LAST = f"GET /api/learning/jobs {FULL}{BEARER}{LAST}\r\n".encode()
JOBS = f"POST /api/learning/jobs {FULL}{BEARER}"
FILES = f"POST /api/learning/files {FULL}{BEARER}Content-Type: multipart/form-data; boundary=e\r\n"


def peak(server: Server) -> int:
    """Return the most memory that a server has taken, in KiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


@contextmanager
def quiet(folder: Path, *options: str, **more: Any) -> Iterator[Server]:
    """Run a server that at the end still answers, has taken little memory and written little."""
    log = folder / "log"
    with (
        log.open("w") as stderr,
        served.serving(folder / "data", *options, stderr=stderr, **more) as made,
    ):
        yield made
        assert made.ask("GET", "/learning/jobs").status == 200
        assert peak(made) < 150 * 1024
    assert log.stat().st_size < 10_000
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with quiet(tmp_path_factory.mktemp("hostile")) as started:
        yield started


def connected(server: Server) -> socket.socket:
    """Return a new connection to a server."""
    address = urlsplit(server.address)
    return socket.create_connection((address.hostname, address.port), timeout=60)


def send(connection: socket.socket, *pieces: bytes, end: bool = False) -> bytes:
    """Send pieces until the server has enough of them; return all that it answers.

    With an end, the server is told that nothing more comes, which it takes for a disconnection.
    """
    with suppress(BrokenPipeError, ConnectionResetError):
        for piece in pieces:
            connection.sendall(piece)
        if end:
            with suppress(OSError):  # the server has closed the connection already
                connection.shutdown(socket.SHUT_WR)
    answered = b""
    with suppress(ConnectionResetError):
        while received := connection.recv(65536):
            answered += received
    return answered


def statuses(answered: bytes) -> list[int]:
    """Return the statuses of answers that follow each other."""
    return [int(part[:3]) for part in answered.split(b"HTTP/1.1 ")[1:]]


def endless(head: str, piece: bytes) -> tuple[bytes, ...]:
    """Return a head, and 64 MiB of a piece again and again."""
    block = piece * (MEBIBYTE // len(piece))
    return (head.encode(), *[block] * 64)


BAD = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",),
    "NULs": (b"\0" * MEBIBYTE,),
    "a NUL in a header": (f"GET / {FULL}A: b\0c\r\n\r\n".encode(),),
    "an unknown method": (f"BREW / {FULL}\r\n".encode(),),
    "no path": (f"GET nothing {FULL}\r\n".encode(),),
    "a path that is not ASCII": (f"GET /\xe9 {FULL}\r\n".encode("latin-1"),),
    "a long path": (f"GET /{'a' * 9000} {FULL}\r\n".encode(),),
    "an endless path": endless("GET /", b"a"),
    "many headers": (f"GET / {FULL}".encode() + b"a: b\r\n" * 101 + b"\r\n",),
    "large headers": (f"GET / {FULL}a: {'b' * 40_000}\r\n\r\n".encode(),),
    "endless headers": endless(f"GET / {FULL}", b"a: b\r\n"),
    "an endless header": endless(f"GET / {FULL}a: ", b"b"),
    "an endless header name": endless(f"GET / {FULL}", b"b"),
    "an endless chunk extension": endless(f"{JOBS}Transfer-Encoding: chunked\r\n\r\n1;", b"a"),
    "an endless trailer": endless(f"{JOBS}Transfer-Encoding: chunked\r\n\r\n0\r\na: ", b"b"),
    "endless trailers": endless(f"{JOBS}Transfer-Encoding: chunked\r\n\r\n0\r\n", b"a: b\r\n"),
    "a huge chunk": (f"{JOBS}Transfer-Encoding: chunked\r\n\r\n{'f' * 17}\r\n".encode(),),
    "chunks of a byte": endless(f"{JOBS}Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    "a length and chunks": (
        f"{JOBS}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n".encode(),
    ),
    "two lengths": (f"{JOBS}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{{}}".encode(),),
    "a negative length": (f"{JOBS}Content-Length: -1\r\n\r\n".encode(),),
    "a length beyond all": (f"{JOBS}Content-Length: {10**30}\r\n\r\n".encode(),),
    "a large length": endless(f"{JOBS}Content-Length: {10**12}\r\n\r\n", b"a"),
    "a form that announces too much": endless(f"{FILES}Content-Length: {10**15}\r\n\r\n", b"a"),
    "half a body": (f"{JOBS}Content-Length: 100\r\n\r\n{{".encode(),),
    "half a head": (f"GET / {FULL}".encode(),),
    "two hosts": (f"GET / {FULL}Host: localhost\r\n{LAST}\r\n".encode(),),
    "no host": (b"GET / HTTP/1.1\r\n\r\n",),
    "CONNECT": (b"CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",),
    "many pipelined": (b"GET / HTTP/1.1\r\nHost: evil\r\n\r\n" * 10_000,),
}


@pytest.mark.slow_but_first
@pytest.mark.parametrize("pieces", BAD.values(), ids=BAD)
def test_what_is_no_request_is_refused(server: Server, pieces: tuple[bytes, ...]) -> None:
    with connected(server) as connection:
        found = statuses(send(connection, *pieces, end=True))
    assert all(400 <= status < 500 for status in found)
    assert server.ask("GET", "/learning/jobs").status == 200


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("no HTTP", 400, "invalid_request"),
        ("a long path", 414, "target_too_long"),
        ("many headers", 431, "header_too_large"),
        ("large headers", 431, "header_too_large"),
        ("two hosts", 400, "invalid_host"),
        ("a length beyond all", 400, "invalid_request"),
        ("a large length", 413, "body_too_large"),
        ("a form that announces too much", 413, "file_too_large"),
    ],
)
def test_a_refusal_says_why(server: Server, name: str, status: int, code: str) -> None:
    with connected(server) as connection:
        head, _, body = send(connection, *BAD[name][:2]).partition(b"\r\n\r\n")
    assert statuses(head) == [status]
    assert json.loads(body)["error"]["code"] == code
    assert b"connection: close" in head
    assert b"content-security-policy: default-src 'none'" in head


def test_an_upgrade_is_not_made(server: Server) -> None:
    head = f"GET /api/learning/jobs {FULL}{BEARER}Connection: upgrade\r\nUpgrade: websocket\r\n"
    with connected(server) as connection:
        assert statuses(send(connection, f"{head}{LAST}\r\n".encode())) == [200]


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    missing = LIST.replace(b"/learning/jobs", b"/nothing")
    with connected(server) as connection:
        assert statuses(send(connection, (LIST + missing) * 5 + LIST_LAST)) == [
            *[200, 404] * 5,
            200,
        ]


def test_a_refused_body_does_not_cost_the_answer(server: Server) -> None:
    head = f"POST /api/nothing {FULL}{BEARER}Content-Length: {MEBIBYTE}\r\n\r\n"
    with connected(server) as connection:
        pieces = head.encode(), b"a" * MEBIBYTE, LIST_LAST
        assert statuses(send(connection, *pieces)) == [404, 200]


def test_a_body_that_waits_for_a_yes_is_refused_before_it_is_sent(server: Server) -> None:
    head = f"POST /api/nothing {FULL}Expect: 100-continue\r\nContent-Length: {MEBIBYTE}\r\n\r\n"
    with connected(server) as connection:
        connection.sendall(head.encode())
        answered = b""
        while received := connection.recv(65536):  # head and body may come one after the other
            answered += received
    assert statuses(answered) == [404]


def _part(name: str, *headers: str) -> bytes:
    lines = [f'Content-Disposition: form-data; name="{name}"', *headers]
    return "\r\n".join(["--e", *lines, "", "value", ""]).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"".join(_part(f"field-{number}") for number in range(10_000)),
        _part("field", f"A: {'b' * 100_000}"),
        _part("field", *[f"A{number}: b" for number in range(10_000)]),
        _part("f" * 100_000),
        _part("field").replace(b"value", b"v" * 100_000),
        b"--e\r\n" + b"A" * 5 * MEBIBYTE,
    ],
    ids=["fields", "a header", "headers", "a name", "a value", "an endless header"],
)
def test_a_form_has_limits(server: Server, body: bytes) -> None:
    answer = server.ask(
        "POST", "/learning/files", body, {"Content-Type": "multipart/form-data; boundary=e"}
    )
    assert (answer.status, answer.code) == (400, "invalid_upload")
    assert len(answer.body["error"]["message"]) < 500


@pytest.mark.slow
def test_what_follows_a_form_has_a_limit(tmp_path: Path) -> None:
    body, kind = served.multipart(ROWS, "train.jsonl", purpose="fine-tune")
    with quiet(tmp_path, "--max-upload", "1") as server:
        answer = server.ask(
            "POST", "/learning/files", body + b"a" * 3 * MEBIBYTE, {"Content-Type": kind}
        )
        assert (answer.status, answer.code) == (413, "file_too_large")
        assert server.ask("GET", "/learning/files").body == {"files": []}


NUMBERS = b"[" + b"1," * 2_000_000 + b"1]"
STRINGS = b"[" + b'"",' * 1_300_000 + b'""]'
LARGE_VALUES = {
    "numbers": (NUMBERS, 413, "body_too_large"),
    "strings": (STRINGS, 413, "body_too_large"),
    "objects": (b"[" + b"{}," * 1_000_000 + b"{}]", 413, "body_too_large"),
    "depth": (b"[" * 100_000 + b"]" * 100_000, 400, "invalid_json"),
    "depth, open": (b'{"a":' * 99_000, 400, "invalid_json"),
    "open quotes": (b"[" * 100_001 + b'"\\' * 2_000_000, 413, "body_too_large"),
    "quotes": (b'"' * 4_000_000, 400, "invalid_json"),
    "commas in a text": (b'"' + b"," * 4_000_000 + b'"', 400, "missing_gpu_type"),
    "digits": (b"9" * 4_000_000, 400, "invalid_json"),
    "keys": (
        json.dumps({str(number): 0 for number in range(90_000)}).encode(),
        400,
        "missing_gpu_type",
    ),
}


@pytest.mark.slow_but_first
@pytest.mark.parametrize(("body", "status", "code"), LARGE_VALUES.values(), ids=LARGE_VALUES)
def test_a_json_body_has_limits(server: Server, body: bytes, status: int, code: str) -> None:
    answer = server.ask("POST", "/learning/jobs", body)
    assert answer.status == status
    assert answer.code in {code, "invalid_payload"}


def test_a_million_validation_files_are_refused_early(server: Server) -> None:
    body = json.dumps(payload("file")).encode()
    for count, status, code in ((101, 400, "too_many_files"), (1_000_000, 413, "body_too_large")):
        names = b"[" + b'"",' * (count - 1) + b'""]'
        many = body.replace(b'"data": {', b'"data": {"validation_files": ' + names + b", ")
        answer = server.ask("POST", "/learning/jobs", many)
        assert (answer.status, answer.code) == (status, code)


def descriptors(count: int) -> dict[str, Any]:
    """Return the option of a process that may open so many files."""
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))}


@contextmanager
def idle(server: Server, count: int, sent: bytes = b"") -> Iterator[list[socket.socket]]:
    """Hold connections open that have sent something, and wait for nothing."""
    with ExitStack() as stack:
        held = [stack.enter_context(connected(server)) for _ in range(count)]
        for connection in held:
            with suppress(OSError):  # it has made room already
                connection.sendall(sent)
        yield held


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\n", LIST], ids=["silent", "half", "alive"]
)
def test_a_thousand_idle_connections_make_room(tmp_path: Path, sent: bytes) -> None:
    with quiet(tmp_path, **descriptors(1024)) as server, idle(server, 1200, sent):
        server.until(lambda: server.ask("GET", "/learning/jobs").status == 200)
        assert server.upload(ROWS).status == 201
        assert len([*Path(f"/proc/{server.process.pid}/fd").iterdir()]) < 600


def test_more_requests_than_there_is_room_for_are_told_so(tmp_path: Path) -> None:
    """Each is an upload whose body does not come; few descriptors make little room."""
    head = f"{FILES}Content-Length: 100\r\n\r\n--e\r\n".encode()
    with quiet(tmp_path, **descriptors(256)) as server:
        with idle(server, 100, head):
            incoming = tmp_path / "data" / "incoming"
            server.until(lambda: len([*incoming.iterdir()]) >= 50)
            refused = server.ask("GET", "/learning/jobs")
            assert (refused.status, refused.code) == (503, "too_many_connections")
        server.until(lambda: not [*incoming.iterdir()])


@pytest.mark.slow
def test_a_client_that_does_not_read_costs_no_more_than_its_answer(tmp_path: Path) -> None:
    with quiet(tmp_path) as server:
        body = payload(server.ready(), notes="a" * MEBIBYTE)
        name = server.ask("POST", "/learning/jobs", body).body["id"]
        job = f"GET /api/learning/jobs/{name} {FULL}{BEARER}\r\n".encode()
        with idle(server, 20, job * 10):
            assert server.ask("GET", "/learning/jobs").status == 200
