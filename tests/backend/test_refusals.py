"""Payloads that the backend refuses, as data: a folder a case, the answer to the letter.

A case is ``payload.json``, in which the strings ``READY``, ``OTHER``, ``BAD`` stand for the ids of
files, and ``answer.json``. ``SFTC_REWRITE=1`` writes the answers anew.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import served
from served import ROWS, Server

from sftc.backend.errors import CODES
from sftc.backend.operations import OPERATIONS
from sftc.backend.refusals import ANSWERS
from sftc.diagnostics import Severity, codes
from sftc.diagnostics.catalogue import CODES as CATALOGUE

CASES = Path(__file__).parent / "refusals"
NAMES = sorted(path.name for path in CASES.iterdir())
REWRITE = bool(os.environ.get("SFTC_REWRITE"))

JOB = Path(__file__).parents[2] / "job" / "rules"
RAISED = {
    getattr(codes, name)
    for path in JOB.glob("*.py")
    for name in re.findall(r"Finding\(\s*codes\.(\w+)", path.read_text("utf-8"))
}
"""The codes that a job can have."""

ELSEWHERE = {
    "invalid_json",
    "body_too_large",
    "request_timeout",
    "file_not_ready",
    "invalid_idempotency_key",
    "idempotency_key_reused",
    "invalid_job_name",
    "model_not_found",
    "not_trainable",
}
"""Codes of the operation that no rehearsal has, or are no matter of the payload's content."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served.serving(tmp_path_factory.mktemp("data")) as started:
        yield started


@pytest.fixture(scope="module")
def files(server: Server) -> dict[str, str]:
    other = b"".join(ROWS.splitlines(keepends=True)[:10])
    return {
        "READY": server.ready(),
        "OTHER": server.ready(other),
        "BAD": server.ready(b'{"messages": []}\n'),
    }


@pytest.mark.slow_but_first
@pytest.mark.parametrize("name", NAMES)
def test_a_refusal(server: Server, files: dict[str, str], name: str) -> None:
    text = (CASES / name / "payload.json").read_text()
    for word, file in files.items():
        text = text.replace(f'"{word}"', f'"{file}"')
    answer = server.ask("POST", "/learning/jobs", text.encode())
    said = json.dumps({"status": answer.status, **answer.body}, indent=2, ensure_ascii=False) + "\n"
    for word, file in files.items():
        said = said.replace(file, word)
    expected = CASES / name / "answer.json"
    if REWRITE:
        expected.write_text(said)
    assert answer.status == 400
    assert said == expected.read_text()
    assert answer.body["error"]["code"] in CODES


def test_every_refusal_of_a_payload_has_a_case() -> None:
    def codes(body: Any) -> Iterator[str]:
        yield body["error"]["code"]
        yield from (detail["code"] for detail in body["error"].get("details", ()))

    seen = {
        code
        for name in NAMES
        for code in codes(json.loads((CASES / name / "answer.json").read_text()))
    }
    (create,) = (operation for operation in OPERATIONS if operation.name == "create_job")
    assert seen == set(create.codes) - ELSEWHERE


def test_a_warning_is_no_refusal(server: Server, files: dict[str, str]) -> None:
    payload = json.loads((CASES / "world-size" / "payload.json").read_text())
    del payload["hyperparameters"]["world_size"]
    payload["training_file_id"] = files["READY"]
    payload["metadata"]["effective_config"]["data"]["topology"]["container_count"] = 9
    assert server.ask("POST", "/learning/jobs", payload).status == 201


def test_every_error_of_a_job_has_an_answer() -> None:
    of_jobs = {code for code in RAISED if CATALOGUE[code].severity is Severity.ERROR}
    assert of_jobs == ANSWERS.keys()
    assert set(ANSWERS.values()) <= CODES.keys()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 100000000000000000000}',
        b'{"a": 1, "a": 2}',
    ],
    ids=[
        "empty",
        "cut",
        "latin",
        "nan",
        "infinity",
        "surrogate",
        "deep",
        "digits",
        "integer",
        "twice",
    ],
)
def test_what_is_no_json(server: Server, body: bytes) -> None:
    answer = server.ask("POST", "/learning/jobs", body)
    assert (answer.status, answer.code) == (400, "invalid_json")


def test_a_body_may_be_as_large_as_a_payload(server: Server) -> None:
    answer = server.ask("POST", "/learning/jobs", b'"' + b"a" * 5 * 1024**2 + b'"')
    assert (answer.status, answer.code) == (413, "body_too_large")


@pytest.mark.parametrize("key", ["", "a key", "k" * 256, "schl\xfcssel"])
def test_what_is_no_idempotency_key(server: Server, key: str) -> None:
    answer = server.ask("POST", "/learning/jobs", {}, {"Idempotency-Key": key})
    assert (answer.status, answer.code) == (400, "invalid_idempotency_key")


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/learning/jobs?limit=0", "limit"),
        ("/learning/jobs?limit=1001", "limit"),
        ("/learning/jobs?limit=ten", "limit"),
        ("/learning/files?sha256=ABC", "sha256"),
    ],
)
def test_what_is_no_parameter(server: Server, path: str, parameter: str) -> None:
    answer = server.ask("GET", path)
    assert (answer.status, answer.code) == (400, "invalid_query")
    assert f"`{parameter}`" in answer.body["error"]["message"]


def _form(disposition: str, *, end: str = "--e--") -> bytes:
    return f"--e\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{{}}\r\n{end}".encode()


FILE = 'name="file"; filename="a"'


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("application/json", b"{}", "invalid_upload"),
        ("multipart/form-data", _form(FILE), "invalid_upload"),
        ("multipart/form-data; boundary=e", b"", "invalid_upload"),
        ("multipart/form-data; boundary=e", b"nothing of a form", "invalid_upload"),
        ("multipart/form-data; boundary=e", _form(FILE, end="--"), "invalid_upload"),
        ("multipart/form-data; boundary=e", _form('name="purpose"'), "invalid_upload"),
        ("multipart/form-data; boundary=e", _form('name="file"'), "invalid_upload"),
        ("multipart/form-data; boundary=e", _form('name="x"; filename="a"'), "invalid_upload"),
        ("multipart/form-data; boundary=e", _form(FILE), "unsupported_purpose"),
        (f"multipart/form-data; boundary={'e' * 300}", b"", "invalid_upload"),
    ],
)
def test_what_is_no_upload(server: Server, kind: str, body: bytes, code: str) -> None:
    answer = server.ask("POST", "/learning/files", body, {"Content-Type": kind})
    assert (answer.status, answer.code) == (400, code)


def test_another_purpose_is_refused(server: Server) -> None:
    answer = server.upload(ROWS, purpose="batch")
    assert (answer.status, answer.code) == (400, "unsupported_purpose")


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("GET", "/learning/jobs/none")])
def test_what_is_not_there(server: Server, method: str, path: str) -> None:
    assert server.ask(method, path).status == 404


def test_a_wrong_method_is_told_the_right_ones(server: Server) -> None:
    answer = server.ask("DELETE", "/learning/jobs")
    assert (answer.status, answer.code) == (405, "method_not_allowed")
