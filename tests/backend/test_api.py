"""The embedded backend from a client's side: files, jobs, and what each answers."""

import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import served
from served import ROWS, Server, payload, validated

from sftc.backend.errors import CODES

ROOT = Path(__file__).parents[2]
OTHER = b"".join(ROWS.splitlines(keepends=True)[:10])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served.serving(tmp_path_factory.mktemp("data")) as started:
        yield started


@pytest.mark.slow
def test_a_job_runs_to_its_end(server: Server) -> None:
    training, validation = server.ready(), server.ready(OTHER)
    body = validated(training, validation, eval_steps=8, n_epochs=2, per_device_batch=5)
    created = server.ask("POST", "/learning/jobs", body)
    assert (created.status, created.body["status"]) == (201, "created")
    name = created.body["job_id"]
    assert created.body["id"] == name
    server.ask("POST", f"/learning/jobs/{name}/start", {})
    job = server.over(name)
    assert (job["status"], job["mode"]) == ("succeeded", "rehearsal")
    assert job["progress"] == {"step": 16, "total_steps": 16}  # 2 epochs × 40 rows ÷ 5
    assert job["payload"] == body
    events = server.events(name)
    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5]
    assert [event["type"].removeprefix("sft.job.") for event in events] == [
        "created", "queued", "started", "data", "completed",
    ]  # fmt: skip
    assert "nothing is trained" in events[0]["message"]
    assert (events[3]["data"]["rows"], events[3]["data"]["words"]) == (40, len(ROWS.split()))
    points = server.points(name)
    assert [step for curve, step, _ in points if curve == "train.loss"] == list(range(1, 17))
    assert [step for curve, step, _ in points if curve == "val.loss"] == [8, 16]
    phases = server.ask("GET", f"/learning/jobs/{name}/timeline").body["events"]
    assert [phase["phase"] for phase in phases] == ["created", "queued", "running", "succeeded"]


@pytest.mark.slow
def test_the_same_job_draws_the_same_curve_for_anyone(server: Server, tmp_path: Path) -> None:
    first = server.started(payload(server.ready()))
    server.over(first)
    with served.serving(tmp_path, key="another key") as other:
        second = other.started(payload(other.ready()))
        other.over(second)
        third = other.started(payload(other.ready(), learning_rate=1e-5))
        other.over(third)
        assert server.points(first) == other.points(second) != other.points(third)


def test_paging_never_parts_a_step(server: Server) -> None:
    name = server.started(validated(server.ready(), server.ready(OTHER), eval_steps=10))
    server.over(name)
    found: list[Any] = []
    while True:
        after = found[-1]["step"] if found else -1
        path = f"/learning/jobs/{name}/metrics?limit=1&after_step={after}"
        page = server.ask("GET", path).body["points"]
        if not page:
            break
        found += page
    assert [(point["name"], point["step"], point["value"]) for point in found] == server.points(
        name
    )
    events = server.ask("GET", f"/learning/jobs/{name}/events?since_seq=2&limit=1").body["events"]
    assert [event["seq"] for event in events] == [3]


def test_the_same_bytes_are_one_file(server: Server) -> None:
    data = ROWS + OTHER.replace(b"say", b"tell")
    first, second = server.upload(data), server.upload(data, filename="renamed.jsonl")
    assert (first.status, second.status) == (201, 200)
    assert first.body["id"] == second.body["id"]
    assert first.body["sha256"] == hashlib.sha256(data).hexdigest()
    assert first.body["bytes"] == len(data)
    listed = server.ask("GET", f"/learning/files?sha256={first.body['sha256']}").body["files"]
    assert [file["id"] for file in listed] == [first.body["id"]]
    assert server.ask("GET", f"/files/{first.body['id']}").status == 200


def test_a_file_name_is_words_and_no_path(server: Server) -> None:
    evil = "../../../tmp/evil.jsonl"
    file = server.upload(ROWS + b"\n\n", filename=evil).body
    assert file["filename"] == evil
    assert not Path("/tmp/evil.jsonl").exists()  # noqa: S108 - that it is not there


def test_a_bad_file_says_which_line(server: Server) -> None:
    name = server.ready(ROWS + b'{"messages": []}\n')
    file = server.ask("GET", f"/learning/files/{name}").body
    assert file["status"] == "failed"
    assert file["error"]["code"] == "invalid_dataset"
    assert file["error"]["details"][0]["line"] == 41
    refused = server.ask("POST", "/learning/jobs", payload(name))
    assert (refused.status, refused.code) == (400, "invalid_dataset")
    assert "line 41" in refused.body["error"]["message"]


def test_a_job_waits_for_its_file_to_be_checked(server: Server) -> None:
    """The reference client's SDK creates the job right after the upload."""
    name = server.upload(ROWS + OTHER).body["id"]
    assert server.ask("POST", "/learning/jobs", payload(name)).status == 201


