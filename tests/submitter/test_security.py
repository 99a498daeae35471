"""A payload may come from a stranger, and the key is nobody's business."""

import os
from pathlib import Path
from typing import Any

import pytest
from minimal_backend import Minimal, minimal

FILES, JOBS = "POST /learning/files", "POST /learning/jobs"


def naming(workspace: Any, path: str) -> None:
    """Write a payload that names a training dataset."""
    payload = workspace.compiled()
    text = payload.decode().replace('"train.jsonl"', f'"{path}"')
    assert text != payload.decode()
    workspace.write("job.json", text)


@pytest.fixture
def outside(workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset outside the workspace, with the reviewed bytes."""
    path = tmp_path_factory.mktemp("outside") / "secret.jsonl"
    path.write_bytes((workspace.folder / "train.jsonl").read_bytes())
    return path


def refused(workspace: Any, backend: Minimal, code: str = "SFT505", exits: int = 1) -> str:
    """Submit, and see that it is refused before anything is sent."""
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, code in done.stderr, backend.requests) == (exits, True, [])
    return str(done.stderr)


def test_a_path_outside(workspace: Any, backend: Minimal, outside: Path) -> None:
    naming(workspace, str(outside))
    assert f"--data-root {outside.parent}" in refused(workspace, backend)
    done = workspace.sftc("submit", "job.json", "--data-root", str(outside.parent.parent))
    assert (done.returncode, done.stdout) == (0, "job-0\n")


def test_a_path_that_climbs_out(workspace: Any, backend: Minimal, outside: Path) -> None:
    naming(workspace, os.path.relpath(outside, workspace.folder))
    refused(workspace, backend)


def test_a_path_that_climbs_out_and_comes_back(workspace: Any, backend: Minimal) -> None:
    naming(workspace, f"../{workspace.folder.name}/train.jsonl")
    assert workspace.sftc("submit", "job.json").stdout == "job-0\n"
    assert len(backend.jobs) == 1


def test_a_symlink_that_leads_out(workspace: Any, backend: Minimal, outside: Path) -> None:
    (workspace.folder / "train.jsonl").unlink()
    (workspace.folder / "train.jsonl").symlink_to(outside)
    workspace.sftc("compile", "sft.toml", "-o", "job.json")
    refused(workspace, backend)


def test_a_folder_that_is_a_symlink_out(workspace: Any, backend: Minimal, outside: Path) -> None:
    (workspace.folder / "data").symlink_to(outside.parent)
    naming(workspace, "data/secret.jsonl")
    refused(workspace, backend)


def test_nothing_is_said_of_what_is_outside(workspace: Any, backend: Minimal) -> None:
    naming(workspace, "/etc/shadow")
    there = refused(workspace, backend)
    naming(workspace, "/etc/nobody")
    assert refused(workspace, backend) == there.replace("shadow", "nobody")


def test_what_is_no_jsonl_is_not_uploaded(workspace: Any, backend: Minimal) -> None:
    workspace.sftc("compile", "sft.toml", "-o", "job.json")
    workspace.write("train.jsonl", "root:x:0:0:root\n")
    refused(workspace, backend, "train.jsonl:1:1: error[SFT4")


def test_a_pipe_does_not_hang_it(workspace: Any, backend: Minimal) -> None:
    workspace.sftc("compile", "sft.toml", "-o", "job.json")
    (workspace.folder / "train.jsonl").unlink()
    os.mkfifo(workspace.folder / "train.jsonl")
    assert "it is not a regular file" in refused(workspace, backend, "SFT401", exits=2)


@pytest.mark.parametrize(
    "address", ["http://example.org", "http://10.0.0.1:8000", "http://127.0.0.1.example.org/api"]
)
def test_plain_http_is_for_this_machine(workspace: Any, address: str) -> None:
    workspace.compiled()
    done = workspace.sftc("submit", "job.json", "--backend", address)
    assert (done.returncode, "SFT510" in done.stderr) == (3, True)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org",
        "example.org",
        "https://",
        "http://[::1",
        "https://h:99999",
        "http://127.0.0.1:1/a b",
        "http://127.0.0.1:1/\x01",
        " ",
        "https://user:hunter2@example.org",
        "https://example.org/?token=hunter2",
    ],
)
def test_addresses_that_are_none(workspace: Any, address: str) -> None:
    workspace.compiled()
    done = workspace.sftc("submit", "job.json", "--backend", address)
    assert (done.returncode, "hunter2" in done.stderr) == (2, False)
    assert "sftc: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow_but_first
@pytest.mark.parametrize("end", ["", "/", "/api", "/api/"])
def test_an_address_with_or_without_api(workspace: Any, backend: Minimal, end: str) -> None:
    workspace.compiled()
    done = workspace.sftc("submit", "job.json", "--backend", backend.address + end)
    assert done.stdout == "job-0\n"


def test_a_redirect_to_another_host(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    with minimal() as other:
        target = f"{other.address}/api/learning/files"
        backend.answers[FILES] = (307, {}, {"Location": target})
        done = workspace.sftc("submit", "job.json")
        assert (done.returncode, other.requests) == (3, [])
    assert f"error[SFT511]: the backend redirects to {target}" in done.stderr


def test_a_redirect_that_stays(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    backend.answers[JOBS] = (308, {}, {"Location": "/api/learning/jobs/"})
    backend.answers[f"{JOBS}/"] = (201, {"id": "job-9"}, {})
    backend.jobs["job-9"] = {"status": "queued"}
    assert workspace.sftc("submit", "job.json").stdout == "job-9\n"


def test_a_redirect_that_would_change_the_request(workspace: Any, backend: Minimal) -> None:
    workspace.compiled()
    backend.answers[JOBS] = (302, {}, {"Location": "/api/learning/jobs"})
    done = workspace.sftc("submit", "job.json")
    assert (done.returncode, "SFT511" in done.stderr) == (3, True)


@pytest.mark.slow_but_first
@pytest.mark.parametrize("location", ["http://[", "//", "", "javascript:x", "http://h:x/", "\xff"])
def test_a_redirect_to_nowhere(workspace: Any, backend: Minimal, location: str) -> None:
    workspace.compiled()
    backend.answers[FILES] = (302, {}, {"Location": location})
    done = workspace.sftc("submit", "job.json", "--retries", "0")
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
    assert "SFT511" in done.stderr


@pytest.mark.usefixtures("backend")
def test_a_proxy_does_not_see_what_is_for_this_machine(workspace: Any) -> None:
    workspace.compiled()
    with minimal() as proxy:
        done = workspace.sftc(
            "submit", "job.json", HTTP_PROXY=proxy.address, http_proxy=proxy.address
        )
        assert proxy.requests == []
    assert done.stdout == "job-0\n"


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_keys_that_are_none(workspace: Any, backend: Minimal, key: str) -> None:
    workspace.compiled()
    done = workspace.sftc("submit", "job.json", SYNTH_API_KEY=key)
    assert (done.returncode, key in done.stderr, backend.requests) == (2, False, [])


def echoes(key: str) -> list[dict[str, Any]]:
    """Return answers of backends that give the key back, in every way there is to fail."""
    words: Any = {
        "error": {"code": "bad", "message": f"your key {key} is bad", "pointer": f"/{key}"}
    }
    return [
        {},
        *({FILES: (status, words, {})} for status in (400, 401, 403, 413, 500, 503)),
        {FILES: (200, f"no JSON {key}".encode(), {})},
        {FILES: (302, {}, {"Location": f"http://example.org/{key}"})},
        {"GET /learning/files/file-0": (200, {"status": "failed", **words}, {})},
        {JOBS: (400, {"detail": f"{key}"}, {})},
        {JOBS: (400, {"code": key, "message": "x"}, {})},
        {
            "GET /learning/jobs/job-0/events": (
                200,
                {"events": [{"seq": 1, "type": "x", "level": "error", "message": key}]},
                {},
            )
        },
    ]


@pytest.mark.parametrize("case", range(13))
def test_the_key_is_shown_and_kept_nowhere(workspace: Any, backend: Minimal, case: int) -> None:
    key = workspace.environment["SYNTH_API_KEY"]
    workspace.compiled()
    answers = echoes(key)
    assert len(answers) == 13
    backend.answers |= answers[case]
    for options in (["--follow", "--retries", "1"], ["--dry-run"]):
        done = workspace.sftc("submit", "job.json", *options)
        assert key not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    assert all(header["Authorization"] == f"Bearer {key}" for header in backend.headers)
    kept = [path for path in workspace.folder.rglob("*") if path.is_file()]
    assert [path for path in kept if key.encode() in path.read_bytes()] == []
