"""The first hour of an engineer with a job to run: `engineer.md`, command by command."""

from pathlib import Path

from played_pages import checked
from served import serving

PAGE = Path(__file__).with_name("engineer.md")


def test_the_page_is_what_an_engineer_sees(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    folder.mkdir()
    with serving(tmp_path / "backend") as backend:
        checked(PAGE, folder, backend.address)
