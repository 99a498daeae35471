"""The backend as people run it: a process of the installed command, asked over real sockets."""

import http.client
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

SFTC = Path(sys.executable).parent / "sftc"
KEY = "a-key-for-tests"
ROWS = b"".join(
    b'{"messages":[{"role":"user","content":"say %d"},{"role":"assistant","content":"%d it is"}]}\n'
    % (number, number)
    for number in range(40)
)
_LONG = 240.0
"""Seconds until a test gives up: nothing takes that long, however busy the machine is."""


class Answer(NamedTuple):
    """An answer of the API."""

    status: int
    body: Any

    @property
    def code(self) -> str:
        """The code of an error."""
        return str(self.body["error"]["code"])


class GoneError(ConnectionError):
    """The server ended before its answer did."""


class Server:
    """A server at work."""

    def __init__(self, process: "subprocess.Popen[str]", address: str, key: str) -> None:
        """Ask with a key."""
        self.process = process
        self.address = address
        self.key = key

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request under ``/api``; a body that is not bytes is sent as JSON.

        Raises:
            GoneError: the server ended before its answer did, as any of ``http.client``'s errors.
            OSError: the server cannot be reached.

        """
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - of our own server
            f"{self.address}/api{path}",
            data=data,
            method=method,
            headers={
                "Authorization": f"Bearer {self.key}",
                "Content-Type": "application/json",
                **(headers or {}),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_LONG) as answer:  # noqa: S310 - as above
                return Answer(answer.status, json.loads(answer.read()))
        except urllib.error.HTTPError as error:
            try:
                with error:
                    return Answer(error.code, json.loads(error.read()))
            except http.client.HTTPException as cut:
                raise GoneError from cut
        except http.client.HTTPException as error:
            raise GoneError from error

    def upload(self, data: bytes, filename: str = "train.jsonl", **fields: str) -> Answer:
        """Upload a file."""
        body, kind = multipart(data, filename, **{"purpose": "fine-tune", **fields})
        return self.ask("POST", "/learning/files", body, {"Content-Type": kind})

    def ready(self, data: bytes = ROWS, **fields: str) -> str:
        """Upload a file, and return its id when it has been checked."""
        name = str(self.upload(data, **fields).body["id"])
        self.until(
            lambda: self.ask("GET", f"/learning/files/{name}").body["status"] != "validating"
        )
        return name

    def started(self, payload: Any) -> str:
        """Create and start a job, and return its id."""
        name = str(self.ask("POST", "/learning/jobs", payload).body["id"])
        assert self.ask("POST", f"/learning/jobs/{name}/start", {}).status == 200
        return name

    def job(self, name: str) -> Any:
        """Return a job."""
        return self.ask("GET", f"/learning/jobs/{name}").body

    def over(self, name: str) -> Any:
        """Return a job when it is over."""
        self.until(lambda: self.job(name)["status"] in {"succeeded", "failed", "cancelled"})
        return self.job(name)

    def events(self, name: str) -> list[Any]:
        """Return the events of a job."""
        return list(self.ask("GET", f"/learning/jobs/{name}/events?limit=1000").body["events"])

    def points(self, name: str) -> list[tuple[str, int, float]]:
        """Return the points of a job, without their times."""
        found = self.ask("GET", f"/learning/jobs/{name}/metrics?limit=1000").body["points"]
        return [(point["name"], point["step"], point["value"]) for point in found]

    def until(self, true: Any) -> None:
        """Wait until something is true."""
        patience = time.monotonic() + _LONG
        while not true():
            assert time.monotonic() < patience, "waited too long"
            assert self.process.poll() is None, "the server has ended"
            time.sleep(0.02)


@contextmanager
def serving(
    folder: Path, *options: str, key: str | None = KEY, pace: str = "0", **more: Any
) -> Iterator[Server]:
    """Run a server on a free port, with its data in a folder; at the end it is stopped."""
    process = begun(folder, *options, key=key, pace=pace, **more)
    try:
        yield Server(process, first_line(process), key or "")
    finally:
        process.terminate()
        process.communicate(timeout=_LONG)


def begun(
    folder: Path,
    *options: str,
    key: str | None = KEY,
    pace: str = "0",
    command: Sequence[str] = (str(SFTC),),
    **more: Any,
) -> "subprocess.Popen[str]":
    """Start a server."""
    environment = {name: value for name, value in os.environ.items() if name != "SYNTH_API_KEY"}
    if key:
        environment["SYNTH_API_KEY"] = key
    fixed = ("--port", "0", "--data-dir", str(folder), "--pace", pace)
    return subprocess.Popen(
        [*command, "backend", "serve", *fixed, *options],
        env=environment,
        text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more},
    )


def run(
    command: str, folder: Path, *options: str, **more: Any
) -> "subprocess.CompletedProcess[str]":
    """Run another command of the backend's to its end."""
    return subprocess.run(
        [SFTC, "backend", command, "--data-dir", folder, *options],
        capture_output=True,
        text=True,
        timeout=_LONG,
        check=False,
        **more,
    )


def first_line(process: "subprocess.Popen[str]") -> str:
    """Return the address that a server prints when it accepts connections."""
    assert process.stdout
    address = process.stdout.readline().strip()
    assert address, f"the server ended: {process.communicate()[1]}"
    return address


def multipart(data: bytes, filename: str, **fields: str) -> tuple[bytes, str]:
    """Return a multipart form, and its content type."""
    edge = "edge-of-a-part"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        "Content-Type: application/jsonl\r\n\r\n"
    )
    body = b"".join([*parts, head.encode(), data, f"\r\n--{edge}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={edge}"


def payload(training: str | None, **hyperparameters: Any) -> dict[str, Any]:
    """Return a small payload over a file."""
    return {
        "model": "Qwen/Qwen3-4B",
        "training_type": "sft_offline",
        "hyperparameters": {"n_epochs": 1, **hyperparameters},
        "metadata": {
            "effective_config": {
                "compute": {"gpu_type": "H100", "gpu_count": 1, "nodes": 1},
                "data": {"topology": {}},
                "training": {"use_qlora": True},
            }
        },
        "training_file_id": training,
    }


def validated(training: str, validation: str, **hyperparameters: Any) -> dict[str, Any]:
    """Return a small payload that evaluates on a second file."""
    made = payload(training, **hyperparameters)
    effective = made["metadata"]["effective_config"]
    effective["data"]["validation_files"] = [validation]
    effective["training"]["validation"] = {"enabled": True}
    return made
