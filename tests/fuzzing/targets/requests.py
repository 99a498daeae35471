"""Requests: any bytes to the backend's app, by its interface; the answer is one that is documented.

The state is that of a server with a checked file and a finished job. What a request changes is
undone, so that each input stands alone.
"""

import asyncio
import json
import logging
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import jsonschema
from starlette.types import ASGIApp

from sftc.backend import keys
from sftc.backend.app import application
from sftc.backend.directory import Directory
from sftc.backend.errors import CODES
from sftc.backend.guard import HEADERS
from sftc.backend.hosts import Hosts
from sftc.backend.openapi import document
from sftc.backend.operations import BYTES, NOTHING, OPERATIONS, Operation, statuses
from sftc.backend.records import Batch, Event, JobStatus, Point
from sftc.backend.rehearsal import Rehearsal
from sftc.backend.store import Database, Files, Jobs, Traces

from .table import TESTS

KEY: Final = "k"
_LARGEST: Final = 4096
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TEXT: Final = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_METHOD: Final = re.compile(rb"[A-Z]{1,16}")
_TARGET: Final = re.compile(rb"/[\x21-\x7e]*")
_ROWS: Final = b"".join(
    b'{"messages":[{"role":"user","content":"say %d"},{"role":"assistant","content":"%d it is"}]}\n'
    % (number, number)
    for number in range(8)
)
_MISSING: Final = object()


