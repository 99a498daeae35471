"""The backend's page in Chromium: what a person sees, with the mouse and without."""

import re
from collections.abc import Iterator
from pathlib import Path

import browser
import pytest
import served
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from served import KEY, ROWS, Server, payload, validated

FEW = b"".join(ROWS.splitlines(keepends=True)[:10])


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    with browser.chromium(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def server(tmp_path: Path, driver: WebDriver) -> Iterator[Server]:
    with served.serving(tmp_path, pace="3") as started:
        yield started
        assert [text for text in browser.complaints(driver) if "401" not in text] == []
        driver.get("about:blank")


def text(driver: WebDriver, name: str) -> str:
    return driver.find_element(By.ID, name).text


def until(driver: WebDriver, name: str, pattern: str) -> None:
    """Wait until an element reads as a pattern."""
    WebDriverWait(driver, 30, poll_frequency=0.05).until(
        lambda _: re.fullmatch(pattern, text(driver, name))
    )


def test_a_job_is_watched_to_its_end(driver: WebDriver, server: Server) -> None:
    body = validated(server.ready(), server.ready(FEW), eval_steps=10)
    name = server.started(body)
    driver.get(f"{server.address}/#key={KEY}")
    until(driver, "status", "running")
    assert KEY not in driver.current_url
    assert text(driver, "title") == "Qwen/Qwen3-4B"
    assert text(driver, "name") == name
    assert "Nothing is trained" in text(driver, "mode")
    until(driver, "status", "succeeded")
    until(driver, "steps", "Step 40 / 40")
    curve = driver.find_element(By.ID, "curve")
    (train,) = curve.find_elements(By.CSS_SELECTOR, "polyline.train")
    assert len((train.get_attribute("points") or "").split()) == 40
    assert len(curve.find_elements(By.CSS_SELECTOR, "circle.validation")) == 4
    assert re.fullmatch(
        r"Loss curve: train loss from \d\.\d+ to \d\.\d+ at step 40; validation loss .* step 40",
        curve.get_attribute("aria-label") or "",
    )
    until(driver, "events", r"[\s\S]*sft\.job\.completed")
    assert '"gpu_type": "H100"' in text(driver, "payload")
    assert not driver.find_element(By.ID, "cancel").is_displayed()


def test_the_key_is_asked_for_once(driver: WebDriver, server: Server) -> None:
    driver.get(f"{server.address}/")
    field = driver.switch_to.active_element
    assert field.accessible_name == "Key"
    field.send_keys("wrong", Keys.ENTER)
    until(driver, "wrong", "This is none of the server's keys.")
    driver.switch_to.active_element.send_keys(KEY, Keys.ENTER)
    until(driver, "none", "No job yet.*")
    driver.refresh()
    until(driver, "none", "No job yet.*")
    driver.find_element(By.ID, "forget").click()
    assert driver.switch_to.active_element.accessible_name == "Key"
    driver.refresh()
    assert driver.switch_to.active_element.accessible_name == "Key"


def test_all_can_be_done_from_the_keyboard(driver: WebDriver, server: Server) -> None:
    file = server.ready()
    first = server.ask("POST", "/learning/jobs", payload(file)).body["id"]
    second = server.ask("POST", "/learning/jobs", payload(file, steps=5)).body["id"]
    driver.get(f"{server.address}/#key={KEY}")
    until(driver, "name", second)
    stops = []
    for _ in range(6):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        stops.append(driver.switch_to.active_element)
        assert stops[-1].value_of_css_property("outline-style") == "solid"
    names = [stop.accessible_name.partition(" ")[0].lower() for stop in stops]
    assert names == ["skip", "forget", "qwen/qwen3-4b", "qwen/qwen3-4b", "cancel", "payload"]
    stops[3].send_keys(Keys.ENTER)
    until(driver, "name", first)
    assert driver.switch_to.active_element.get_attribute("id") == "detail"
    assert stops[3].get_attribute("aria-current") == "true"
    stops[4].send_keys(Keys.ENTER)
    until(driver, "status", "cancelled")


@pytest.mark.parametrize(("name", "brighter"), [("light", "paper"), ("dark", "ink")])
def test_text_can_be_read_in_light_and_dark(
    driver: WebDriver, server: Server, name: str, brighter: str
) -> None:
    """Every colour that text has is far enough from what is behind it (WCAG AA: 4.5 to 1)."""
    browser.scheme(driver, name)
    driver.get(f"{server.address}/#key={KEY}")
    colours = {
        colour: _luminance(
            driver.execute_script(
                "return getComputedStyle(document.documentElement).getPropertyValue(arguments[0])",
                f"--{colour}",
            )
        )
        for colour in ("paper", "sheet", "tint", "bad-tint", "ink", "soft", "mark", "second", "bad")
    }
    assert max("paper", "ink", key=lambda colour: colours[colour]) == brighter
    for front, backs in {
        "ink": ("paper", "sheet", "tint"),
        "soft": ("paper", "sheet"),
        "mark": ("sheet", "tint"),
        "second": ("sheet",),
        "bad": ("sheet", "paper", "bad-tint"),
    }.items():
        for back in backs:
            dark, light = sorted((colours[front], colours[back]))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (front, back)


def _luminance(colour: str) -> float:
    """Return the relative luminance of ``#rgb`` or ``#rrggbb`` (WCAG 2)."""
    digits = colour.strip().removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    ]
    return sum(
        weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )


def test_a_narrow_window_scrolls_one_way(driver: WebDriver, server: Server) -> None:
    server.ask("POST", "/learning/jobs", payload(server.ready()))
    size = driver.get_window_size()
    driver.set_window_size(500, 900)
    driver.get(f"{server.address}/#key={KEY}")
    until(driver, "status", "created")
    wide = driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
    driver.set_window_size(size["width"], size["height"])
    assert wide <= 0


def test_what_a_client_writes_stays_text(driver: WebDriver, server: Server) -> None:
    body = payload(server.ready())
    body["model"] = "<img src=x onerror=document.title=1><b>m</b>"
    server.ask("POST", "/learning/jobs", body)
    driver.get(f"{server.address}/#key={KEY}")
    until(driver, "title", re.escape(body["model"]))
    assert driver.title == "sftc backend"


def test_a_server_that_comes_back_is_found_again(driver: WebDriver, tmp_path: Path) -> None:
    with served.serving(tmp_path) as first:
        port = first.address.rpartition(":")[2]
        driver.get(f"{first.address}/#key={KEY}")
        until(driver, "link", "Live")
    until(driver, "link", "The server does not answer; trying again")
    with served.serving(tmp_path, "--port", port):
        until(driver, "link", "Live")
    driver.get("about:blank")
    assert browser.complaints(driver)  # the requests that were not answered
