"""One job on the page: watched to its end, cancelled, looked for in vain, lost and found again."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import browser
import delays
import pytest
import served
import stored_jobs
from browser import Page
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from served import KEY, ROWS, Server, payload, validated

from sftc.backend.records import Event, JobStatus
from sftc.backend.store import Jobs

FEW = b"".join(ROWS.splitlines(keepends=True)[:10])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with served.serving(tmp_path, pace="3") as started:
        yield started


def test_a_running_job_says_how_long_it_will_take(tmp_path: Path, page: Page) -> None:
    with served.serving(tmp_path, pace="80") as slow:  # two seconds a step
        headers = {"X-Job-Name": quote("größer & <i>")}
        body = payload(slow.ready())
        name = slow.ask("POST", "/learning/jobs", body, headers).body["id"]
        slow.ask("POST", f"/learning/jobs/{name}/start")
        page.open(slow.address, KEY)
        page.until("status", "running")
        assert KEY not in page.driver.current_url
        assert page.driver.current_url.endswith(f"#{name}")
        page.wait(lambda: re.fullmatch(r"● \d+ % größer & <i> – sftc", page.driver.title))
        assert page.text("title") == "größer & <i>"
        assert page.text("about").startswith("Qwen/Qwen3-4B · sft_offline · created ")
        assert page.text("name") == name
        assert "Nothing is trained" in page.text("mode")
        page.until("left", r"about (\d min|\d0 s) left")
        assert re.search(r"\d{4}", page.one("#left").get_attribute("title") or "")
        page.until("rate", r"\d\.\d s per step|\d(\.\d)? steps?/s")
        page.until("elapsed", r"(\d min )?\d+ s elapsed")
        page.leave()


def test_a_job_is_watched_to_its_end(server: Server, page: Page) -> None:
    body = validated(server.ready(), server.ready(FEW), eval_steps=10)
    name = server.started(body)
    page.open(server.address, KEY, name)
    page.until("status", "succeeded")
    page.until("steps", "Step 40 / 40 · 100 %")
    page.until("elapsed", r"took \d s")
    assert page.text("left") == ""
    assert page.driver.title == "✓ succeeded Qwen/Qwen3-4B – sftc"
    train = page.one("#curve polyline.train")
    page.wait(
        lambda: len((page.one("#curve polyline.train").get_attribute("points") or "").split()) == 40
    )
    assert len(page.driver.find_elements(By.CSS_SELECTOR, "#curve circle.validation")) == 4
    assert train.value_of_css_property("stroke-dasharray") == "none"
    assert (
        page.one("#curve polyline.validation").value_of_css_property("stroke-dasharray") != "none"
    )
    assert re.fullmatch(
        r"Loss curve: training loss from \d\.\d+ to \d\.\d+ at step 40; validation loss .* step 40",
        page.one("#chart").get_attribute("aria-label") or "",
    )
    page.until("events", r"[\s\S]*sft\.job\.completed")
    assert not page.one("#cancel").is_displayed()


def test_the_payload_is_shown_as_it_was_sent(server: Server, page: Page) -> None:
    body = payload(server.ready(), learning_rate=1.0)
    body["metadata"]["note"] = {"large": 2**63 - 1, "empty": {}, "none": [], "text": '{"a": [1,'}
    name = server.ask("POST", "/learning/jobs", body).body["id"]
    page.open(server.address, KEY, name)
    page.until("payload", r"\{[\s\S]*\}")
    shown = page.text("payload")
    assert '  "model": "Qwen/Qwen3-4B",\n  "training_type": "sft_offline",\n' in shown
    assert '"learning_rate": 1.0' in shown
    for line in (
        '"large": 9223372036854775807,',
        '"empty": {},',
        '"none": [],',
        r'"text": "{\"a\": [1,"',
    ):
        assert line in shown


def test_cancelling_asks_first(server: Server, page: Page) -> None:
    name = server.ask(
        "POST", "/learning/jobs", payload(server.ready()), {"X-Job-Name": "mine"}
    ).body["id"]
    page.open(server.address, KEY, name)
    page.until("status", "created")
    page.one("#cancel").click()
    dialog = page.one("dialog")
    assert dialog.get_attribute("open")
    assert dialog.accessible_name == "Cancel this job?"
    assert page.text("confirm-job") == "mine"
    assert name in page.text("confirm-text")
    assert page.focused().text == "Keep job"
    page.press(Keys.ESCAPE)
    assert not dialog.get_attribute("open")
    page.one("#cancel").click()
    page.one("#keep").click()
    assert server.job(name)["status"] == "created"
    page.one("#cancel").click()
    page.one("#really").click()
    page.until("status", "cancelled")
    assert server.job(name)["status"] == "cancelled"
    assert page.driver.title == "⊘ cancelled mine – sftc"


def test_the_question_goes_when_the_job_has_ended(server: Server, page: Page) -> None:
    name = server.ask("POST", "/learning/jobs", payload(server.ready())).body["id"]
    page.open(server.address, KEY, name)
    page.until("status", "created")
    page.one("#cancel").click()
    server.ask("POST", f"/learning/jobs/{name}/cancel")
    page.wait(lambda: not page.one("dialog").get_attribute("open"))
    page.until("status", "cancelled")


def test_a_job_that_ends_meanwhile_is_not_cancelled(tmp_path: Path, page: Page) -> None:
    held = threading.Event()
    job = stored_jobs.job(1, KEY)

    def delay(path: str) -> float:
        return 5 if held.is_set() and path.endswith(job.id) else 0

    with (
        stored_jobs.state(tmp_path) as database,
        served.serving(tmp_path) as server,
        delays.delaying(server.address, delay) as proxy,
    ):
        stored_jobs.add(database, [job])
        page.open(proxy.address, KEY, job.id)
        page.until("status", "created")
        page.one("#cancel").click()
        held.set()
        before = len(proxy.paths)
        page.wait(lambda: any(path.endswith(job.id) for path in proxy.paths[before:]))
        event = Event("sft.job.completed", "Done")
        assert Jobs(database).move(job.id, JobStatus.SUCCEEDED, event)
        page.one("#really").click()
        held.clear()
        page.until("status", "succeeded")
        page.until("error", "Not cancelled: .+")
        page.leave()


def test_a_failed_job_says_why(server: Server, page: Page, tmp_path: Path) -> None:
    file = server.ready()
    (path,) = (tmp_path / "files").iterdir()
    path.unlink()
    name = server.started(payload(file))
    page.open(server.address, KEY, name)
    page.until("status", "failed")
    page.until("error", "file_not_found: The stored file .* was deleted")
    assert page.driver.title == "✕ failed Qwen/Qwen3-4B – sftc"


def test_a_job_that_is_not_there_is_said(server: Server, page: Page) -> None:
    server.ask("POST", "/learning/jobs", payload(server.ready()))
    page.open(server.address, KEY, "job-%3Cb%3Enone")
    page.until("missing", r"Job not found\nNo job of this key has the id job-<b>none\.\n← All jobs")
    assert page.driver.title == "Job not found – sftc"
    assert not page.one("#detail").is_displayed()
    page.one("#missing a").click()
    page.until("idle", r"Choose a job\.")
    page.one("#jobs a").click()
    page.until("status", "created")


def test_the_key_is_asked_for_once(server: Server, page: Page) -> None:
    page.driver.get(f"{server.address}/")
    assert page.focused().accessible_name == "API key"
    for wrong in ("wrong", "größe\u2026"):
        page.focused().send_keys(wrong, Keys.ENTER)
        page.until("wrong", r"The server does not recognise this key\.")
    page.focused().send_keys(KEY, Keys.ENTER)
    page.until("none", "No job yet.*")
    page.driver.refresh()
    page.until("none", "No job yet.*")
    assert page.driver.title == "Jobs – sftc"
    page.one("#forget").click()
    assert page.focused().accessible_name == "API key"
    page.driver.refresh()
    assert page.focused().accessible_name == "API key"


def test_the_first_job_opens_by_itself_and_no_later_one(server: Server, page: Page) -> None:
    page.open(server.address, KEY)
    page.until("none", "No job yet.*")
    body = payload(server.ready())
    first = server.ask("POST", "/learning/jobs", body).body["id"]
    page.until("name", first)
    second = server.ask("POST", "/learning/jobs", body).body["id"]
    page.wait(lambda: page.rows() == [second, first])
    assert page.text("name") == first


HOSTILE = "<img src=x onerror=document.title=1><b>m</b>"


def test_what_a_client_writes_stays_text(tmp_path: Path, page: Page) -> None:
    error = f'{{"code": "c", "message": "{HOSTILE}"}}'
    with stored_jobs.state(tmp_path) as database:
        job = stored_jobs.job(
            1, KEY, name=HOSTILE, model=HOSTILE, payload={"model": HOSTILE, "x": HOSTILE}
        )
        stored_jobs.add(database, [job])
        with database.changing() as state:
            state.execute("UPDATE jobs SET error = ?, status = 'failed'", (error,))
            state.execute("UPDATE events SET message = ?, type = ?", (HOSTILE, HOSTILE))
    with served.serving(tmp_path) as server:
        page.open(server.address, KEY)
        page.until("title", re.escape(HOSTILE))
        page.until("error", re.escape(f"c: {HOSTILE}"))
        page.until("events", rf"[\s\S]*{re.escape(HOSTILE)}\n{re.escape(HOSTILE)}")
        assert page.text("payload").count(HOSTILE) == 2
        assert page.driver.title == f"✕ failed {HOSTILE} – sftc"
        assert not page.driver.find_elements(By.CSS_SELECTOR, "main img, main b")
        page.leave()


def test_a_server_that_comes_back_is_found_again(driver: WebDriver, tmp_path: Path) -> None:
    page = Page(driver)
    with served.serving(tmp_path) as first:
        port = first.address.rpartition(":")[2]
        page.open(first.address, KEY)
        page.until("link", "Live")
    page.until("link", "The server does not answer; trying again")
    with served.serving(tmp_path, "--port", port):
        page.until("link", "Live")
    assert browser.complaints(driver)  # the requests that were not answered
    browser.plain(driver)
