"""A job that is trained: its pace, its curves, where it was resumed, its log, its result."""

import os
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import served
import stored_jobs
from browser import Page
from selenium.webdriver.common.by import By
from served import KEY, Server

from sftc.backend.records import Artifact, Event, JobStatus
from sftc.backend.store import Traces

STEPS = 30
CURVES = {
    "train.loss": [(step, 3 - step / 20) for step in range(1, STEPS + 1)],
    "val.loss": [(10, 2.75), (20, 2.25)],
    "train.learning_rate": [(step, 2e-4 - step * 5e-6) for step in range(1, STEPS + 1)],
    "train.grad_norm": [(step, 1.5) for step in range(1, STEPS + 1)],
    "train.tokens_per_second": [(step, 511.6) for step in range(1, STEPS + 1)],
    "train.memory": [(step, 2.5e9) for step in range(1, STEPS + 1)],
    "train.seconds": [(step, 4.0) for step in range(1, STEPS + 1)],
}
RUNNING, DONE, REHEARSAL = (f"job-{number:024x}" for number in (1, 2, 3))
MODIFIED = 1_700_000_000_000_000_000
RESULT = {"adapter_config.json": b"{}", "sub dir/größe.bin": bytes(1_500_000)}
LOG = "".join(f"line {number}\n" for number in range(20_000)) + "50%\r100%\r\n\x1b[31mred\x1b[0m\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("data")
    trained = {"mode": "train", "engine": "slurm", "total_steps": 40, "step": STEPS}
    begun = {"started_at": stored_jobs.MOMENT}
    over = {"status": JobStatus.SUCCEEDED, "finished_at": "2026-01-01T11:00:00.000Z"}
    with stored_jobs.state(folder) as database:
        jobs = (
            stored_jobs.job(1, KEY, **trained, **begun, status=JobStatus.RUNNING),
            stored_jobs.job(2, KEY, **trained, **begun, **over),
            stored_jobs.job(3, KEY, **over),
        )
        stored_jobs.add(database, jobs)
        for job in (RUNNING, DONE):
            stored_jobs.curve(database, job, CURVES)
        note = Event("sft.job.note", "2 steps", data={"pointer": "/hyperparameters/n_epochs"})
        resumed = Event("sft.job.resumed", "Goes on", "warning", data={"step": 12})
        for event in (note, resumed):
            Traces(database).note(RUNNING, event)
        listed = [
            Artifact(path, len(data), sha256(data).hexdigest(), MODIFIED)
            for path, data in RESULT.items()
        ]
        stored_jobs.result(database, DONE, listed)
    for job in (RUNNING, DONE):
        (folder / "runs" / job).mkdir(parents=True)
        (folder / "runs" / job / "log").write_text(LOG)
    for path, data in RESULT.items():
        place = folder / "runs" / DONE / "result" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        os.utime(place, ns=(MODIFIED, MODIFIED))
    with served.serving(folder) as started:
        yield started


def opened(page: Page, server: Server, job: str) -> None:
    page.open(server.address, KEY, job)
    page.until("name", job)
    page.wait(lambda: page.driver.find_elements(By.CSS_SELECTOR, "#curve polyline"))


def test_its_pace_is_what_the_server_measured(server: Server, page: Page) -> None:
    opened(page, server, RUNNING)
    assert page.text("about").startswith("sft_offline · train (slurm) · created ")
    assert page.text("mode") == ""
    page.until("rate", r"4\.0 s per step")
    page.until("tokens", "512 tokens/s")
    page.until("left", "a few seconds left")  # its last point was long ago


@pytest.mark.parametrize(
    ("group", "title", "legend"),
    [
        ("rate", "Learning rate", "learning rate 5.000e-5"),
        ("norm", "Gradient norm", "gradient norm 1.5000"),
        ("tokens", "Tokens/s", "tokens/s 512"),
        ("memory", "Memory", "memory 2.5 GB"),
    ],
)
def test_other_curves_can_be_chosen(
    server: Server, page: Page, group: str, title: str, legend: str
) -> None:
    opened(page, server, RUNNING)
    page.until("legend", r"training 1\.5000\s+validation 2\.2500")
    page.one(f"#groups [value={group}] + span").click()
    page.until("legend", re.escape(legend))
    assert page.text("curve-title") == f"{title} by step"
    assert (page.one("#chart").accessible_name or "").startswith(f"{title} curve: ")
    assert len(page.driver.find_elements(By.CSS_SELECTOR, "#curve polyline")) == 1
    page.one("#values summary").click()
    page.wait(lambda: len(page.driver.find_elements(By.CSS_SELECTOR, "#rows tr")) == STEPS)
    assert len(page.driver.find_elements(By.CSS_SELECTOR, "#heads th")) == 2
    page.one("#groups [value=loss] + span").click()
    page.until("legend", r"training 1\.5000\s+validation 2\.2500")


