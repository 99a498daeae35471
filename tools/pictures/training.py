"""A model trained for real, followed in a terminal and on the backend's page."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from .scenes import CONFIGS, ROOT, SFTC, environment, session

_KEY: Final = "a-key-for-pictures"
_CURVE: Final = "svg polyline, svg circle"
_SIZE: Final = (1100, 1000)


@contextmanager
def backend(folder: Path, models: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Run a backend that trains on this machine; give its address and the client's environment."""
    given = environment(folder, SYNTH_API_KEY=_KEY, OMP_WAIT_POLICY="PASSIVE")
    options = ["--runner", "train", "--engine", "local", "--models", str(models), "--port", "0"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [SFTC, "backend", "serve", *options, "--data-dir", str(folder / "backend")],
            cwd=folder,
            env=given,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        address = process.stdout.readline().strip() if process.stdout else ""
        yield address, {**given, "BACKEND_BASE_URL": address}
    finally:
        process.terminate()
        process.wait()


def followed(folder: Path, models: Path, pages: Mapping[str, Path]) -> tuple[str, list[Text]]:
    """Train a small model, and return what ``follow`` shows; take pictures of the page.

    Args:
        folder: an empty one.
        models: a folder with the model of ``configs/train.toml``; see ``examples/smollm2.py``.
        pages: where the pictures of the page go: for the schemes ``light`` and ``dark``.

    """
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copy(CONFIGS / "train.toml", folder / "sft.toml")
    with backend(folder, models) as (address, given):
        for command in ("sftc compile --pin sft.toml -o job.json", "sftc submit job.json > job"):
            subprocess.run(["bash", "-c", command], cwd=folder, env=given, check=True)
        job = (folder / "job").read_text("utf-8").split()[0]
        # What is drawn while it goes on is drawn anew at its end, which alone is shown.
        until_its_end = [SFTC, "follow", job]
        subprocess.run(until_its_end, cwd=folder, env=given, check=True, capture_output=True)
        lines = session(f"sftc follow {job}", folder, given)
        photographed(address, job, pages)
    return "A small model, trained on this machine", lines


def photographed(address: str, job: str, pages: Mapping[str, Path]) -> None:
    """Take a picture of a job's page in each scheme."""
    from browser import Page, chromium, scheme  # the tests' driver

    with tempfile.TemporaryDirectory() as profile, chromium(Path(profile)) as driver:
        page = Page(driver)
        for name, path in pages.items():
            scheme(driver, name)
            size: dict[str, Any] = {"width": _SIZE[0], "height": _SIZE[1], "mobile": False}
            driver.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride", {**size, "deviceScaleFactor": 1}
            )
            page.open(address, _KEY, job)
            page.wait(lambda: driver.find_elements("css selector", _CURVE), "a curve")
            page.run("document.activeElement.blur()")
            driver.save_screenshot(str(path))
        page.leave()
