"""Fetching a result: every file whole and checked, through a network that fails, or not there."""

import json
import os
import signal
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from faults import Fault, proxy
from minimal_backend import Minimal
from results import ARTIFACTS, JOB, RESULT, has_job, has_result, listing
from submitting import Workspace

import sftc
from sftc import schemas
from sftc.client import Patience

BIG = "adapter_model.safetensors"
AT_BIG = f"{ARTIFACTS}/{BIG}"


def there(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def kept(data: bytes) -> str:
    """Return the name of a file that has not come whole."""
    return f".sftc-{sha256(data).hexdigest()}.part"


@pytest.mark.slow
def test_a_result_comes_whole(workspace: Workspace, backend: Minimal) -> None:
    has_result(backend)
    done = workspace.sftc("fetch", "job-0", "-o", "new/out")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "Fetched 5 files, 1,094,016 bytes, into new/out.\n"
    assert there(workspace.folder / "new/out") == RESULT


@pytest.mark.slow
def test_what_is_there_is_not_fetched_again(workspace: Workspace, backend: Minimal) -> None:
    has_result(backend)
    assert workspace.sftc("fetch", "job-0", "-o", "out").returncode == 0
    (workspace.folder / "out/empty").unlink()
    (workspace.folder / "out/mine").write_text("stays")
    before = len(backend.requests)
    done = workspace.sftc("fetch", "job-0", "-o", "out", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert backend.requests[before:] == [JOB, ARTIFACTS]  # an empty file is known without asking
    value = json.loads(done.stdout)
    jsonschema.validate(value, schemas.load("fetch"))
    assert (value["job_id"], value["folder"]) == ("job-0", "out")
    assert [file["path"] for file in value["fetched"]] == ["empty"]
    assert {file["path"] for file in value["present"]} == RESULT.keys() - {"empty"}
    assert there(workspace.folder / "out") == {**RESULT, "mine": b"stays"}


@pytest.mark.slow
def test_another_file_is_overwritten_only_by_force(workspace: Workspace, backend: Minimal) -> None:
    has_result(backend)
    for name in ("adapter_config.json", BIG):
        workspace.write(f"out/{name}", "mine")
    done = workspace.sftc("fetch", "job-0", "-o", "out")
    assert (done.returncode, done.stderr.count("SFT526")) == (1, 2)
    assert "`out/adapter_config.json` is in the way" in done.stderr
    assert "pass --force to overwrite it" in done.stderr
    assert there(workspace.folder / "out") == {"adapter_config.json": b"mine", BIG: b"mine"}
    assert AT_BIG not in backend.requests
    assert workspace.sftc("fetch", "job-0", "-o", "out", "--force").returncode == 0
    assert there(workspace.folder / "out") == RESULT


@pytest.mark.parametrize("action", ["cut answer", "lose answer", "answer"])
def test_a_download_goes_on_where_it_stopped(
    workspace: Workspace, backend: Minimal, action: Any
) -> None:
    has_result(backend)
    fault = Fault(r"GET .*safetensors", action, times=2)
    with proxy(backend.address, fault) as between:
        done = workspace.sftc("fetch", "job-0", "-o", "out", "--backend", between.address)
    assert (done.returncode, done.stderr.count("retrying")) == (0, 2)
    assert there(workspace.folder / "out") == RESULT
    asked = [headers.get("Range") for headers in ranges(backend, AT_BIG)]
    halves = ["bytes=512000-", "bytes=768000-"] if action == "cut answer" else []
    assert [each for each in asked if each] == halves


def ranges(backend: Minimal, asked: str) -> list[dict[str, str]]:
    """Return the headers of the requests for one thing."""
    pairs = zip(backend.requests, backend.headers, strict=True)
    return [headers for request, headers in pairs if request == asked]


@pytest.mark.slow
def test_a_download_goes_on_after_a_kill(workspace: Workspace, backend: Minimal) -> None:
    has_result(backend)
    # Half of the file comes, then nothing.
    faults = [
        Fault(r"GET .*safetensors", "cut answer", times=1),
        Fault(r"GET .*safetensors", "hold request", times=1),
    ]
    part = workspace.folder / "out" / kept(RESULT[BIG])
    with proxy(backend.address, *faults) as between:
        running = workspace.begin("fetch", "job-0", "-o", "out", "--backend", between.address)
        assert faults[1].held.wait(60)
        running.send_signal(signal.SIGKILL)
        running.communicate()
    assert part.stat().st_size == 512_000
    assert BIG not in there(part.parent)
    before = len(backend.requests)
    assert workspace.sftc("fetch", "job-0", "-o", "out").returncode == 0
    assert there(part.parent) == RESULT
    assert ranges(backend, AT_BIG)[-1]["Range"] == "bytes=512000-"
    assert f"{ARTIFACTS}/adapter_config.json" not in backend.requests[before:]


@pytest.mark.slow_but_first
@pytest.mark.parametrize("left", [b"other bytes", bytes(2_000_000), RESULT[BIG]])
def test_what_an_earlier_run_left_may_be_anything(
    workspace: Workspace, backend: Minimal, left: bytes
) -> None:
    has_result(backend)
    workspace.write(f"out/{kept(RESULT[BIG])}", left)
    assert workspace.sftc("fetch", "job-0", "-o", "out").returncode == 0
    assert there(workspace.folder / "out") == RESULT


def test_two_at_a_time_do_not_mix(workspace: Workspace, backend: Minimal) -> None:
    has_result(backend)
    fault = Fault(r"GET .*safetensors", "hold request", times=1)
    with proxy(backend.address, fault) as between:
        first = workspace.begin("fetch", "job-0", "-o", "out", "--backend", between.address)
        assert fault.held.wait(60)
        second = workspace.sftc("fetch", "job-0", "-o", "out")
        first.kill()
        first.communicate()
    assert (second.returncode, "is being downloaded by another process" in second.stderr) == (
        1,
        True,
    )
    assert workspace.sftc("fetch", "job-0", "-o", "out").returncode == 0


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("status", "facts", "said"),
    [
        ("running", {}, "job job-0 has no result: it is running"),
        ("failed", {"error": "out of memory"}, "it ended as failed: out of memory"),
        ("cancelled", {}, "it ended as cancelled"),
        ("succeeded", {"mode": "rehearsal"}, "it is a rehearsal, which trains nothing"),
        ("succeeded", {}, "the backend stores none"),
    ],
)
def test_no_result_is_one_sentence(
    workspace: Workspace, backend: Minimal, status: str, facts: dict[str, Any], said: str
) -> None:
    has_job(backend, status, **facts)
    backend.results["job-0"] = {}
    done = workspace.sftc("fetch", "job-0", "-o", "out")
    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr
    assert done.stderr.count("SFT523") == 1
    assert not (workspace.folder / "out").exists()


@pytest.mark.slow
def test_backends_that_have_no_results(workspace: Workspace, backend: Minimal) -> None:
    has_job(backend)
    done = workspace.sftc("fetch", "job-0", "-o", "out")
    assert (done.returncode, "the backend has no files for it" in done.stderr) == (3, True)
    gone = workspace.sftc("fetch", "job-7", "-o", "out")
    assert (gone.returncode, "SFT520" in gone.stderr) == (3, True)


def entry(data: bytes, **other: Any) -> dict[str, Any]:
    """Return how a backend lists a file, with something else in its place."""
    told = {"path": "f", "bytes": len(data), "sha256": sha256(data).hexdigest()}
    return {**told, **other}


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "listed",
    [
        entry(b"more than nothing", sha256="0" * 64),
        entry(b"more than nothing", bytes=3),
        entry(b"more than nothing", bytes=0),
        entry(b"more than nothing", bytes=400),
    ],
)
def test_bytes_that_are_not_the_listed_ones(
    workspace: Workspace, backend: Minimal, listed: dict[str, Any]
) -> None:
    has_result(backend, {"f": b"more than nothing"})
    listing(backend, listed)
    done = workspace.sftc("fetch", "job-0", "-o", "out")
    assert (done.returncode, "SFT527" in done.stderr) == (3, True)
    assert there(workspace.folder / "out") == {}


