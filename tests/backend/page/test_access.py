"""The page by keyboard, in light and dark, on a phone: nobody is left out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import pytest
import served
import stored_jobs
from browser import Page
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from served import KEY, Server, payload

from sftc.backend.records import Event, JobStatus
from sftc.backend.store import Traces

CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
LONG = "a-name-without-a-place-to-break-it-" * 5
TITLES = {number: f"{status} one" for number, status in enumerate(JobStatus)}
FAILED = f"job-{[*JobStatus].index(JobStatus.FAILED):024x}"
CREATED = f"job-{0:024x}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Return a server over a job in each state, with events of each level and a long name."""
    with stored_jobs.state(tmp_path) as database:
        jobs = [
            stored_jobs.job(number, KEY, name=TITLES[number], status=status)
            for number, status in enumerate(JobStatus)
            if status not in {JobStatus.QUEUED, JobStatus.RUNNING}
        ]
        stored_jobs.add(database, [*jobs, stored_jobs.job(20, KEY, name=LONG, model=LONG)])
        for level in ("info", "warning", "error"):
            Traces(database).note(FAILED, Event(f"a.{level}", f"Some {level}", level=level))
        for job in (FAILED, CREATED):
            loss = [(step, 2.5 - step / 40) for step in range(1, 41)]
            stored_jobs.curve(database, job, {"train.loss": loss, "val.loss": loss[9::10]})
        with database.changing() as state:
            error = '{"code": "out_of_luck", "message": "It went wrong"}'
            state.execute("UPDATE jobs SET error = ? WHERE id = ?", (error, FAILED))
    with served.serving(tmp_path, pace="900") as started:
        file = started.ready()
        for status in (JobStatus.RUNNING, JobStatus.QUEUED):  # one job runs at a time
            headers = {"X-Job-Name": f"{status} one"}
            name = started.ask("POST", "/learning/jobs", payload(file), headers).body["id"]
            started.ask("POST", f"/learning/jobs/{name}/start")
            started.until(lambda name=name, status=status: started.job(name)["status"] == status)
        yield started


def test_everything_is_done_from_the_keyboard(server: Server, page: Page) -> None:
    page.open(server.address, KEY, CREATED)
    page.until("status", "created")
    page.wait(lambda: len(page.rows()) == 7)
    page.wait(lambda: page.driver.find_elements(By.CSS_SELECTOR, "#curve polyline"))
    page.run("document.getElementById('skip').focus()")
    stops = ["skip"]
    while (stop := page.press(Keys.TAB)).tag_name != "body" and len(stops) < 40:
        assert stop.value_of_css_property("outline-style") == "solid", stop.get_attribute("id")
        stops.append(stop.get_attribute("id") or stop.tag_name)
    rest = ["cancel", "chart", "summary", "events", "payload"]
    assert stops == ["skip", "forget", "search", "filter", *["a"] * 7, *rest]
    page.one("#skip").send_keys(Keys.ENTER)
    assert page.focused().get_attribute("id") == "detail"
    assert page.driver.current_url.endswith(CREATED), "the address stays the job's"

    page.one("#jobs li:first-child a").send_keys(Keys.ARROW_DOWN)
    assert page.focused().text.startswith("running one")
    page.press(*[Keys.ARROW_DOWN] * 3, Keys.ENTER)
    page.until("title", TITLES[4])
    assert page.focused().get_attribute("id") == "detail"
    assert page.one("[aria-current=true]").text.startswith(TITLES[4])

    page.go(CREATED)
    page.until("title", TITLES[0])
    page.one("#cancel").send_keys(Keys.ENTER)
    assert page.focused().get_attribute("id") == "keep"
    page.press(Keys.ESCAPE)
    assert page.focused().get_attribute("id") == "cancel"
    page.press(Keys.ENTER, Keys.TAB, Keys.ENTER)
    page.until("status", "cancelled")
    page.wait(lambda: page.focused().get_attribute("id") == "detail")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["screen", "phone"])
