"""A backend that answers anything at all: errors in words, and nothing that steers or leaks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from minimal_backend import Minimal, minimal
from submitting import KEY, Workspace

import sftc
from sftc.client import Patience

ONCE = Patience(attempts=1, answer=0.3, ready=0)
ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    10**30,
    1.5,
    "",
    "\x1b[2J\x9b31m\u202e\r\n::error::x",
    KEY,
    f"id-{KEY}-id",
    "x" * 100_000,
    "..",
    "a/../../b?c=d#e",
    [],
    [[]],
    {},
    {"status": "ready"},
]
FIELDS = (
    *("id", "job_id", "status", "error", "detail", "name", "model", "progress", "page"),
    *("events", "points", "jobs", "files", "created_at", "seq", "step", "value", "type"),
)
values = st.sampled_from(ODD) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner),
    max_leaves=12,
)
objects = st.dictionaries(st.sampled_from(FIELDS), values, max_size=6)
answers = st.tuples(st.sampled_from([200, 201, 204, 400, 404, 409, 422, 500]), objects | values)
ROUTES = (
    *("POST /learning/files", "GET /learning/files", "GET /learning/files/file-0"),
    *("POST /learning/jobs", "GET /learning/jobs", "GET /learning/jobs/job-0"),
    *(f"POST /learning/jobs/job-0/{verb}" for verb in ("start", "cancel")),
    *(f"GET /learning/jobs/job-0/{part}" for part in ("events", "metrics")),
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Minimal]]:
    workspace = Workspace(tmp_path_factory.mktemp("hostile"))
    workspace.compiled()
    with minimal() as backend:
        workspace.environment["BACKEND_BASE_URL"] = backend.address
        yield workspace, backend


def calls(workspace: Workspace, backend: Minimal) -> Iterator[Any]:
    """Yield what can be asked of a backend, one after the other."""
    reach: Any = {"backend": backend.address, "key": KEY, "patience": ONCE}
    payload, root = workspace.folder / "job.json", workspace.folder
    yield lambda: sftc.submit(payload, data_root=root, **reach)
    yield lambda: sftc.jobs(**reach)
    yield lambda: sftc.status("job-0", **reach)
    yield lambda: sftc.logs("job-0", **reach)
    yield lambda: sftc.cancel("job-0", **reach)


@settings(max_examples=settings().max_examples // 2)
@given(chosen=st.dictionaries(st.sampled_from(ROUTES), answers, min_size=1, max_size=4))
def test_whatever_it_answers_is_an_error_in_words(
    prepared: tuple[Workspace, Minimal], chosen: dict[str, tuple[int, Any]]
) -> None:
    workspace, backend = prepared
    backend.answers = {
        route: (status, b"" if status == 204 else value, {})
        for route, (status, value) in chosen.items()
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace.folder)
        patch.setenv("SFTC_STATE_DIR", str(workspace.folder / "none" / str(len(chosen))))
        for call in calls(workspace, backend):
            try:
                result = repr(call())
            except sftc.SubmitError as error:
                result = str(error)
            assert KEY not in result


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("shape", ["text", "fields"])
def test_nothing_foreign_reaches_the_terminal(
    workspace: Any, backend: Minimal, route: str, shape: str
) -> None:
    bad = "\x1b[2J\x9b31m\u202e\r"
    workspace.compiled()
    fields = {"code": bad, "message": f"{bad}{KEY}", "pointer": f"/{bad}"}
    item = {**dict.fromkeys(FIELDS, bad), "id": "job-0", "seq": 1, "step": 1, "value": 1.0}
    answer = {**item, "events": [item], "points": [item], "jobs": [item], "job_id": "job-0"}
    ok: Any = (200, {**answer, "status": f"failed{bad}"}, {})
    backend.answers[route] = (400, {"error": fields}, {}) if shape == "text" else ok
    commands = (["submit", "job.json", "--retries", "0"], ["jobs"], ["status", "job-0"])
    for command in (*commands, ["logs", "job-0"], ["cancel", "job-0", "--yes"]):
        if route == "GET /learning/files/file-0" and shape == "fields" and command[0] == "submit":
            continue  # a file of a state that nobody knows is waited for
        done = workspace.sftc(*command)
        said = done.stdout + done.stderr
        assert not set(said) & set("\x1b\x9b\u202e\r"), command
        assert KEY not in said
        assert "Traceback" not in said
        assert done.returncode in {0, 3}, said


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("key", "text", "shown"),
    [
        ("k", "walked over to k", "walked over to ***"),
        ("k", "Bearer k: k.", "Bearer ***: k."),
        ("sk-0123456789ab", "xsk-0123456789abx", "x***x"),
    ],
)
def test_only_the_key_is_taken_out(
    workspace: Any, backend: Minimal, key: str, text: str, shown: str
) -> None:
    workspace.compiled()
    backend.answers["POST /learning/files"] = (400, {"error": text}, {})
    done = workspace.sftc("submit", "job.json", SYNTH_API_KEY=key)
    assert (done.returncode, f": {shown})" in done.stderr) == (3, True), done.stderr


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"id":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"id": "' + b"x" * (33 * 1024 * 1024) + b'"}',
        b'{"id": ' + b"9" * 5000 + b"}",
        b"\xff\xfe\x00",
    ],
    ids=["nested", "nested objects", "endless", "digits", "bytes"],
)
def test_bodies_that_break_readers(workspace: Any, backend: Minimal, body: bytes) -> None:
    workspace.compiled()
    backend.answers["POST /learning/files"] = (200, body, {})
    done = workspace.sftc("submit", "job.json", "--retries", "0")
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)


@pytest.mark.slow
def test_a_compressed_answer_is_not_unpacked(workspace: Any, backend: Minimal) -> None:
    import gzip

    bomb = gzip.compress(json.dumps({"id": " " * 50_000_000}).encode())
    backend.answers["POST /learning/files"] = (200, bomb, {"Content-Encoding": "gzip"})
    workspace.compiled()
    done = workspace.sftc("submit", "job.json", "--retries", "0")
    assert (done.returncode, "SFT514" in done.stderr) == (3, True)


@pytest.mark.slow
def test_a_page_elsewhere_is_not_shown(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    for page, shown in {
        "/#job-0": f"{backend.address}/#job-0",
        "https://evil.example/": None,
        "javascript:alert(1)": None,
        "//evil.example/": None,
        "\x1b[2J": None,
    }.items():
        backend.answers["GET /learning/jobs/job-0"] = (200, {"status": "running", "page": page}, {})
        done = workspace.sftc("status", "job-0", "--format", "json")
        assert json.loads(done.stdout)["page"] == shown


@pytest.mark.slow
def test_a_job_that_goes_on_after_its_end(
    workspace: Any, backend: Minimal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events without end do not keep a follower for ever."""
    from sftc.following import watching

    monkeypatch.setattr(watching, "_MOST_PAGES", 5)
    backend.answers["GET /learning/jobs/job-0"] = (200, {"status": "failed"}, {})
    seen: list[int] = []

    def more(update: sftc.Update) -> None:
        seen.append(len(update.events))
        event = {"seq": len(seen) + 1, "type": "x"}
        backend.answers["GET /learning/jobs/job-0/events"] = (200, {"events": [event]}, {})

    backend.answers["GET /learning/jobs/job-0/events"] = (200, {"events": [{"seq": 1}]}, {})
    outcome = sftc.follow("job-0", backend=backend.address, key="k", on_update=more)
    assert (outcome.status, len(seen)) == ("failed", 6)
    assert Path(workspace.folder).is_dir()