def test_a_size_that_no_disk_has(workspace: Workspace, backend: Minimal) -> None:
    has_result(backend)
    listing(backend, entry(b"", bytes=2**62))
    done = workspace.sftc("fetch", "job-0", "-o", "out")
    assert done.returncode == 1
    assert "cannot write out: the result needs 4,611,686,018,427,387,904 bytes" in done.stderr


def test_a_backend_without_ranges(workspace: Workspace, backend: Minimal) -> None:
    has_result(backend)
    workspace.write(f"out/{kept(RESULT[BIG])}", RESULT[BIG][:1000])
    backend.answers[AT_BIG] = (200, RESULT[BIG], {})
    assert workspace.sftc("fetch", "job-0", "-o", "out").returncode == 0
    assert there(workspace.folder / "out") == RESULT


@pytest.mark.slow
def test_another_part_than_was_asked_for(workspace: Workspace, backend: Minimal) -> None:
    has_result(backend)
    workspace.write(f"out/{kept(RESULT[BIG])}", RESULT[BIG][:1000])
    wrong = {"Content-Range": f"bytes 7-9/{len(RESULT[BIG])}"}
    backend.answers[AT_BIG] = (206, b"abc", wrong)
    done = workspace.sftc("fetch", "job-0", "-o", "out")
    assert (done.returncode, "another part of the file" in done.stderr) == (3, True)


def test_a_folder_that_cannot_be_made(workspace: Workspace, backend: Minimal) -> None:
    has_result(backend)
    workspace.write("out", "a file")
    done = workspace.sftc("fetch", "job-0", "-o", "out")
    assert (done.returncode, done.stderr) == (1, "sftc: cannot write out: file exists\n")


@pytest.mark.slow
def test_memory_stays_small(workspace: Workspace, backend: Minimal) -> None:
    """The whole process takes less than the file that it fetches."""
    has_result(backend, {"weights.bin": os.urandom(1 << 20) * 192})
    running = workspace.begin("fetch", "job-0", "-o", "out")
    most = 0
    while running.poll() is None:
        lines = Path(f"/proc/{running.pid}/status").read_text().splitlines()
        peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
        most = max([most, *peaks])
        time.sleep(0.005)
    running.communicate()
    assert running.returncode == 0
    assert most < 160 * 1024


def test_from_python(
    workspace: Workspace, backend: Minimal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_API_KEY", "k")
    has_result(backend)
    out = workspace.folder / "out"
    fetched = sftc.fetch("job-0", out, backend=backend.address)
    assert [artifact.path for artifact in fetched.fetched] == [*RESULT]
    assert fetched.present == ()
    (out / "empty").write_text("no")
    with pytest.raises(sftc.FetchError, match="SFT526"):
        sftc.fetch("job-0", out, backend=backend.address)
    assert len(sftc.fetch("job-0", out, force=True, backend=backend.address).fetched) == 1
    impatient = Patience(attempts=1)
    with pytest.raises(sftc.BackendError, match="SFT512"):
        sftc.fetch("job-0", out, backend="http://127.0.0.1:1", patience=impatient)
