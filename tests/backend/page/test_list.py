"""The list of jobs on the page: thousands of them, searched, loaded in parts, kept up to date."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import pytest
import served
import stored_jobs
from browser import Page
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select
from served import KEY, Server

from sftc.backend.records import Event, JobStatus
from sftc.backend.store import Database, Jobs

COUNT = 5000
NEWEST = f"job-{COUNT - 1:024x}"


class Stored(NamedTuple):
    """A server over thousands of jobs, and a way into its state."""

    server: Server
    database: Database


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    folder = tmp_path_factory.mktemp("data")
    over = (JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.CREATED)
    with stored_jobs.state(folder) as database:
        stored_jobs.add(
            database,
            (
                stored_jobs.job(
                    number,
                    KEY,
                    name=f"100% run {number}" if number % 10 else None,
                    status=over[number % 4],
                )
                for number in range(COUNT)
            ),
        )
        with served.serving(folder) as server:
            yield Stored(server, database)


def test_thousands_of_jobs_are_counted_and_loaded_in_parts(stored: Stored, page: Page) -> None:
    page.open(stored.server.address, KEY)
    page.until("count", "5,000 jobs")
    page.until("name", NEWEST)
    older = page.one("#older")
    for loaded in range(100, 400, 100):
        page.until("older", rf"Load older jobs \({loaded} of 5,000 shown\)")
        assert page.rows() == [f"job-{COUNT - 1 - place:024x}" for place in range(loaded)]
        older.send_keys(Keys.ENTER)
        page.wait(partial(_more_than, page, loaded))
    assert len(set(page.rows())) == 400


def _more_than(page: Page, loaded: int) -> bool:
    return len(page.rows()) > loaded


def test_a_job_far_down_is_opened_by_its_address(stored: Stored, page: Page) -> None:
    page.open(stored.server.address, KEY, f"job-{7:024x}")
    page.until("name", f"job-{7:024x}")
    page.until("title", "100% run 7")
    page.until("count", "5,000 jobs")
    page.until("events", r"[\s\S]*sft\.job\.created")
    assert page.text("name") == f"job-{7:024x}"
    assert not page.driver.find_elements(By.CSS_SELECTOR, "[aria-current=true]")
    page.driver.refresh()
    page.until("title", "100% run 7")


def test_jobs_are_searched_and_filtered(stored: Stored, page: Page) -> None:
    page.open(stored.server.address, KEY)
    page.until("count", "5,000 jobs")
    page.one("#search").send_keys("0% RUN 123")
    page.until("count", "10 matches")  # 1230 and 123 have no or other names: see `number % 10`
    found = [f"job-{number:024x}" for number in (*range(1239, 1230, -1), 123)]
    page.wait(lambda: page.rows() == found)
    assert not page.one("#older").is_displayed()
    Select(page.one("#filter")).select_by_visible_text("Failed")
    page.until("count", "2 matches")
    page.wait(lambda: page.rows() == [f"job-{number:024x}" for number in (1237, 1233)])
    page.one("#search").send_keys("9")
    page.until("none", r"No job matches\.")
    page.until("count", "0 matches")
    page.one("#search").clear()
    page.one("#search").send_keys(" ", Keys.BACKSPACE)  # clear() alone is no typing
    page.until("count", "1,250 matches")
    Select(page.one("#filter")).select_by_visible_text("All")
    page.until("count", "5,000 jobs")
    page.one("#search").send_keys(f"{7:024x}")
    page.until("count", "1 match")
    assert page.text("name") == NEWEST, "what is looked at stays"


def test_older_parts_are_kept_up_to_date(stored: Stored, page: Page) -> None:
    page.open(stored.server.address, KEY)
    for loaded in (100, 200):
        page.until("older", rf"Load older jobs \({loaded} of 5,000 shown\)")
        page.one("#older").send_keys(Keys.ENTER)
    page.wait(lambda: len(page.rows()) == 300)
    changed = f"job-{COUNT - 1 - 248:024x}"
    row = page.one(f"#jobs li[data-id='{changed}']")
    row.find_element(By.TAG_NAME, "a").send_keys(Keys.NULL)  # has the focus
    focused = page.focused()
    assert row.text.splitlines()[1] == "created"
    event = Event("sft.job.cancelled", "Cancelled")
    assert Jobs(stored.database).move(changed, JobStatus.CANCELLED, event)
    page.wait(lambda: row.text.splitlines()[1] == "cancelled")
    assert page.focused() == focused


def test_new_jobs_come_on_top_and_push_nothing_out(stored: Stored, page: Page) -> None:
    page.open(stored.server.address, KEY)
    page.until("older", r"Load older jobs \(100 of [\d,]+ shown\)")
    page.one("#older").send_keys(Keys.ENTER)
    page.wait(lambda: len(page.rows()) == 200)
    before = page.rows()
    focused = page.press(Keys.TAB)
    assert focused is not None
    made = [stored_jobs.job(COUNT + number, KEY, name="new") for number in range(30)]
    stored_jobs.add(stored.database, made)
    page.wait(lambda: page.rows() == [job.id for job in reversed(made)] + before)
    assert page.text("name") == NEWEST
    assert page.focused() == focused
