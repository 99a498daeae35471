"""A network that fails in every way there is: one job at most, a clear message, and resuming.

The embedded backend, and between it and the submitter a proxy that fails on command.
"""

import json
import random
import resource
import socket
import time
from collections.abc import Iterator
from functools import partial
from itertools import pairwise, product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from faults import Action, Fault, Proxy, proxy
from served import Server, run, serving

import sftc
from sftc.client import Patience

UPLOAD, READY = r"POST /learning/files", r"GET /learning/files/[^/]+"
CREATE, START = r"POST /learning/jobs", r"POST /learning/jobs/[^/]+/start"
STEPS = {"upload": UPLOAD, "ready": READY, "create": CREATE, "start": START}
KEY = "sk-a-secret-of-this-test"
QUICK = Patience(attempts=4, first=0.01, answer=30)
each_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    # Slow, so that a job is not over before it is started again.
    with serving(tmp_path_factory.mktemp("backend"), key=KEY, pace="600") as server:
        yield server


def listed(backend: Server, what: str) -> list[Any]:
    """Return every file or job of a backend."""
    found: list[Any] = backend.ask("GET", f"/learning/{what}?limit=1000").body[what]
    return found


class Flow:
    """A payload to submit in process, through a proxy, to a backend that others use too."""

    def __init__(self, between: Proxy, backend: Server, payload: bytes, rows: bytes) -> None:
        self.between = between
        self.backend = backend
        self.payload = payload
        self.rows = rows
        self.notes: list[str] = []
        self.before = len(listed(backend, "jobs"))

    def submit(self, patience: Patience = QUICK, **options: Any) -> str:
        return sftc.submit(
            self.payload,
            backend=self.between.address,
            patience=patience,
            note=self.notes.append,
            **options,
        ).job_id

    def check(self, job_id: str) -> None:
        """See that there is one job, of the reviewed payload, with one upload of its file."""
        assert len(listed(self.backend, "jobs")) == self.before + 1
        job = self.backend.job(job_id)
        assert job["status"] not in {"created", "pending"}
        sent = {**job["payload"], "training_file_id": None}
        assert sent == json.loads(self.payload)
        file_id = job["payload"]["training_file_id"]
        file = self.backend.ask("GET", f"/learning/files/{file_id}").body
        pin = sent["metadata"]["sftc"]["files"]["training"]
        assert (file["sha256"], file["bytes"]) == (pin["sha256"], pin["bytes"])
        assert self.between.count(UPLOAD) == 1


@pytest.fixture
def flow(
    workspace: Any, backend: Server, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Flow]:
    text = f"of {request.node.name}"  # so that each test has a file of its own
    rows = "".join(
        json.dumps({"messages": [{"role": "assistant", "content": f"{n} {text}"}]}) + "\n"
        for n in range(500)
    ).encode()
    workspace.write("train.jsonl", rows)
    workspace.write(
        "sft.toml",
        '[job]\nmodel = "m"\ndata = "train.jsonl"\n[compute]\ngpu_type = "H100"\n',
    )
    monkeypatch.chdir(workspace.folder)
    payload = workspace.compiled()
    monkeypatch.setenv("SYNTH_API_KEY", KEY)
    monkeypatch.setenv("SFTC_STATE_DIR", str(workspace.state))
    with proxy(backend.address) as between:
        workspace.environment["BACKEND_BASE_URL"] = between.address
        yield Flow(between, backend, payload, rows)


@pytest.mark.slow_but_first
@each_step
@pytest.mark.parametrize(
    "action", ["cut request", "lose answer", "cut answer", "garble answer", "answer"]
)
def test_a_fault_that_passes(flow: Flow, step: str, action: Action) -> None:
    flow.between.faults += [Fault(step, action)]
    flow.check(flow.submit())
    assert sum("retrying" in note for note in flow.notes) == 1


@pytest.mark.slow_but_first
@each_step
def test_500_three_times(flow: Flow, step: str) -> None:
    flow.between.faults += [Fault(step, "answer", times=3, status=500)]
    flow.check(flow.submit())
    assert [note[:34] for note in flow.notes if "retrying" in note] == [
        "the backend failed with HTTP 500: "
    ] * 3


@pytest.mark.slow_but_first
@each_step
@pytest.mark.parametrize("status", [408, 425, 429, 502, 503, 504])
def test_answers_that_ask_for_patience(flow: Flow, step: str, status: int) -> None:
    flow.between.faults += [Fault(step, "answer", status=status)]
    flow.check(flow.submit())


