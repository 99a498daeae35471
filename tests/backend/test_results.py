"""What a job leaves: its log in pieces, and the files of its result."""

import hashlib
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import served
from served import Server
from training_server import run_of, scripted, training

WEIGHTS = b"0123456789" * 100
DEEP = "deep/er/weights.safetensors"


class Trained(NamedTuple):
    """A server with a job that was trained."""

    server: Server
    job: str
    run: Path

    def file(self, path: str, method: str = "GET", **headers: str) -> Any:
        """Ask for a file, and return the answer, of whatever status; its body is read."""
        url = f"{self.server.address}/api/learning/jobs/{self.job}/artifacts/{path}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(  # noqa: S310 - of our own server
            url, headers={"Authorization": f"Bearer {self.server.key}", **named}, method=method
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def log(self, query: str = "") -> Any:
        return self.server.ask("GET", f"/learning/jobs/{self.job}/log{query}").body

    def artifacts(self) -> list[Any]:
        answer = self.server.ask("GET", f"/learning/jobs/{self.job}/artifacts")
        return list(answer.body["artifacts"])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    folder = tmp_path_factory.mktemp("data")
    odd = {"a b/ü %2F.txt": "odd", "link": "->/etc/passwd", "out": "->..", "empty": ""}
    with training(folder) as server:
        job = scripted(server, ["start", 1], ["print", "x€y"], ["result", odd], ["done", 1])
        assert server.over(job)["status"] == "succeeded"
        yield Trained(server, job, run_of(folder, job))


@pytest.mark.slow
def test_the_files_of_a_result_are_listed(trained: Trained) -> None:
    listed = trained.artifacts()
    assert [(each["path"], each["bytes"]) for each in listed] == [
        ("a b/ü %2F.txt", 3),
        ("adapter_config.json", 2),
        (DEEP, 1000),
        ("empty", 0),
    ]
    assert listed[2]["sha256"] == hashlib.sha256(WEIGHTS).hexdigest()


