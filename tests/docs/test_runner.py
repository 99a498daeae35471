"""The runner of the pages sees what is not so, and rewrites no more than that."""

from pathlib import Path

import pytest
from block_checks import CHECKS, command_lines
from markdown_blocks import Block, blocks, replaced
from played_pages import played
from volatile import Names, shown

PAGE = """\
# A page

1. In a list:

   <!-- folder: empty -->
   ```console
   $ export WORD=hello
   $ cat > a.txt <<'END'
   > $WORD
   > END
   $ cat a.txt; echo "$WORD" >&2
   $WORD
   hello
   ```

<!-- not run: it needs a cloud -->
```console
$ sky launch
```

```python
import os

assert os.environ["WORD"] == "hello"
```
"""


def test_a_page_that_is_so_stays(tmp_path: Path) -> None:
    assert played(PAGE, tmp_path) == PAGE


def test_an_output_that_is_not_so_is_seen_and_rewritten(tmp_path: Path) -> None:
    wrong = PAGE.replace("   hello\n", "   good morning\n   and more\n")
    assert played(wrong, tmp_path) == PAGE


def test_a_program_that_fails_is_seen(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="AssertionError"):
        played(PAGE.replace('== "hello"', '== "x"'), tmp_path)


def test_a_command_that_is_not_there_is_seen(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="not found"):
        played(PAGE.replace("export WORD=hello", "no-such-command"), tmp_path)


def test_the_blocks_of_a_page() -> None:
    found = list(blocks(PAGE))
    assert [block.language for block in found] == ["console", "console", "python"]
    assert [block.noted("folder") for block in found] == ["empty", None, None]
    assert [block.spare for block in found] == [None, "it needs a cloud", None]
    assert replaced(PAGE, {block: block.text for block in found}) == PAGE


def test_ids_are_the_same_in_all_of_a_page() -> None:
    names = Names()
    one, two, new = (f"job-{letter * 24}" for letter in "123")
    assert names.documented(f"{one} {two}\n", f"job-{'a' * 24} job-{'b' * 24}\n") == (
        f"job-{'a' * 24} job-{'b' * 24}\n"
    )
    assert names.documented(f"{two} {new}\n", f"job-{'b' * 24}\n") == f"job-{'b' * 24} {new}\n"
    assert names.real(f"sftc follow job-{'b' * 24}") == f"sftc follow {two}"


@pytest.mark.parametrize(
    ("actual", "expected", "same"),
    [
        ("took 2.1 s\n", "took 30 ms\n", True),
        ("took 2.1 s\n", "took 2.1 h\n", False),
        ("step 1/20  4.1 s/step  92 tokens/s  about 2 min left\n",
         "step 1/20  11 s/step  18 tokens/s  about 3 min left\n", True),
        ("step 2/20\n", "step 1/20\n", False),
        ("a\nb\nc\n", "a\n…\nc\n", True),
        ("a\nb\nd\n", "a\n…\nc\n", False),
        ("in …/data\n", "in …\n", False),
        ("a.b\n", "a?b\n", False),
    ],
)  # fmt: skip
def test_what_is_taken_for_the_same(actual: str, expected: str, *, same: bool) -> None:
    assert shown(actual, expected) == (expected if same else actual)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("sftc lint --fix sft.toml", []),
        ("sftc data train.jsonl --config sft.toml | head", []),
        ("sftc data fix train.jsonl -o new.jsonl && rm x", []),
        ("sftc backend serve --runner=train", []),
        ("sftc lnt sft.toml", ["no command `lnt`"]),
        ("sftc lint --fixed sft.toml", ["no option `--fixed`"]),
        ("sftc backend start", ["no command `start`"]),
        ("sftc data fix --config a", ["no option `--config`"]),
    ],
)
def test_commands_are_parsed(line: str, wrong: list[str]) -> None:
    assert list(command_lines(line)) == [f"{line}: {problem}" for problem in wrong]


@pytest.mark.parametrize(
    ("language", "text", "note", "wrong"),
    [
        ("toml", '[job]\nmodel = "m"\n[compute]\ngpu_type = "H100"\n', (), 0),
        ("toml", '[job]\nmodel = "m"\n', (), 1),
        ("toml", '[job]\nmodel = "m"\n', ("excerpt",), 0),
        ("toml", "pin = true\n", (), 0),
        ("toml", "pin = 1\n", (), 1),
        ("sh", "if\n", (), 1),
    ],
)
def test_a_block_is_held_to_its_language(
    language: str, text: str, note: tuple[str, ...], wrong: int
) -> None:
    assert len(list(CHECKS[language](Block(language, text, note, 0, 0)))) == wrong