def test_a_rehearsal_has_one_group_no_log_and_no_result(server: Server, page: Page) -> None:
    page.open(server.address, KEY, REHEARSAL)
    page.until("name", REHEARSAL)
    page.until("status", "succeeded")
    page.until("mode", "A rehearsal: .*")
    page.until("events", r"[\s\S]*sft\.job\.created")
    for part in ("groups", "log", "result"):
        assert not page.one(f"#{part}").is_displayed()


def test_where_it_was_resumed_is_seen(server: Server, page: Page) -> None:
    opened(page, server, RUNNING)
    page.wait(lambda: page.driver.find_elements(By.CSS_SELECTOR, "#curve .resumed"))
    (mark,) = page.driver.find_elements(By.CSS_SELECTOR, "#curve .resumed")
    title = page.run("return arguments[0].querySelector('title').textContent", mark)
    assert title == "Resumed from step 12"
    (event,) = page.driver.find_elements(By.CSS_SELECTOR, "#events .resumed")
    assert event.text.splitlines()[1:] == ["Goes on", "sft.job.resumed"]
    assert "sft.job.note /hyperparameters/n_epochs" in page.text("events")


def test_the_end_of_its_log_grows(server: Server, page: Page, tmp_path: Path) -> None:
    opened(page, server, RUNNING)
    output = page.one("#output")
    page.wait(lambda: output.text.endswith("line 19999\n50%\n100%\nred"))
    assert len(output.text) < 70_000
    (data,) = {path.parent for path in tmp_path.parent.rglob(f"{RUNNING}/log")}
    with (data / "log").open("a") as file:
        file.write("one more <b>line</b>\n")
    page.wait(lambda: output.text.endswith("red\none more <b>line</b>"))
    at_its_end = "return Math.abs(arguments[0].scrollHeight - arguments[0].scrollTop"
    assert page.run(f"{at_its_end} - arguments[0].clientHeight) < 4", output)


def test_its_result_is_downloaded(server: Server, page: Page, tmp_path: Path) -> None:
    page.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    opened(page, server, DONE)
    page.until("fetch", f"sftc fetch {DONE} -o DIR")
    rows = page.driver.find_elements(By.CSS_SELECTOR, "#files li")
    assert [row.text.splitlines()[:2] for row in rows] == [
        ["adapter_config.json", "2 B"],
        ["sub dir/größe.bin", "1.5 MB"],
    ]
    for row in rows:
        row.find_element(By.TAG_NAME, "button").click()
        state = row.find_element(By.CLASS_NAME, "state")
        page.wait(lambda state=state: state.text == "saved")  # type: ignore[misc]
    for name, data in {"adapter_config.json": b"{}", "größe.bin": bytes(1_500_000)}.items():
        path = tmp_path / name
        page.wait(lambda path=path, data=data: path.exists() and path.read_bytes() == data)  # type: ignore[misc]


def test_a_file_that_is_gone_is_said(server: Server, page: Page, tmp_path: Path) -> None:
    (folder,) = {path.parent for path in tmp_path.parent.rglob(f"{DONE}/log")}
    opened(page, server, DONE)
    page.until("fetch", ".+")
    there = folder / "result" / "adapter_config.json"
    there.rename(folder / "away")
    row = page.one("#files li:first-child")
    row.find_element(By.TAG_NAME, "button").click()
    page.wait(lambda: row.text.endswith("the download broke off\nDownload"))
    (folder / "away").rename(there)


def test_what_names_a_file_stays_text(tmp_path: Path, page: Page) -> None:
    hostile = "<img src=x onerror=document.title=1>"
    with stored_jobs.state(tmp_path) as database:
        job = stored_jobs.job(1, KEY, mode="train", engine="local", status=JobStatus.SUCCEEDED)
        stored_jobs.add(database, [job])
        stored_jobs.result(database, job.id, [Artifact(hostile, 1, "0" * 64, MODIFIED)])
    with served.serving(tmp_path) as server:
        page.open(server.address, KEY, job.id)
        page.until("files", rf"{re.escape(hostile)}\n1 B\nDownload")
        assert page.driver.title == "✓ succeeded Qwen/Qwen3-4B – sftc"
        page.leave()
