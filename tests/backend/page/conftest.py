"""A browser for the tests of the page, and a page that may not complain."""

from collections.abc import Iterator

import browser
import pytest
from browser import Page
from selenium.webdriver.chrome.webdriver import WebDriver

# The browser itself says so of each answer; these are asked for in tests.
EXPECTED = [f"the server responded with a status of {status}" for status in (401, 404, 409)]


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    with browser.chromium(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def page(driver: WebDriver) -> Iterator[Page]:
    """Return a page that has to leave the console empty; a test asks for it after its server."""
    shown = Page(driver)
    yield shown
    shown.leave()
    unexpected = [text for text in shown.complaints if not any(map(text.__contains__, EXPECTED))]
    assert unexpected == []
