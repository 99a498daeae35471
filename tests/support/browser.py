"""Chromium without a screen, driven through Debian's chromium-driver."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = (
    "--headless",
    "--no-sandbox",  # a container has no user namespaces
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
)


@contextmanager
def chromium(profile: Path) -> Iterator[WebDriver]:
    """Start a browser with a profile of its own."""
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert browser, "apt-get install chromium"
    assert driver, "apt-get install chromium-driver"
    options = Options()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield started
    finally:
        started.quit()


def scheme(driver: WebDriver, name: str) -> None:
    """Have pages believe that the user prefers ``light`` or ``dark``."""
    features = [{"name": "prefers-color-scheme", "value": name}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def complaints(driver: WebDriver) -> list[str]:
    """Return what has been written to the console since the last time: errors, refused styles."""
    log = driver.get_log("browser")  # type: ignore[no-untyped-call]  # selenium gives it no type
    return [entry["message"] for entry in log]


def phone(driver: WebDriver) -> None:
    """Have pages believe that they are on a phone of 390 by 844 pixels."""
    size = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def width(driver: WebDriver, pixels: int) -> None:
    """Give pages so many pixels of width."""
    size = {"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def plain(driver: WebDriver) -> None:
    """Leave the page, and take back what has been emulated."""
    driver.execute_script("if (location.host) sessionStorage.clear()")
    driver.get("about:blank")
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    scheme(driver, "light")


class Page:
    """The backend's page as it stands in a browser."""

    def __init__(self, driver: WebDriver) -> None:
        """Look at what a browser shows."""
        self.driver = driver
        self.complaints: list[str] = []

    def leave(self) -> None:
        """Leave the page, before its server ends and is missed."""
        plain(self.driver)
        self.complaints += complaints(self.driver)

    def open(self, address: str, key: str, job: str = "") -> None:
        """Open the page with a key, and perhaps the address of a job."""
        self.driver.get(f"{address}/#key={key}")
        if job:
            self.go(job)

    def go(self, name: str) -> None:
        """Follow a link to an address on the page."""
        self.run("location.hash = arguments[0]", f"#{name}")

    def run(self, script: str, *given: Any) -> Any:
        """Run JavaScript, and return what it returns."""
        return self.driver.execute_script(script, *given)

    def one(self, selector: str) -> WebElement:
        """Return the one element of a selector."""
        (found,) = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return found

    def text(self, name: str) -> str:
        """Return what an element reads as, by its id."""
        return self.driver.find_element(By.ID, name).text

    def until(self, name: str, pattern: str) -> None:
        """Wait until an element reads as a pattern."""
        self.wait(lambda: re.fullmatch(pattern, self.text(name)), name)

    def wait(self, true: Callable[[], object], what: str = "") -> None:
        """Wait until something is true; what is replaced meanwhile is looked up again."""
        ignored = (StaleElementReferenceException, NoSuchElementException)
        waiting = WebDriverWait(self.driver, 60, poll_frequency=0.05, ignored_exceptions=ignored)
        waiting.until(lambda _: true(), what)

    def press(self, *keys: str) -> WebElement:
        """Press keys, one after the other, and return what has the focus then."""
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()
        return self.focused()

    def focused(self) -> WebElement:
        """Return what has the focus."""
        return self.driver.switch_to.active_element

    def rows(self) -> list[str]:
        """Return the ids of the jobs in the list."""
        script = "return [...document.querySelectorAll('#jobs li')].map((row) => row.dataset.id)"
        return list(self.run(script))
