"""Lists of jobs in parts, names of jobs, and curves with as many points as a screen shows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import served
import stored_jobs
from hypothesis import given, settings
from hypothesis import strategies as st
from served import KEY, Server, payload

from sftc.backend import keys
from sftc.backend.records import JobStatus
from sftc.backend.store import Database, Jobs, Traces

OWNER = keys.digest(KEY)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("data")
    with stored_jobs.state(folder) as database:
        stored_jobs.add(database, (stored_jobs.job(number, KEY) for number in range(10)))
        stored_jobs.add(database, [stored_jobs.job(99, "another key", name="secret")])
    with served.serving(folder) as started:
        yield started


def listed(server: Server, **query: Any) -> Any:
    answer = server.ask("GET", f"/learning/jobs?{urlencode(query)}")
    assert answer.status == 200, answer.body
    return answer.body


@pytest.mark.slow
def test_parts_follow_each_other(server: Server) -> None:
    first = listed(server, limit=4, search="job-0")
    assert [job["id"][-1] for job in first["jobs"]] == ["9", "8", "7", "6"]
    assert (first["next"], first["total"]) == (first["jobs"][-1]["id"], 10)
    last = listed(server, limit=6, search="job-0", before=first["next"])
    assert [job["id"][-1] for job in last["jobs"]] == ["5", "4", "3", "2", "1", "0"]
    assert (last["next"], last["total"]) == (None, 10)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("before=job-none", "there is no job `job-none`"),
        (f"before=job-{99:024x}", "there is no job"),  # there is, of another key
        ("status=finished", "`status` must be one of created, queued, running"),
        ("limit=0", "`limit` must be an integer from 1 to 1000"),
    ],
)
def test_a_list_that_cannot_be_is_refused(server: Server, query: str, words: str) -> None:
    answer = server.ask("GET", f"/learning/jobs?{query}")
    assert (answer.status, answer.code) == (400, "invalid_query")
    assert words in answer.body["error"]["message"]


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "name", ["nightly", "100% größer", "日本 \U0001f680", "<b>x</b>", "a" * 200]
)
def test_a_job_has_the_name_of_its_header(server: Server, name: str) -> None:
    body = payload(server.ready())
    made = server.ask("POST", "/learning/jobs", body, {"X-Job-Name": quote(name)})
    assert made.status == 201
    assert made.body["name"] == name
    assert server.job(made.body["id"])["name"] == name
    newest = listed(server, limit=1)["jobs"][0]
    assert (newest["id"], newest["name"], "payload" in newest) == (made.body["id"], name, False)
    assert listed(server, search=name.upper())["jobs"][0]["id"] == made.body["id"]


def test_a_job_without_the_header_has_no_name(server: Server) -> None:
    assert server.ask("POST", "/learning/jobs", payload(server.ready())).body["name"] is None


def test_a_name_is_no_part_of_a_request(server: Server) -> None:
    body, key = payload(server.ready()), {"Idempotency-Key": "named"}
    first = server.ask("POST", "/learning/jobs", body, {**key, "X-Job-Name": "one"})
    again = server.ask("POST", "/learning/jobs", body, {**key, "X-Job-Name": "two"})
    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body


@pytest.mark.parametrize(
    ("given_name", "words"),
    [
        ("a%0Ab", r"has a control character, '\n'"),
        ("a%C2%85b", r"has a control character, '\x85'"),
        ("a%ff", "is not UTF-8 once decoded"),
        ("100%", "is not percent-encoded"),
        ("a" * 201, "has 201 characters, more than 200"),
        ("%20", "is blank"),
        ("größer", "is not percent-encoded"),
        ("", "is empty"),
    ],
)
def test_a_name_that_cannot_be_is_refused(server: Server, given_name: str, words: str) -> None:
    answer = server.ask("POST", "/learning/jobs", {}, {"X-Job-Name": given_name})
    assert (answer.status, answer.code) == (400, "invalid_job_name")
    assert words in answer.body["error"]["message"]


_names = st.none() | st.sampled_from(["50% off", "a_b", "aXb", "\\", "größe", "GRÖSSE", "İ"])
_jobs = st.lists(st.tuples(_names, st.sampled_from(["Qwen/3", "m%"]), st.sampled_from(JobStatus)))


@settings(max_examples=100)
@given(
    drawn=_jobs,
    status=st.none() | st.sampled_from(JobStatus),
    search=st.none() | st.sampled_from(["%", "_", "\\", "qwen", "größe", "JOB-", "e", ""]),
    limit=st.integers(1, 7),
)
def test_the_parts_have_every_job_once(
    drawn: list[tuple[str | None, str, JobStatus]],
    status: JobStatus | None,
    search: str | None,
    limit: int,
) -> None:
    made = [
        stored_jobs.job(number * 7919 % 1009, KEY, name=name, model=model, status=where)
        for number, (name, model, where) in enumerate(drawn)
    ]
    expected = [
        job.id
        for job in reversed(made)
        if status in {None, job.status}
        and any(
            (search or "").casefold() in text.casefold()
            for text in (job.name or "", job.model, job.id)
        )
    ]
    database = Database(Path(":memory:"))
    stored_jobs.add(database, made)
    found, before = [], None
    while True:
        part = Jobs(database).listed(
            OWNER, before=before, status=status, search=search, limit=limit
        )
        assert part
        assert len(part.jobs) <= limit
        assert part.total == len(expected)
        found += [job.id for job in part.jobs]
        before = part.next
        if before is None:
            break
    assert found == expected
    database.close()


def test_listing_reads_no_payload(tmp_path: Path) -> None:
    with stored_jobs.state(tmp_path) as database:
        stored_jobs.add(database, [stored_jobs.job(1, KEY)])
        with database.changing() as state:
            state.execute("UPDATE payloads SET payload = 'no JSON'")
        found = Jobs(database).listed(OWNER, search="qwen", limit=1)
        assert found
        assert Jobs(database).summary(OWNER, found.jobs[0].id) == found.jobs[0]
        with pytest.raises(ValueError, match="Expecting value"):
            Jobs(database).get(OWNER, found.jobs[0].id)


def test_a_part_costs_no_more_for_the_jobs_before_it_and_of_others(tmp_path: Path) -> None:
    def steps(database: Database, **query: Any) -> int:
        counted = 0

        def count() -> None:
            nonlocal counted
            counted += 1

        with database.reading() as state:
            state.set_progress_handler(count, 1)
        assert Jobs(database).listed(OWNER, limit=10, **query)
        return counted

    with stored_jobs.state(tmp_path) as database:
        others = (stored_jobs.job(number, "another key") for number in range(1000))
        mine = (
            stored_jobs.job(number, KEY, status=JobStatus.FAILED) for number in range(2000, 3000)
        )
        stored_jobs.add(database, (*others, *mine))
        total = 10 * 1000  # all of one's own are counted, in an index
        first = steps(database)
        assert first < total
        assert steps(database, before=f"job-{2011:024x}") < first + 100
        assert steps(database, status=JobStatus.FAILED) < total
        assert steps(database, status=JobStatus.CREATED) < 200


_values = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, 1e300])
_steps = st.integers(0, 300) | st.integers(0, 2**53 - 1)
_curve = st.dictionaries(_steps, _values, max_size=20) | st.dictionaries(
    _steps, _values, min_size=30, max_size=120
)


@settings(max_examples=100)
@given(train=_curve, validation=_curve, most=st.integers(1, 40), after=st.integers(-1, 200))
def test_a_sampled_curve_keeps_its_ends_and_peaks(
    train: dict[int, float], validation: dict[int, float], most: int, after: int
) -> None:
    curves = {"train.loss": train, "val.loss": validation}
    database = Database(Path(":memory:"))
    stored_jobs.add(database, [stored_jobs.job(1, KEY)])
    name = f"job-{1:024x}"
    stored_jobs.curve(database, name, {kind: [*own.items()] for kind, own in curves.items()})
    found = Traces(database).sampled(name, None, after, most)
    assert found == sorted(found, key=lambda point: (point["step"], point["name"]))
    for kind, own in curves.items():
        kept = [(point["step"], point["value"]) for point in found if point["name"] == kind]
        assert kept == [
            (point["step"], point["value"])
            for point in Traces(database).sampled(name, kind, after, most)
        ]
        asked = {step: value for step, value in own.items() if step > after}
        assert set(kept) <= set(asked.items())
        assert len(kept) == len(dict(kept)) <= most
        if len(asked) <= most:
            assert kept == sorted(asked.items())
        else:
            assert kept[-1][0] == max(asked)
            assert most == 1 or kept[0][0] == min(asked)
            if most >= 4:
                assert min(dict(kept).values()) == min(asked.values())
                assert max(dict(kept).values()) == max(asked.values())
    database.close()


def test_a_curve_is_asked_for_by_its_number_of_points(server: Server) -> None:
    name = server.started(payload(server.ready()))
    server.over(name)
    path = f"/learning/jobs/{name}/metrics"
    every = server.ask("GET", f"{path}?limit=1000").body["points"]
    assert server.ask("GET", f"{path}?max_points=40").body["points"] == every
    few = server.ask("GET", f"{path}?max_points=10&limit=1").body["points"]
    assert len(few) == 10
    assert [few[0], few[-1]] == [every[0], every[-1]]
    assert all(point in every for point in few)
    tail = server.ask("GET", f"{path}?max_points=10&after_step=35").body["points"]
    assert tail == [point for point in every if point["step"] > 35]
    for wrong in ("0", "5001", "x"):
        assert server.ask("GET", f"{path}?max_points={wrong}").code == "invalid_query"
