"""The first hour of a platform engineer with 60 configs: `platform.md`, command by command."""

from pathlib import Path

from played_pages import checked

PAGE = Path(__file__).with_name("platform.md")


def test_the_page_is_what_a_platform_engineer_sees(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    checked(PAGE, folder)
