"""What the documentation shows is so: each fenced block is run, linted or parsed.

- ``console``: the lines with ``$ `` are run, one shell for a page, and what they print is compared
  exactly, apart from what ``volatile`` declares. ``SFTC_REWRITE=1`` writes the outputs into the
  pages. The folder is a copy of ``examples`` (whose own paths start with ``examples/``, so that it
  is there under that name too), unless ``<!-- folder: NAME -->`` above the block names one of
  ``tests/docs/folders``; ``empty`` is an empty one. What asks a backend finds one.
- ``python``: run in the same shell, as a program; or marked ``<!-- excerpt -->``, and parsed.
- ``toml``: a config, which lints clean; or marked ``<!-- excerpt -->``, and parsed. What has the
  keys of ``sftc.toml``, or of the settings of the backend, alone meets their schema.
- ``json``, ``yaml``, ``jsonl``, ``ini``: parsed. ``sh``: bash parses it, and so does sftc its own
  commands. Other languages are not code: ``text``, ``diff``, ``markdown``.

``<!-- not run: REASON -->`` spares a block. The spared ones are counted in ``spared.txt``.
"""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from block_checks import CHECKS, NO_CODE, command_lines
from markdown_blocks import blocks, pages
from played_pages import RUN, played

ROOT = Path(__file__).parents[2]
SPARED = Path(__file__).parent / "spared.txt"
PAGES = {str(path.relative_to(ROOT)): path for path in pages(ROOT)}


@pytest.mark.slow_but_first
@pytest.mark.parametrize("name", PAGES)
def test_the_commands_of_a_page_print_what_it_says(name: str, tmp_path: Path) -> None:
    before = PAGES[name].read_text("utf-8")
    after = played(before, tmp_path)
    if os.environ.get("SFTC_REWRITE") and after != before:
        PAGES[name].write_text(after, "utf-8")
    assert after == PAGES[name].read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_the_other_blocks_of_a_page_are_what_they_say(name: str) -> None:
    for block in blocks(PAGES[name].read_text("utf-8")):
        place = f"{name}:{block.first + 1}"
        assert block.language in (*RUN, *CHECKS, *NO_CODE), f"{place}: what is `{block.language}`?"
        if block.language == "console":
            assert block.text.startswith("$ "), f"{place}: a session starts with `$ `"
            wrong = [said for line, _ in block.commands for said in command_lines(line)]
        else:
            wrong = list(CHECKS.get(block.language, lambda _: ())(block))
        assert wrong == [], place


def spared() -> Iterator[str]:
    """Yield each page's reasons not to run a block."""
    for name, path in PAGES.items():
        found = list(blocks(path.read_text("utf-8")))
        reasons = Counter(block.spare for block in found if block.spare is not None)
        for reason, times in reasons.items():
            assert reason, f"{name}: a block that is not run says why"
            yield f"{name}: {times} × {reason}\n"


def test_the_blocks_that_are_not_run_are_known() -> None:
    text = "".join(spared())
    if os.environ.get("SFTC_REWRITE"):
        SPARED.write_text(text, "utf-8")
    assert text == SPARED.read_text("utf-8")