def test_all_text_has_contrast(server: Server, page: Page, scheme: str, size: str) -> None:
    browser.scheme(page.driver, scheme)
    if size == "phone":
        browser.phone(page.driver)
    page.driver.get(f"{server.address}/")
    page.focused().send_keys("wrong", Keys.ENTER)
    page.until("wrong", ".+")
    assert _contrast(page) >= 6
    page.open(server.address, KEY, "jobs")
    page.wait(lambda: len(page.rows()) == 7)
    assert {
        badge.text.partition(" ")[0]
        for badge in page.driver.find_elements(By.CSS_SELECTOR, "#jobs .badge")
    } == set(JobStatus)
    assert _contrast(page) >= 30
    page.go(FAILED)
    page.until("error", "out_of_luck: It went wrong")
    page.wait(lambda: page.driver.find_elements(By.CSS_SELECTOR, "#curve polyline"))
    page.one("#values summary").click()
    page.one("#chart").send_keys(Keys.ARROW_LEFT)
    assert page.one("#tip").is_displayed()
    assert _contrast(page) >= 80
    page.go(CREATED)
    page.until("title", TITLES[0])
    page.one("#cancel").click()
    assert _contrast(page) >= 30
    page.one("#keep").click()
    page.go("job-none")
    page.until("missing", r"[\s\S]*job-none[\s\S]*")
    assert _contrast(page) >= 5


def _contrast(page: Page) -> int:
    """Return how many texts have enough contrast: all of them."""
    found: Any = page.run(CONTRAST)
    assert found["faults"] == []
    return int(found["seen"])


def test_too_little_contrast_would_be_found(server: Server, page: Page) -> None:
    page.open(server.address, KEY, FAILED)
    page.until("status", "failed")
    page.wait(lambda: len(page.rows()) == 7)
    page.run("document.getElementById('count').style.color = '#999'")
    page.run("document.getElementById('title').style.opacity = '0.4'")
    page.run("document.querySelector('#jobs a').style.background = 'rgb(0 0 0 / 0.5)'")
    faults = page.run(CONTRAST)["faults"]
    for text in ("7 jobs", TITLES[4], "queued one"):
        assert any(text in fault for fault in faults), text


def test_states_differ_by_colour_and_word(server: Server, page: Page) -> None:
    page.open(server.address, KEY)
    page.wait(lambda: len(page.rows()) == 7)
    badges = {
        badge.text.partition(" ")[0]: (
            badge.value_of_css_property("color"),
            badge.value_of_css_property("background-color"),
        )
        for badge in page.driver.find_elements(By.CSS_SELECTOR, "#jobs .badge")
    }
    assert set(badges) == set(JobStatus)
    assert len({colour for colour, _ in badges.values()}) == 6
    assert len({tint for _, tint in badges.values()}) == 6


def test_a_phone_has_a_list_and_a_job_with_a_way_back(server: Server, page: Page) -> None:
    browser.phone(page.driver)
    page.open(server.address, KEY)
    page.wait(lambda: len(page.rows()) == 7)
    assert page.one("#list").is_displayed()
    assert not page.one("#detail").is_displayed()
    assert page.run("return document.documentElement.scrollWidth") <= 390
    page.one(f"#jobs li[data-id='{FAILED}'] a").click()
    page.until("title", TITLES[4])
    assert not page.one("#list").is_displayed()
    assert page.run("return document.documentElement.scrollWidth") <= 390
    page.one("#back").click()
    page.wait(lambda: page.one("#list").is_displayed())
    assert not page.one("#detail").is_displayed()
    assert page.focused().text.startswith(TITLES[4]), "where one was in the list"
    page.driver.back()
    page.until("title", TITLES[4])
    page.go(f"job-{20:024x}")
    page.until("title", LONG)
    assert page.run("return document.documentElement.scrollWidth") <= 390
    page.one("#cancel").click()
    assert page.one("dialog").rect["width"] <= 390