@pytest.mark.parametrize(
    "echo", ["sk-a/long+key=with%2Fsigns", "sk-a%2Flong%2Bkey%3Dwith%252Fsigns"]
)
def test_a_key_is_taken_out_as_a_url_has_it_too(
    workspace: Any, backend: Minimal, echo: str
) -> None:
    workspace.compiled()
    backend.answers["POST /learning/files"] = (400, {"error": f"no {echo}"}, {})
    done = workspace.sftc("submit", "job.json", SYNTH_API_KEY="sk-a/long+key=with%2Fsigns")
    assert (done.returncode, "no ***)" in done.stderr) == (3, True), done.stderr


@pytest.mark.slow_but_first
@pytest.mark.parametrize("job", ["$(id)", "`id`", "a;b", "--help", "a b", "é", "..", "x" * 201])
def test_an_id_that_a_shell_would_run_is_none(workspace: Any, backend: Minimal, job: str) -> None:
    workspace.compiled()
    backend.answers["POST /learning/jobs"] = (200, {"id": job}, {})
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, done.stdout, "SFT514" in done.stderr) == (3, "", True)
    listed = [{"id": job}, {"id": "job-1"}]
    backend.answers["GET /learning/jobs"] = (200, {"jobs": listed}, {})
    done = workspace.sftc("jobs", "--format", "json")
    assert [each["job_id"] for each in json.loads(done.stdout)["jobs"]] == ["job-1"]
    assert "1 listed without a valid id" in done.stderr


@pytest.mark.slow_but_first
@pytest.mark.parametrize("job", ["", ".", "..", "a/b", "\udcff", "x y"])
@pytest.mark.parametrize("command", ["status", "follow", "logs", "cancel"])
def test_an_id_that_cannot_be_one_is_usage(
    workspace: Any, backend: Minimal, command: str, job: str
) -> None:
    done = workspace.sftc(command, "--", job)
    assert (done.returncode, backend.requests) == (2, [])
    assert "is not a valid job id" in done.stderr


def test_half_a_surrogate_pair_is_shown(workspace: Any, backend: Minimal) -> None:
    half = {"id": "job-0", "name": "\ud800", "status": "running"}
    backend.answers["GET /learning/jobs/job-0"] = (200, half, {})
    backend.answers["GET /learning/jobs"] = (200, {"jobs": [half]}, {})
    for command in (["status", "job-0"], ["jobs"]):
        done = workspace.sftc(*command, "--format", "json")
        assert (done.returncode, "\\\\uD800" in done.stdout) == (0, True), done.stderr


@pytest.mark.slow_but_first
@pytest.mark.parametrize("after", ["1e999", "Fri, 31 Dec 9999 23:59:59 GMT", "9" * 400])
def test_a_wait_without_end_is_told_in_numbers(
    workspace: Any, backend: Minimal, after: str
) -> None:
    workspace.compiled()
    backend.answers["POST /learning/files"] = (503, {}, {"Retry-After": after})
    done = workspace.sftc("submit", "job.json", "--retries", "1")
    assert (done.returncode, "inf" in done.stderr, "e+" in done.stderr) == (3, False, False)


def test_certificates_that_are_not_there(workspace: Any) -> None:
    gone = str(workspace.folder / "nothing.pem")
    done = workspace.sftc("status", "x", "--backend", "https://example.invalid", SSL_CERT_FILE=gone)
    assert (done.returncode, "SFT512" in done.stderr) == (3, True), done.stderr