def test_one_key_makes_one_job(server: Server) -> None:
    body = payload(server.ready())
    headers = {"Idempotency-Key": "once"}

    def create(_: int) -> Any:
        return server.ask("POST", "/learning/jobs", body, headers)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(create, range(16)))
    assert sorted(answer.status for answer in answers) == [200] * 15 + [201]
    assert len({answer.body["id"] for answer in answers}) == 1
    other = server.ask(
        "POST", "/learning/jobs", payload(body["training_file_id"], steps=3), headers
    )
    assert (other.status, other.code) == (422, "idempotency_key_reused")


@pytest.mark.slow
def test_starting_a_job_that_runs_has_no_effect(tmp_path: Path) -> None:
    with served.serving(tmp_path, pace="600") as server:
        name = server.started(payload(server.ready()))
        waiting = server.started(payload(server.ready()))
        server.until(lambda: server.job(name)["status"] == "running")
        for job, status in ((name, "running"), (waiting, "queued")):
            again = server.ask("POST", f"/learning/jobs/{job}/start", {})
            assert (again.status, again.body["status"]) == (200, status)
            assert [event["type"] for event in server.events(job)].count("sft.job.queued") == 1


def test_what_is_over_is_not_started_again(server: Server) -> None:
    body = payload(server.ready())
    succeeded = server.started(body)
    server.over(succeeded)
    cancelled = server.ask("POST", "/learning/jobs", body).body["id"]
    server.ask("POST", f"/learning/jobs/{cancelled}/cancel")
    for name in (succeeded, cancelled):
        before = server.events(name)
        refused = server.ask("POST", f"/learning/jobs/{name}/start", {})
        assert (refused.status, refused.code) == (409, "job_over")
        assert server.events(name) == before


@pytest.mark.slow
def test_a_job_can_be_cancelled(tmp_path: Path) -> None:
    with served.serving(tmp_path, pace="600") as server:
        name = server.started(payload(server.ready()))
        server.until(lambda: server.job(name)["status"] == "running")
        waiting = server.started(payload(server.ready()))
        for job in (waiting, name, name):
            cancelled = server.ask("POST", f"/learning/jobs/{job}/cancel")
            assert (cancelled.status, cancelled.body["status"]) == (200, "cancelled")
        assert server.events(name)[-1]["type"] == "sft.job.cancelled"
        assert server.job(waiting)["started_at"] is None


def test_what_is_over_cannot_be_cancelled(server: Server) -> None:
    name = server.started(payload(server.ready()))
    server.over(name)
    refused = server.ask("POST", f"/learning/jobs/{name}/cancel")
    assert (refused.status, refused.code) == (409, "job_over")


@pytest.mark.slow
def test_a_key_sees_its_own_things_only(tmp_path: Path) -> None:
    with served.serving(tmp_path) as server:
        file = server.ready()
        job = server.started(payload(file))
        added = served.run("key", tmp_path)
        other = Server(server.process, server.address, added.stdout.strip())
        assert other.ask("GET", f"/learning/files/{file}").code == "file_not_found"
        assert other.ask("GET", f"/learning/jobs/{job}").code == "job_not_found"
        assert other.ask("POST", f"/learning/jobs/{job}/cancel").code == "job_not_found"
        assert other.ask("GET", "/learning/jobs").body == {"jobs": [], "next": None, "total": 0}
        assert other.ask("GET", "/learning/files").body == {"files": []}
        refused = other.ask("POST", "/learning/jobs", payload(file))
        assert (refused.status, refused.code) == (400, "file_not_found")
        assert other.upload(ROWS).status == 201  # and is not told that the bytes are there
        assert other.upload(ROWS).body["id"] != file


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "missing_key"),
        ("Basic YTpi", "missing_key"),
        ("Bearer ", "missing_key"),
        ("Bearer wrong", "invalid_key"),
        ("Bearer \xe9", "invalid_key"),
    ],
)
def test_without_a_key_there_is_nothing(server: Server, header: str | None, code: str) -> None:
    headers = {"Authorization": header} if header else {"Authorization": ""}
    refused = server.ask("GET", "/learning/jobs", headers=headers)
    assert (refused.status, refused.code) == (401, code)


def test_only_its_own_names_are_answered(server: Server) -> None:
    port = server.address.rpartition(":")[2]
    for host in (f"localhost:{port}", "127.0.0.1", f"[::1]:{port}"):
        assert server.ask("GET", "/learning/jobs", headers={"Host": host}).status == 200
    refused = server.ask("GET", "/learning/jobs", headers={"Host": "evil.example"})
    assert (refused.status, refused.code) == (400, "invalid_host")


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    with served.serving(tmp_path, "--max-upload", "1") as server:
        for size in (1_100_000, 8_000_000):  # within and beyond what the length alone tells
            refused = server.upload(ROWS + b"\n" * size)
            assert (refused.status, refused.code) == (413, "file_too_large")
        assert server.upload(ROWS).status == 201
        assert list((tmp_path / "incoming").iterdir()) == []


def test_every_code_is_documented() -> None:
    page = (ROOT / "docs" / "backend.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(code, str(facts.status), facts.meaning) for code, facts in CODES.items()]