@pytest.mark.slow
def test_retry_after_is_honoured(flow: Flow) -> None:
    asked = {"Retry-After": "1"}
    flow.between.faults += [Fault(CREATE, "answer", status=429, headers=asked)]
    flow.check(flow.submit())
    tries = zip(flow.between.tried, flow.between.times, strict=True)
    first, second = (when for what, when in tries if what == CREATE)
    assert second - first >= 1
    assert any("retrying in 1.0 s" in note for note in flow.notes)


@pytest.mark.slow_but_first
@pytest.mark.parametrize("zone", ["GMT", "-0000", "nowhere"])
def test_retry_after_as_a_date(flow: Flow, zone: str) -> None:
    past = {"Retry-After": f"Wed, 21 Oct 2015 07:28:00 {zone}"}
    flow.between.faults += [Fault(CREATE, "answer", status=503, headers=past)]
    flow.check(flow.submit())
    assert any("retrying in 0.0 s" in note for note in flow.notes)


@pytest.mark.slow
def test_retry_after_never_shortens_a_pause(flow: Flow) -> None:
    past = {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}
    flow.between.faults += [Fault(CREATE, "answer", times=3, status=503, headers=past)]
    flow.check(flow.submit(Patience(attempts=4, first=0.1)))
    tries = zip(flow.between.tried, flow.between.times, strict=True)
    times = [when for what, when in tries if what == CREATE]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert all(pause >= 0.1 * 2**tried for tried, pause in enumerate(pauses))


@pytest.mark.slow_but_first
@pytest.mark.parametrize("text", ["soon", "", "-1", "nan", "Wed, 99 Oct 2015 07:28:00 GMT"])
def test_retry_after_that_says_nothing(flow: Flow, text: str) -> None:
    fault = Fault(CREATE, "answer", status=503, headers={"Retry-After": text})
    flow.between.faults += [fault]
    flow.check(flow.submit())


def test_a_wait_that_is_too_long_is_left_to_the_user(flow: Flow) -> None:
    hours = {"Retry-After": "7200"}
    flow.between.faults += [Fault(CREATE, "answer", status=429, headers=hours)]
    with pytest.raises(sftc.BackendError, match="SFT513") as error:
        flow.submit()
    assert "wait for 7,200 s" in str(error.value.diagnostics[0].hint)
    flow.check(flow.submit())


@pytest.mark.slow_but_first
@each_step
def test_an_answer_that_trickles_in(flow: Flow, step: str) -> None:
    flow.between.faults += [Fault(step, "trickle answer")]
    flow.check(flow.submit(Patience(attempts=3, first=0.01, answer=1)))
    assert any("no complete response within 1 s" in note for note in flow.notes)


@pytest.mark.slow_but_first
@each_step
@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("cut request", "SFT512"),
        ("lose answer", "SFT512"),
        ("garble answer", "SFT514"),
        ("answer", "SFT513"),
    ],
)
def test_a_fault_that_lasts_and_then_passes(
    flow: Flow, step: str, action: Action, code: str
) -> None:
    flow.between.faults += [Fault(step, action, times=1000)]
    if (step, action) in {(UPLOAD, "lose answer"), (UPLOAD, "garble answer")}:
        flow.check(flow.submit())  # the bytes arrived, and are found by their digest
        return
    with pytest.raises(sftc.BackendError) as error:
        flow.submit()
    assert error.value.diagnostics[0].code == code
    assert len(listed(flow.backend, "jobs")) <= flow.before + 1
    flow.between.faults.clear()
    flow.check(flow.submit())


def test_a_connection_that_is_refused(flow: Flow) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(sftc.BackendError, match="SFT512") as error:
            sftc.submit(flow.payload, backend=address, patience=QUICK)
    assert address in error.value.diagnostics[0].message
    assert len(listed(flow.backend, "jobs")) == flow.before


