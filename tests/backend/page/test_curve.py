"""The loss curve: as many points as a screen shows, every peak, values by pointer and keys."""

import random
import re
from collections.abc import Iterator
from itertools import pairwise

import browser
import pytest
import served
import stored_jobs
from browser import Page
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from served import KEY, Server

from sftc.backend.records import JobStatus

POINTS = 100_000
PEAK = (61_234, 9.875)
LONG, SHORT, EMPTY = (f"job-{number:024x}" for number in (3, 2, 1))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("data")
    noise = random.Random(5)
    loss = [(step, round(1 + noise.random(), 4)) for step in range(1, POINTS + 1)]
    loss[PEAK[0] - 1] = PEAK
    over = {"status": JobStatus.SUCCEEDED}
    with stored_jobs.state(folder) as database:
        jobs = (
            stored_jobs.job(1, KEY, **over),
            stored_jobs.job(2, KEY, step=5, total_steps=5, **over),
            stored_jobs.job(3, KEY, step=POINTS, total_steps=POINTS, **over),
        )
        stored_jobs.add(database, jobs)
        validation = [(step, 1.5) for step in range(1000, POINTS + 1, 1000)]
        stored_jobs.curve(database, LONG, {"train.loss": loss, "val.loss": validation})
        few = [(step, 3 - step / 2) for step in range(1, 6)]
        stored_jobs.curve(database, SHORT, {"train.loss": few, "val.loss": [(2, 2.25), (4, 1.5)]})
    with served.serving(folder) as started:
        yield started


def opened(page: Page, server: Server, job: str) -> None:
    page.open(server.address, KEY, job)
    page.until("name", job)
    page.wait(lambda: page.driver.find_elements(By.CSS_SELECTOR, "#curve polyline"))


def test_a_hundred_thousand_points_are_drawn_as_a_screen_needs_them(
    server: Server, page: Page
) -> None:
    opened(page, server, LONG)
    pairs = (page.one("#curve polyline.train").get_attribute("points") or "").split()
    places = [tuple(map(float, pair.split(","))) for pair in pairs]
    assert 500 < len(places) <= 2000
    steps = [x for x, _ in places]
    assert all(before < after for before, after in pairwise(steps))
    page.one("#values summary").click()
    rows = page.run(
        "return [...document.querySelectorAll('#rows tr')].map((row) =>"
        " [...row.children].map((cell) => cell.textContent))"
    )
    assert ["61,234", "9.8750", ""] in rows
    assert rows[0][0] == "1"
    assert rows[-1][0] == "100,000"
    assert rows[-1][2] == "1.5000"
    height = min(y for _, y in places)
    (at_peak,) = [x for x, y in places if y == height]
    share = (at_peak - steps[0]) / (steps[-1] - steps[0])
    assert share == pytest.approx((PEAK[0] - 1) / (POINTS - 1), abs=1e-3)


def test_values_are_read_by_keys(server: Server, page: Page) -> None:
    opened(page, server, SHORT)
    chart = page.one("#chart")
    assert chart.aria_role == "slider"
    assert chart.accessible_name == (
        "Loss curve: training loss from 2.5000 to 0.5000 at step 5;"
        " validation loss from 2.2500 to 1.5000 at step 4"
    )
    chart.send_keys(Keys.END)
    said = {}
    for key in (Keys.ARROW_LEFT, Keys.HOME, Keys.ARROW_RIGHT, Keys.PAGE_UP, Keys.PAGE_DOWN):
        chart.send_keys(key)
        said[key] = chart.get_attribute("aria-valuetext")
        assert page.text("tip").splitlines()[0] == str(said[key]).partition(":")[0]
    assert list(said.values()) == [
        "Step 4: training 1.0000, validation 1.5000",
        "Step 1: training 2.5000",
        "Step 2: training 2.0000, validation 2.2500",
        "Step 5: training 0.5000",
        "Step 1: training 2.5000",
    ]
    chart.send_keys(Keys.ESCAPE)
    assert not page.one("#tip").is_displayed()
    chart.send_keys(Keys.ARROW_LEFT)
    assert page.text("tip") == "Step 4\ntraining 1.0000\nvalidation 1.5000"
    page.press(Keys.TAB)
    assert not page.one("#tip").is_displayed()


def test_values_are_read_by_pointer(server: Server, page: Page) -> None:
    opened(page, server, SHORT)
    chart = page.one("#chart")
    half = chart.rect["width"] / 2
    said = []
    for place in (-half + 60, 0, half - 16):
        ActionChains(page.driver).move_to_element_with_offset(chart, int(place), 0).perform()
        tip = page.one("#tip")
        said.append(tip.text.splitlines()[0])
        assert tip.rect["x"] >= chart.rect["x"]
        assert tip.rect["x"] + tip.rect["width"] <= chart.rect["x"] + chart.rect["width"]
    assert said[0] == "Step 1"
    assert said[1] in {"Step 2", "Step 3"}
    assert said[2] == "Step 5"
    ActionChains(page.driver).move_to_element(page.one("#title")).perform()
    page.wait(lambda: not page.one("#tip").is_displayed())


@pytest.mark.parametrize("width", [320, 390, 700, 1280, 1900])
def test_axes_are_readable_at_any_width(server: Server, page: Page, width: int) -> None:
    browser.width(page.driver, width)
    opened(page, server, LONG)
    labels = page.run(
        "return [...document.querySelectorAll('#curve text')].map((label) => {"
        " const { left, right, top, bottom } = label.getBoundingClientRect();"
        " return { left, right, top, bottom, text: label.textContent,"
        " size: parseFloat(getComputedStyle(label).fontSize) }; })"
    )
    assert len([label for label in labels if re.fullmatch(r"[\d,]+", label["text"])]) >= 5
    for place, label in enumerate(labels):
        assert label["size"] >= 12
        assert label["left"] >= 0, label
        assert label["right"] <= width, label
        for other in labels[:place]:
            apart = label["left"] >= other["right"] + 4 or other["left"] >= label["right"] + 4
            below = label["top"] >= other["bottom"] or other["top"] >= label["bottom"]
            assert apart or below, (label, other)


def test_the_curve_follows_the_window(server: Server, page: Page) -> None:
    opened(page, server, SHORT)
    wide = page.one("#curve polyline.train").get_attribute("points")
    browser.width(page.driver, 600)
    page.wait(lambda: page.one("#curve polyline.train").get_attribute("points") != wide)
    page.wait(lambda: page.one("#curve").rect["width"] == page.one("#chart").rect["width"] < 600)


def test_a_job_without_points_says_so(server: Server, page: Page) -> None:
    page.open(server.address, KEY, EMPTY)
    page.until("name", EMPTY)
    page.until("chart", "No points yet")
    chart = page.one("#chart")
    assert chart.accessible_name == "Loss curve: no points yet"
    chart.send_keys(Keys.ARROW_LEFT)
    assert not page.one("#tip").is_displayed()
    assert not page.one("#values").is_displayed()