class Asked(NamedTuple):
    """A request as a server hands it on."""

    method: str
    path: bytes
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Answer(NamedTuple):
    """An answer of the app."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Running(NamedTuple):
    app: ASGIApp
    database: Database
    folder: Path


class _World:
    """An app in its first state, made once and copied."""

    def __init__(self) -> None:
        logging.disable()  # of what is no form, its parser says so
        self.loop = asyncio.new_event_loop()
        self._template = Path(tempfile.mkdtemp(prefix="sftc-fuzz-"))
        self._running: _Running | None = None
        self.validators = _validators()
        self.ids = self._made()

    def _made(self) -> dict[bytes, bytes]:
        """Bring the template to its state: a file that was checked, and a job that is over."""
        app, database, _ = self._on(self._template)
        ids = self.loop.run_until_complete(_filled(app, database))
        database.close()
        return ids

    def running(self) -> _Running:
        """Return the app in its first state."""
        if self._running is None:
            folder = Path(tempfile.mkdtemp(prefix="sftc-fuzz-"))
            shutil.copytree(self._template, folder, dirs_exist_ok=True)
            self._running = self._on(folder)
        return self._running

    def reset(self) -> None:
        """Forget what was changed."""
        if self._running:
            self._running.database.close()
            shutil.rmtree(self._running.folder)
            self._running = None

    @staticmethod
    def _on(folder: Path) -> _Running:
        directory = Directory(folder)
        directory.hold()
        database = Database(directory.state)
        made = application(
            directory,
            database,
            [Rehearsal(0)],
            hosts=Hosts("127.0.0.1", "127.0.0.1"),
            own_keys=[keys.digest(KEY)],
            largest_upload=_LARGEST,
            version="0",
        )
        return _Running(made.app, database, folder)


async def _filled(app: ASGIApp, database: Database) -> dict[bytes, bytes]:
    """Store a checked file and a finished job, as the workers would, which do not run here."""
    file = await _created(app, seed_upload())
    Files(database).checked(file, 8, None)
    job = await _created(app, seed_job(file.encode()))
    jobs, traces = Jobs(database), Traces(database)
    for status in (JobStatus.QUEUED, JobStatus.RUNNING):
        assert jobs.move(job, status, Event(f"sft.job.{status}", status))
    events = [
        Event("sft.job.note", "odd", "warning", {"pointer": "/a"}, f"line {n}") for n in range(3)
    ]
    points = [
        Point(step, name, 1 / step, "2026-11-27T00:00:00.000Z")
        for step in range(1, 9)
        for name in ("train.loss", "val.loss")
    ]
    traces.add(job, Batch(events, points, 8, 8))
    assert jobs.move(job, JobStatus.SUCCEEDED, Event("sft.job.completed", "done"))
    return {b"FILE": file.encode(), b"JOB": job.encode()}


async def _created(app: ASGIApp, data: bytes) -> str:
    answer = await _asked(app, parsed(data) or _never())
    assert answer.status == 201, answer
    return str(json.loads(answer.body)["id"])


def _never() -> Any:
    raise AssertionError


@cache
def _world() -> _World:
    return _World()


def check(data: bytes) -> None:
    """Send each request that the bytes hold, and look at the answers and at the state."""
    world = _world()
    for name, one in world.ids.items():
        data = data.replace(name, one)
    changed = False
    for piece in data.split(b"\n===\n")[:4]:
        asked = parsed(piece)
        if asked is None:
            continue
        app = world.running().app
        answer = world.loop.run_until_complete(asyncio.wait_for(_asked(app, asked, piece), 100))
        _is_documented(world, asked, answer)
        changed |= asked.method not in {"GET", "HEAD", "OPTIONS"} and answer.status < 400
        _is_whole(world)
    if changed:
        world.reset()


def parsed(data: bytes) -> Asked | None:
    """Return the request that bytes are, or None if no server would hand them on."""
    end = re.search(rb"\r?\n\r?\n", data)
    head, body = (data[: end.start()], data[end.end() :]) if end else (data, b"")
    first, *lines = head.replace(b"\r\n", b"\n").split(b"\n")
    words = first.split(b" ")
    if len(words) < 2 or not _METHOD.fullmatch(words[0]) or not _TARGET.fullmatch(words[1]):
        return None
    headers = []
    for line in lines[:100]:
        name, mark, value = line.partition(b":")
        if not mark or not _NAME.fullmatch(name) or not _TEXT.fullmatch(value):
            return None
        name = name.lower()
        if name in {b"content-length", b"transfer-encoding"}:
            continue  # the server's own matter
        headers.append((name, value.strip(b" \t")))
    if body:
        headers.append((b"content-length", str(len(body)).encode()))
    path, _, query = words[1].partition(b"?")
    return Asked(words[0].decode(), path.partition(b"#")[0], query, headers, body)


async def _asked(app: ASGIApp, asked: Asked, seed: bytes = b"") -> Answer:
    """Send a request, its body in pieces, and return its answer, of which there is just one."""
    pieces = _pieces(asked.body, seed)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        if pieces:
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}
        await asyncio.Event().wait()  # the client waits for its answer
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
        "method": asked.method, "path": unquote(asked.path.decode("ascii")), "raw_path": asked.path,
        "query_string": asked.query, "root_path": "", "headers": asked.headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    start, *bodies = sent
    assert [start["type"], *{each["type"] for each in bodies}] == [
        "http.response.start",
        "http.response.body",
    ]
    assert [each.get("more_body", False) for each in bodies] == [True] * (len(bodies) - 1) + [False]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    assert not any(mark in text for text in headers.values() for mark in "\r\n\0")
    return Answer(start["status"], headers, b"".join(each.get("body", b"") for each in bodies))


def _pieces(body: bytes, seed: bytes) -> list[bytes]:
    random = Random(zlib.crc32(seed))
    most = random.choice([1, 16, 4096])
    pieces, at = [], 0
    while at < len(body):
        size = random.randint(1, most)
        pieces.append(body[at : at + size])
        at += size
    return pieces or [b""]


def _is_documented(world: _World, asked: Asked, answer: Answer) -> None:
    """Require a status, a code and a shape that the operation documents."""
    assert answer.status < 500, answer
    assert all(answer.headers[name.lower()] == value for name, value in HEADERS.items())
    if asked.method != "HEAD" and answer.status != 304:
        assert int(answer.headers.get("content-length", len(answer.body))) == len(answer.body)
    operation = _operation(asked)
    if answer.status >= 400:
        _is_refusal(operation, asked, answer)
    elif operation:
        shape = operation.answers[answer.status]
        if shape not in {BYTES, NOTHING}:
            world.validators[shape].validate(json.loads(answer.body))


def _is_refusal(operation: Operation | None, asked: Asked, answer: Answer) -> None:
    if asked.method == "HEAD":
        return
    error = json.loads(answer.body, parse_constant=lambda _: _never())["error"]
    code = error["code"]
    documented = CODES[code].status
    for each in (error, *error.get("details", ())):
        assert each["code"] in CODES
        assert each["message"]
        assert isinstance(each.get("pointer", ""), str)
    if operation is None:
        assert answer.status == documented
        return
    possible = statuses(operation)
    assert code in possible[answer.status], (operation.name, answer)


def _operation(asked: Asked) -> Operation | None:
    path = unquote(asked.path.decode("ascii"))
    for operation in OPERATIONS:
        for pattern in operation.paths:
            text = re.escape(f"/api{pattern}").replace(r"\{path:path\}", "(?s:.*)")
            if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", text), path) and (
                asked.method == operation.method
            ):
                return operation
    return None


def _is_whole(world: _World) -> None:
    """Require that what was stored before is there, and that lists can be read."""
    app = world.running().app

    def found(path: str) -> Any:
        asked = parsed(_head("GET", path)) or _never()
        answer = world.loop.run_until_complete(_asked(app, asked))
        assert answer.status == 200, answer
        return json.loads(answer.body)

    file, job = world.ids[b"FILE"].decode(), world.ids[b"JOB"].decode()
    assert found(f"/api/learning/files/{file}")["status"] == "ready"
    assert found(f"/api/learning/jobs/{job}")["status"] == "succeeded"
    world.validators["Jobs"].validate(found("/api/learning/jobs"))
    world.validators["Files"].validate(found("/api/learning/files"))


def _validators() -> dict[str, jsonschema.protocols.Validator]:
    described = document("0")
    return {
        name: jsonschema.Draft202012Validator(
            {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        )
        for name in described["components"]["schemas"]
    }


def _head(method: str, path: str, *headers: str) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {KEY}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def seed_upload(purpose: str = "fine-tune", name: str = "train.jsonl") -> bytes:
    """Return an upload."""
    body = (
        f'--e\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n{purpose}\r\n--e\r\n'
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    ).encode()
    head = _head("POST", "/api/learning/files", "Content-Type: multipart/form-data; boundary=e")
    return head + body + _ROWS + b"\r\n--e--\r\n"


def seed_job(file: bytes = b"FILE", *headers: str) -> bytes:
    """Return the request of a job."""
    payload = json.loads((TESTS / "cases" / "minimal" / "job.json").read_bytes())
    payload["training_file_id"] = file.decode()
    payload["metadata"].pop("sftc", None)
    head = _head("POST", "/api/learning/jobs", "Content-Type: application/json", *headers)
    return head + json.dumps(payload).encode()


def seeds() -> Iterator[bytes]:
    """Yield each operation, asked well, and uploads and jobs with all that can be said of them."""
    queries = {
        "list_files": "sha256=" + "0" * 64 + "&limit=3",
        "list_jobs": "before=JOB&status=succeeded&search=q&limit=2",
        "list_events": "since_seq=1&limit=1",
        "list_metrics": "name=train.loss&after_step=1&max_points=3&limit=5",
        "read_log": "after=0&limit=4",
    }
    for operation in OPERATIONS:
        for pattern in operation.paths:
            path = pattern.replace("{job_id}", "JOB").replace("{file_id}", "FILE")
            path = path.replace("{path:path}", "adapter/a.safetensors")
            if operation.body is None:
                yield _head(operation.method, f"/api{path}", "Range: bytes=1-")
                if operation.name in queries:
                    yield _head(operation.method, f"/api{path}?{queries[operation.name]}")
    yield seed_upload()
    yield seed_upload("other", 'a b;\\"c.jsonl')
    yield seed_job()
    again = seed_job(b"FILE", "Idempotency-Key: a", "X-Job-Name: %C3%A9 b")
    yield again + b"\n===\n" + again
    yield seed_upload() + b"\n===\n" + _head("GET", "/api/files?limit=1")
    for path in ("/", "/openapi.json", "/page.js", "/api/nothing"):
        yield _head("GET", path)


def words() -> list[str]:
    """Return what heads, forms and payloads are made of."""
    heads = [
        *(
            "GET ",
            "POST ",
            "PUT ",
            "DELETE ",
            "HEAD ",
            "OPTIONS ",
            " HTTP/1.1\r\n",
            "\r\n\r\n",
            "\n===\n",
        ),
        *(
            "Authorization: Bearer k\r\n",
            "Host: localhost\r\n",
            "Range: bytes=0-0\r\n",
            "If-None-Match: ",
        ),
        *("Idempotency-Key: a\r\n", "X-Job-Name: a\r\n", "Expect: 100-continue\r\n", "If-Range: "),
        *(
            "Content-Type: multipart/form-data; boundary=e\r\n",
            "Content-Type: application/json\r\n",
        ),
        *(
            "--e\r\n",
            "\r\n--e--\r\n",
            'Content-Disposition: form-data; name="',
            '; filename="',
            "filename*=",
        ),
        *(
            "?limit=",
            "&",
            "=",
            "%00",
            "%2F",
            "%C3%A9",
            "%ff",
            "%ed%a0%80",
            "..",
            "//",
            "JOB",
            "FILE",
        ),
        *("since_seq=", "after_step=", "max_points=", "search=", "status=", "before=", "sha256="),
        *("/api/learning/jobs", "/api/learning/files", "/api/files", "/start", "/cancel", "/log"),
        *("/events", "/metrics", "/timeline", "/artifacts", "9007199254740991", "-1", "bytes=-5"),
    ]
    payload = [
        *("hyperparameters", "metadata", "effective_config", "compute", "gpu_type", "gpu_count"),
        *("nodes", "parallelism", "topology", "world_size", "global_batch", "validation_files"),
        *("training_file_id", "n_epochs", "model", "files", "sha256", "validation", "enabled"),
    ]
    marks = ["null", "true", "1e400", "NaN", "2.0", "{}", "[]", '"\\ud800"', "9223372036854775808"]
    return [*heads, *marks, *(f'"{name}": ' for name in payload)]