@pytest.mark.slow
def test_a_disk_that_is_full(flow: Flow, workspace: Any, tmp_path: Path) -> None:
    workspace.write("train.jsonl", flow.rows * 100)
    flow.payload = workspace.compiled()
    limit = resource.RLIMIT_FSIZE, (2_000_000, 2_000_000)
    full_at_2_mb = partial(resource.setrlimit, *limit)
    with serving(tmp_path / "data", key=KEY, preexec_fn=full_at_2_mb) as full:
        flow.between.backend = urlsplit(full.address)
        with pytest.raises(sftc.BackendError, match="SFT513") as error:
            flow.submit()
        assert "insufficient_storage" in error.value.diagnostics[0].message
        assert listed(full, "jobs") == listed(full, "files") == []
    with serving(tmp_path / "data", key=KEY) as mended:
        flow.between.backend = urlsplit(mended.address)
        flow.backend, flow.before = mended, 0
        flow.check(flow.submit())


@pytest.mark.slow_but_first
@each_step
@pytest.mark.parametrize("when", ["hold request", "hold answer"])
def test_killed_at_each_step(flow: Flow, workspace: Any, step: str, when: Action) -> None:
    hold = Fault(step, when)
    flow.between.faults += [hold]
    running = workspace.begin("submit", "job.json")
    assert hold.held.wait(60)
    running.kill()
    running.communicate()
    done = workspace.sftc("submit", "job.json")
    assert done.returncode == 0, done.stderr
    flow.check(done.stdout.strip())
    if step == START:
        assert flow.between.count(CREATE) == 1


@pytest.mark.slow
def test_killed_again_and_again(flow: Flow, workspace: Any) -> None:
    chance = random.Random(7)
    for _ in range(12):
        running = workspace.begin("submit", "job.json")
        time.sleep(chance.uniform(0.2, 1.5))
        running.kill()
        running.communicate()
    flow.check(workspace.sftc("submit", "job.json").stdout.strip())


@pytest.mark.slow
def test_killed_while_another_job_is_asked_for(flow: Flow, workspace: Any) -> None:
    first = flow.submit()
    hold = Fault(CREATE, "hold answer")
    flow.between.faults += [hold]
    running = workspace.begin("submit", "job.json", "--resubmit")
    assert hold.held.wait(60)
    running.kill()
    running.communicate()
    done = workspace.sftc("submit", "job.json", "--resubmit")
    assert done.stdout.strip() != first
    assert len(listed(flow.backend, "jobs")) == flow.before + 2


@pytest.mark.slow
def test_a_file_that_changes_while_it_is_sent(flow: Flow, workspace: Any) -> None:
    workspace.write("train.jsonl", flow.rows * 200)
    flow.payload = workspace.compiled()
    changed = flow.rows[:-2] + b" " + flow.rows[-2:]

    class Bar:
        """Changes the file when its upload has begun."""

        def __enter__(self) -> Any:
            return lambda _: workspace.write("train.jsonl", changed * 200)

        def __exit__(self, *_: object) -> None:
            pass

    def bar(title: str, _total: int | None) -> Any:
        from contextlib import nullcontext

        return Bar() if title.startswith("uploading") else nullcontext()

    with pytest.raises(sftc.DatasetError, match="SFT507"):
        flow.submit(bar=bar)
    assert flow.between.count(UPLOAD) == 0
    assert len(listed(flow.backend, "jobs")) == flow.before
    with pytest.raises(sftc.DatasetError, match="SFT506"):
        flow.submit()
    workspace.write("train.jsonl", flow.rows * 200)
    flow.check(flow.submit())


@pytest.mark.slow
@each_step
def test_two_accounts_on_two_machines_with_lost_answers(
    workspace: Any, tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each account has one job with one file, wherever and however often it is asked for."""
    payload = workspace.compiled()
    monkeypatch.chdir(workspace.folder)
    data = tmp_path / "accounts"
    with serving(data, key=KEY) as server, proxy(server.address) as between:
        keys = [KEY, run("key", data).stdout.strip()]
        jobs: dict[str, set[str]] = {key: set() for key in keys}
        for key, machine in [*product(keys, ("one", "two"))] * 2:
            between.faults[:] = [Fault(step, "lose answer")]
            monkeypatch.setenv("SFTC_STATE_DIR", str(tmp_path / machine))
            job = sftc.submit(payload, backend=between.address, key=key, patience=QUICK)
            jobs[key].add(job.job_id)
        assert [len(ids) for ids in jobs.values()] == [1, 1]
        assert jobs[keys[0]] != jobs[keys[1]]
        for key in keys:
            server.key = key
            assert [job["id"] for job in listed(server, "jobs")] == [*jobs[key]]
            assert len(listed(server, "files")) == 2  # training and validation
