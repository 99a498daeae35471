"""The changelog has the version that is shipped, and dates that go back."""

import datetime as dt
import re
from pathlib import Path

import sftc

PAGE = (Path(__file__).parents[2] / "CHANGELOG.md").read_text("utf-8")


def test_the_newest_version_is_this_one() -> None:
    versions = re.findall(r"^## (\S+) – (\S+)$", PAGE, re.MULTILINE)
    assert len(versions) == PAGE.count("\n## ")
    assert versions[0][0] == sftc.__version__
    dates = [dt.date.fromisoformat(date) for _, date in versions]
    assert dates == sorted(dates, reverse=True)
