"""A backend that does the least that the API promises: what other backends may be like.

It keeps everything in memory, finds no file by its digest, and gives each upload a new id.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import HTTP
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote

JOB = {"status": "queued", "progress": {"step": 0, "total_steps": 2}}


class Minimal(ThreadingHTTPServer):
    """What has been asked of it, for tests to look at."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = Lock()
        self.keys: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.names: list[str] = []
        self.bodies: dict[str, bytes] = {}
        self.results: dict[str, dict[str, bytes]] = {}
        """The files of a job's result, by path; a job that is not here has no such route."""
        self.logs: dict[str, bytes] = {}
        """What a job's trainer printed; a job that is not here has no such route."""
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.answers: dict[str, tuple[int, Any, dict[str, str]]] = {}
        """Answers in place of the usual ones, by method and path."""
        self.refused_uploads: dict[str, tuple[int, Any, dict[str, str]]] = {}
        """Answers to uploads, by the file's name."""

    def forget(self) -> None:
        """Be as new: another backend at the same address."""
        self.keys, self.files, self.jobs, self.names = {}, {}, {}, []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Minimal
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve(b"")

    def do_PUT(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers["Content-Length"])))

    def _serve(self, body: bytes) -> None:
        path = self.path.removeprefix("/api")
        asked = f"{self.command} {path.partition('?')[0]}"
        self.server.requests.append(asked)
        self.server.headers.append(dict(self.headers))
        self.server.bodies[asked] = body
        with self.server.lock:
            status, value, headers = self.server.answers.get(asked) or self._answer(asked, body)
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def _answer(self, asked: str, body: bytes) -> tuple[int, Any, dict[str, str]]:
        server = self.server
        if asked == "POST /learning/files":
            file_id = f"file-{len(server.files)}"
            name, data = self._uploaded(body)
            if name in server.refused_uploads:
                return server.refused_uploads[name]
            server.files[file_id] = data
            server.names.append(name)
            return 201, {"id": file_id}, {}
        if asked == "POST /learning/jobs":
            job_id = server.keys.setdefault(
                str(self.headers["Idempotency-Key"]), f"job-{len(server.jobs)}"
            )
            server.jobs.setdefault(job_id, {**JOB, "payload": json.loads(body)})
            return 200, {"id": job_id}, {}
        if found := re.fullmatch(r"GET /learning/files/([^/]+)", asked):
            known = found[1] in server.files
            return (200, {"status": "ready"}, {}) if known else (404, {"detail": "no file"}, {})
        if found := re.fullmatch(r"GET /learning/jobs/([^/]+)/log", asked):
            return self._log(server.logs.get(found[1]))
        if found := re.fullmatch(r"GET /learning/jobs/([^/]+)/artifacts(?:/(.+))?", asked):
            return self._artifacts(server.results.get(found[1]), found[2])
        if found := re.fullmatch(r"(?:GET|POST) /learning/jobs/([^/]+)(/start)?", asked):
            job = server.jobs.get(found[1])
            if job is None:
                return 404, {"detail": "no job"}, {}
            job["status"] = "succeeded"
            return 200, job, {}
        return 404, {"detail": "Not Found"}, {}

    def _log(self, log: bytes | None) -> tuple[int, Any, dict[str, str]]:
        if log is None:
            return 404, {"detail": "Not Found"}, {}
        query = parse_qs(self.path.partition("?")[2])
        limit = int(query.get("limit", ["65536"])[0])
        start = int(query["after"][0]) if "after" in query else max(0, len(log) - limit)
        text = log[start : start + limit].decode("utf-8", "replace")
        end = min(start + limit, len(log))
        return 200, {"text": text, "start": start, "end": end, "size": len(log)}, {}

    def _artifacts(
        self, result: dict[str, bytes] | None, path: str | None
    ) -> tuple[int, Any, dict[str, str]]:
        if result is None:
            return 404, {"detail": "Not Found"}, {}
        if path is None:
            listed = [
                {"path": name, "bytes": len(data), "sha256": sha256(data).hexdigest()}
                for name, data in result.items()
            ]
            return 200, {"artifacts": listed}, {}
        if (data := result.get(unquote(path))) is None:
            return 404, {"error": {"code": "artifact_not_found", "message": "It is not there."}}, {}
        etag = {"ETag": f'"{sha256(data).hexdigest()}"'}
        if not (asked := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))):
            return 200, data, etag
        start = int(asked[1])
        if start >= len(data):
            return 416, {"detail": "no such range"}, {"Content-Range": f"bytes */{len(data)}"}
        where = f"bytes {start}-{len(data) - 1}/{len(data)}"
        return 206, data[start:], {**etag, "Content-Range": where}

    def _uploaded(self, body: bytes) -> tuple[str, bytes]:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = BytesParser(policy=HTTP).parsebytes(head + body)
        parts = {
            part.get_param("name", header="content-disposition"): part for part in form.iter_parts()
        }
        assert parts["purpose"].get_content().strip() == "fine-tune"
        data = parts["file"].get_payload(decode=True)
        assert isinstance(data, bytes)
        return str(parts["file"].get_filename()), data

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests' output is theirs."""


@contextmanager
def minimal() -> Iterator[Minimal]:
    """Run such a backend on a free port of this machine."""
    with Minimal() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
