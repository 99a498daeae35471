"""``sftc recipe``: what it is given, and how it ends."""

import json
from pathlib import Path

import pytest
from edited_payloads import GOOD, edited
from typer.testing import CliRunner, Result

from sftc import cli

ROOT = Path(__file__).parent.parent.parent


def recipe(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli.app, ["recipe", *arguments], input=given)


def test_a_payload_may_come_from_standard_input() -> None:
    done = recipe("-", given=json.dumps(GOOD))
    assert done.exit_code == 0
    assert done.stdout.startswith("<stdin>: full fine-tuning of Qwen/Qwen3-4B\n")


def test_a_config_says_what_to_run() -> None:
    for name, given in (("lora.toml", None), ("-", (ROOT / "examples/lora.toml").read_text())):
        path = name if given else str(ROOT / "examples" / name)
        done = recipe(path, given=given)
        shown = "CONFIG" if given else path
        assert done.exit_code == 2
        assert done.stdout == ""
        assert "error[SFT502]: the payload is not JSON: it is a config\n" in done.stderr
        assert f"`sftc compile {shown} > job.json`, then: `sftc recipe job.json`" in done.stderr


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("{", "error[SFT502]: the payload is not JSON"),
        ("[]", "error[SFT503]: the payload is"),
        (json.dumps(edited({"hyperparameters.n_epochs": 0})), "`hyperparameters.n_epochs` is 0"),
        (json.dumps(edited({"hyperparameters.n_epochs": 2**64})), "beyond 64 bits"),
    ],
)
def test_what_is_no_payload_cannot_be_read(given: str, words: str) -> None:
    done = recipe("-", "--format", "json", given=given)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert words in done.stderr


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    done = recipe(str(tmp_path / "none.json"))
    assert done.exit_code == 2
    assert "error[SFT001]: cannot read the file: no such file" in done.stderr


def test_what_a_stranger_wrote_steers_no_terminal() -> None:
    payload = edited({"hyperparameters.\x1b[2J": 1, "model": "a\u202e/b"})
    done = recipe("-", given=json.dumps(payload))
    assert done.exit_code == 1
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "\\u001B[2J" in done.stdout


def test_no_processes_are_a_mistake_of_the_command() -> None:
    assert recipe("-", "--gpus", "0", given="{}").exit_code == 2
