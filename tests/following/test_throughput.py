"""How fast a job goes, and how long it takes yet; what backends say of it may be nonsense."""

import json
from math import inf, nan
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from minimal_backend import Minimal
from results import JOB, has_job
from submitting import Workspace

import sftc
from sftc import schemas
from sftc.following.values import throughput_of
from sftc.report.pace import pace

GIVEN = {"seconds_per_step": 4.04, "tokens_per_second": 512.6, "seconds_left": 117}
WORDS = ["4.0 s/step", "513 tokens/s", "about 2 min left"]


@pytest.mark.slow
def test_status_and_jobs_say_it(workspace: Workspace, backend: Minimal) -> None:
    facts = {"engine": "slurm", "throughput": GIVEN, "progress": {"step": 3, "total_steps": 40}}
    has_job(backend, "running", **facts)
    shown = workspace.sftc("status", "job-0").stdout
    assert "status    running, step 3 of 40\n" in shown
    assert f"pace      {', '.join(WORDS)}\n" in shown
    assert "mode      train (slurm)\n" in shown
    value = json.loads(workspace.sftc("status", "job-0", "--format", "json").stdout)
    jsonschema.validate(value, schemas.load("status"))
    assert (value["throughput"], value["mode"], value["engine"]) == (GIVEN, "train", "slurm")
    listed = [backend.answers[JOB][1], {"id": "job-1", "status": "queued"}]
    backend.answers["GET /learning/jobs"] = (200, {"jobs": listed}, {})
    _, first, second = workspace.sftc("jobs").stdout.splitlines()
    assert first.split()[-3:] == ["train", "(slurm)", "-"]
    assert second.split()[-2:] == ["-", "-"]
    found = json.loads(workspace.sftc("jobs", "--format", "json").stdout)
    jsonschema.validate(found, schemas.load("jobs"))


@pytest.mark.slow
def test_a_job_that_is_over_takes_no_longer(workspace: Workspace, backend: Minimal) -> None:
    has_job(backend, "succeeded", throughput=GIVEN)
    assert "pace" not in workspace.sftc("status", "job-0").stdout
    assert "left" not in workspace.sftc("follow", "job-0").stderr


@pytest.mark.slow
def test_following_says_it(workspace: Workspace, backend: Minimal) -> None:
    has_job(backend, "running", throughput=GIVEN, progress={"step": 3, "total_steps": 40})
    points = [{"name": "train.loss", "step": 3, "value": 2.5}]
    backend.answers[f"{JOB}/metrics"] = (200, {"points": points}, {})
    running = workspace.begin("follow", "job-0")
    as_json = workspace.begin("follow", "job-0", "--format", "json")
    assert running.stderr
    assert as_json.stdout
    assert running.stderr.readline() == f"step 3/40  train.loss 2.5000  {'  '.join(WORDS)}\n"
    line = json.loads(as_json.stdout.readline())
    jsonschema.validate(line, schemas.load("follow"))
    assert line["throughput"] == GIVEN
    has_job(backend, "succeeded")
    for process in (running, as_json):
        process.communicate(timeout=60)
        assert process.returncode == 0


NONSENSE = [nan, inf, -inf, -1, "4", True, None, [], {}, 10**400]


@pytest.mark.slow_but_first
@pytest.mark.parametrize("value", NONSENSE, ids=[str(value)[:9] for value in NONSENSE])
def test_nonsense_is_left_out(workspace: Workspace, backend: Minimal, value: Any) -> None:
    has_job(backend, "running", throughput=dict.fromkeys(GIVEN, value))
    done = workspace.sftc("status", "job-0")
    assert (done.returncode, "pace" in done.stdout) == (0, False)
    has_job(backend, "running", throughput=value)
    found = json.loads(workspace.sftc("status", "job-0", "--format", "json").stdout)
    jsonschema.validate(found, schemas.load("status"))
    assert found["throughput"] is None


def test_what_is_known_is_said() -> None:
    found = throughput_of({"seconds_per_step": nan, "seconds_left": 0})
    assert found == sftc.Throughput(None, None, 0)


numbers = st.floats() | st.integers() | st.none() | st.text(max_size=3)


@given(st.dictionaries(st.sampled_from(sorted(GIVEN)), numbers))
def test_any_throughput_fits_its_schema_and_into_words(value: dict[str, Any]) -> None:
    found = throughput_of(value)
    if found is not None:
        facts = (found.seconds_per_step, found.tokens_per_second, found.seconds_left)
        schema = schemas.load("jobs")["$defs"]["throughput"]
        jsonschema.validate(dict(zip(GIVEN, facts, strict=True)), schema)
        words = pace(*facts)
        assert len(words) == sum(fact is not None for fact in facts)
        assert all("nan" not in text and "inf" not in text for text in words)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds left"),
        (9.9, "a few seconds left"),
        (44, "about 40 s left"),
        (54.9, "about 50 s left"),
        (55, "about 1 min left"),
        (3569, "about 59 min left"),
        (3570, "about 1 h left"),
        (129_599, "about 36 h left"),
        (129_600, "about 2 days left"),
        (1e9, "about 11,574 days left"),
    ],
)
def test_the_longer_the_rounder(seconds: float, words: str) -> None:
    assert pace(None, None, seconds) == [words]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.001, "1,000 steps/s"),
        (0.4, "2.5 steps/s"),
        (1, "1.0 s/step"),
        (9.94, "9.9 s/step"),
        (9.96, "10 s/step"),
        (12.3, "12 s/step"),
        (90, "1.5 min/step"),
    ],
)
def test_steps_by_the_second_or_seconds_by_the_step(seconds: float, words: str) -> None:
    assert pace(seconds, None, None) == [words]
