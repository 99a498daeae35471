"""The documentation builds as a site, without a warning, which loads nothing from elsewhere."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
_LOADED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}
_OF_STYLES = re.compile(r"(?:url\(\s*|@import\s+)['\"]?(?!data:|#)([^'\")\s]+)")


class Loaded(HTMLParser):
    """What a page loads when it is opened, what it links to, and the ids that it has."""

    def __init__(self) -> None:
        """Know nothing yet."""
        super().__init__()
        self.resources: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a tag."""
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        if address := given.get(_LOADED.get(tag, "")):
            self.resources.append(address)
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-E", "-b", "html"]
    built = subprocess.run(
        [*command, "-d", str(folder / "doctrees"), str(ROOT / "docs"), str(folder / "html")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (built.returncode, built.stderr) == (0, "")
    return folder / "html"


@pytest.fixture(scope="module")
def loaded(site: Path) -> dict[Path, Loaded]:
    """Read all pages of the site."""
    found = {}
    for path in site.rglob("*.html"):
        found[path] = Loaded()
        found[path].feed(path.read_text("utf-8"))
    return found


@pytest.mark.slow
def test_the_site_loads_nothing_from_elsewhere(site: Path, loaded: dict[Path, Loaded]) -> None:
    assert (site / "reference" / "config.html") in loaded
    for path, page in loaded.items():
        for address in page.resources:
            assert not urlsplit(address).netloc, f"{path.name} loads {address}"
            assert (path.parent / unquote(urlsplit(address).path)).exists(), (path.name, address)
    for style in site.rglob("*.css"):
        for address in _OF_STYLES.findall(style.read_text("utf-8")):
            assert not urlsplit(address).netloc, f"{style.name} loads {address}"


@pytest.mark.slow
def test_the_links_of_the_site_lead_somewhere(loaded: dict[Path, Loaded]) -> None:
    for path, page in loaded.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), f"{path.name} links to {link}"
            if parts.fragment and target in loaded:
                assert unquote(parts.fragment) in loaded[target].ids, f"{path.name}: {link}"


@pytest.mark.slow
def test_the_search_finds_keys_and_codes(site: Path) -> None:
    index = (site / "searchindex.js").read_text("utf-8")
    for word in ("hyperparameters.lora_rank", "SFT211 global-batch-mismatch", "sftc data fix"):
        assert word in index