def test_a_file_comes_whole(trained: Trained) -> None:
    status, headers, data = trained.file(DEEP)
    assert (status, data) == (200, WEIGHTS)
    assert headers["Content-Length"] == "1000"
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["ETag"] == f'"{hashlib.sha256(WEIGHTS).hexdigest()}"'
    assert trained.file("a%20b/%C3%BC%20%252F.txt")[2] == b"odd"
    assert trained.file("empty")[::2] == (200, b"")
    status, headers, data = trained.file(DEEP, method="HEAD")
    assert (status, headers["Content-Length"], data) == (200, "1000", b"")


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-", 206, WEIGHTS),
        ("bytes=994-", 206, b"456789"),
        ("bytes=994-995", 206, b"45"),
        ("bytes=994-9999", 206, b"456789"),
        ("BYTES=994-", 206, b"456789"),
        ("bytes=0000000000000000000000994-", 206, b"456789"),
        ("bytes=994-99999999999999999999999", 206, b"456789"),
        ("bytes=-5", 206, b"56789"),
        ("bytes=-1000", 206, WEIGHTS),
        ("bytes=-99999999999999999999999", 206, WEIGHTS),
        ("bytes=10-5", 200, WEIGHTS),
        ("bytes=1010-1005", 200, WEIGHTS),
        ("bytes=-", 200, WEIGHTS),
        ("bytes = 994-", 200, WEIGHTS),
        ("bytes=1-2,4-5", 200, WEIGHTS),
        ("lines=1-", 200, WEIGHTS),
    ],
)
def test_a_download_goes_on(trained: Trained, wanted: str, status: int, part: bytes) -> None:
    found, headers, data = trained.file(DEEP, Range=wanted)
    assert (found, data) == (status, part)
    if status == 206:
        first = 1000 - len(part) if not wanted.endswith("995") else 994
        assert headers["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/1000"


@pytest.mark.parametrize("wanted", ["bytes=1000-", "bytes=1000-1001", "bytes=-0"])
def test_a_range_without_a_byte_of_the_file(trained: Trained, wanted: str) -> None:
    status, headers, data = trained.file(DEEP, Range=wanted)
    assert (status, b'"invalid_range"' in data) == (416, True)
    assert headers["Content-Range"] == "bytes */1000"


@pytest.mark.parametrize("wanted", ["bytes=0-", "bytes=-5", "bytes=5-"])
def test_an_empty_file_has_no_ranges(trained: Trained, wanted: str) -> None:
    assert trained.file("empty", Range=wanted)[::2] == (200, b"")


def test_who_has_the_file_is_not_sent_it(trained: Trained) -> None:
    etag = trained.file(DEEP)[1]["ETag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        status, headers, data = trained.file(DEEP, If_None_Match=known, Range="bytes=994-")
        assert (status, headers["ETag"], data) == (304, etag, b"")
    assert trained.file(DEEP, If_None_Match='"other"')[::2] == (200, WEIGHTS)


def test_a_range_of_another_file_is_the_whole_one(trained: Trained) -> None:
    etag = trained.file(DEEP)[1]["ETag"]
    assert trained.file(DEEP, Range="bytes=994-", If_Range=etag)[0] == 206
    assert trained.file(DEEP, Range="bytes=994-", If_Range='"other"')[::2] == (200, WEIGHTS)


@pytest.mark.parametrize(
    "path",
    [
        *("", "no", "deep", "deep/er", "deep//er/weights.safetensors", "a%00b", "%FF"),
        *("link", "out", "out/job.json", "../job.json", "%2E%2E/job.json", "..%2Fjob.json"),
        "/etc/passwd",
    ],
)
def test_nothing_else_is_served(trained: Trained, path: str) -> None:
    status, _, data = trained.file(path)
    assert (status, b'_not_found"' in data) == (404, True)


@pytest.mark.slow
def test_what_was_changed_is_not_served(tmp_path: Path) -> None:
    with training(tmp_path) as server:
        job = scripted(server, ["start", 1], ["done", 1])
        server.over(job)
        trained = Trained(server, job, run_of(tmp_path, job))
        file = trained.run / "result" / DEEP
        etag = trained.file(DEEP)[1]["ETag"]
        for text in ("longer" * 1000, "9" * 1000):  # the latter as long as it was
            file.write_text(text)
            for headers in ({}, {"If-None-Match": etag}):
                status, _, data = trained.file(DEEP, **headers)
                assert (status, b'"artifact_changed"' in data) == (409, True)
        shutil.rmtree(trained.run / "result" / "deep")
        (trained.run / "elsewhere/er").mkdir(parents=True)
        (trained.run / "elsewhere/er/weights.safetensors").write_bytes(WEIGHTS)
        (trained.run / "result" / "deep").symlink_to("../elsewhere")
        assert trained.file(DEEP)[0] == 404


@pytest.mark.slow
def test_before_the_end_there_is_no_result(tmp_path: Path) -> None:
    with training(tmp_path) as server:
        job = scripted(server, ["result", {"half": "x"}], ["start", 9], ["wait", "never"])
        server.until(lambda: server.job(job)["status"] == "running")
        trained = Trained(server, job, run_of(tmp_path, job))
        assert trained.artifacts() == []
        assert trained.file("half")[0] == 404
        server.ask("POST", f"/learning/jobs/{job}/cancel", {})
        assert trained.artifacts() == []


def test_a_rehearsal_has_neither_log_nor_result(tmp_path: Path) -> None:
    with served.serving(tmp_path) as server:
        job = server.started(served.payload(server.ready()))
        assert server.over(job)["engine"] is None
        trained = Trained(server, job, run_of(tmp_path, job))
        assert trained.artifacts() == []
        assert trained.log() == {"text": "", "start": 0, "end": 0, "size": 0}


def test_a_log_in_pieces(trained: Trained) -> None:
    whole = trained.log()
    size = whole["size"]
    assert (whole["start"], whole["end"]) == (0, size)
    assert whole["text"].startswith("x€y\nsftc: ")
    assert trained.log("?after=1&limit=4") == {"text": "€y", "start": 1, "end": 5, "size": size}
    assert trained.log("?after=2&limit=4")["text"] == "\ufffd\ufffdy\n"
    assert trained.log(f"?after={size}") == {"text": "", "start": size, "end": size, "size": size}
    last = trained.log(f"?limit={size - 2}")  # begins within a character
    assert (last["text"][:2], last["start"], last["end"]) == ("y\n", 4, size)
    for beyond in (size + 1, 2**53 - 1):
        nothing = {"text": "", "start": beyond, "end": beyond, "size": size}
        assert trained.log(f"?after={beyond}") == nothing
    for query in ("?after=-1", "?limit=3", "?limit=1048577", "?after=x"):
        assert trained.log(query)["error"]["code"] == "invalid_query"


@pytest.mark.slow
def test_a_log_that_ends_within_a_character(tmp_path: Path) -> None:
    with training(tmp_path) as server:
        job = scripted(server, ["start", 9], ["wait", "go"], ["done", 9])
        server.until(lambda: server.job(job)["status"] == "running")
        run = run_of(tmp_path, job)
        trained = Trained(server, job, run)
        (run / "log").write_bytes(b"abc\xf0\x9f\x98")
        assert trained.log() == {"text": "abc", "start": 0, "end": 3, "size": 6}
        assert trained.log("?after=3") == {"text": "", "start": 3, "end": 3, "size": 6}
        (run / "go").touch()
        server.over(job)
        (run / "log").write_bytes(b"abc\xf0\x9f\x98")
        assert trained.log("?after=3") == {"text": "\ufffd", "start": 3, "end": 6, "size": 6}
        (run / "log").write_bytes("\U0001f600".encode() * 2)  # a piece's end is not the log's
        assert trained.log("?after=0&limit=6")["end"] == 4


@pytest.mark.slow
def test_a_log_that_is_none(tmp_path: Path) -> None:
    with training(tmp_path) as server:
        job = scripted(server, ["print", "x"], ["start", 1], ["done", 1])
        server.over(job)
        log = run_of(tmp_path, job) / "log"
        log.unlink()
        trained = Trained(server, job, run_of(tmp_path, job))
        assert trained.log()["text"] == ""
        log.symlink_to("/etc/passwd")
        assert trained.log()["text"] == ""
        log.unlink()
        log.mkdir()
        assert trained.log()["text"] == ""
