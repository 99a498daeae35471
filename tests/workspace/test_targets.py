"""The targets that settings name: their artifacts are written, checked and compared, too."""

import os
from pathlib import Path

import pytest
import yaml
from repositories import commit, repository
from typer.testing import CliRunner

from sftc import cli

CONFIG = """\
[job]
model = "Qwen/Qwen3-4B"
data = "train.jsonl"

[compute]
gpu_type = "H100"

[training]
use_qlora = false

[hyperparameters]
total_steps = 100
sequence_length = 4096
learning_rate = 1e-4
train_kind = "peft"
lora_rank = 16
lora_alpha = 32
"""
SETTINGS = 'out-dir = "jobs"\ntargets = ["axolotl", "fireworks", "prime-rl"]\n'
AXOLOTL, FIREWORKS, PRIME = (
    f"jobs/a.job.{name}" for name in ("axolotl.yaml", "fireworks.json", "prime-rl.toml")
)


def sftc(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, list(arguments))
    return result.exit_code, result.output


def found(output: str) -> list[str]:
    """Return the first lines of findings."""
    return [line for line in output.splitlines() if "[SFT" in line]


def replace(name: str, old: str, new: str) -> None:
    text = Path(name).read_text("utf-8")
    assert old in text
    Path(name).write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with a config, its payload and its texts for three systems."""
    monkeypatch.setenv("NO_COLOR", "1")
    path = repository(tmp_path / "repo")
    monkeypatch.chdir(path)
    Path("a.toml").write_text(CONFIG, "utf-8")
    Path("sftc.toml").write_text(SETTINGS, "utf-8")
    code, output = sftc("compile", "--write")
    assert (code, output.splitlines()[-1]) == (
        0,
        f"Wrote jobs/a.job.json, {AXOLOTL}, {FIREWORKS} and {PRIME}.",
    )
    commit(path)
    return path


@pytest.mark.usefixtures("repo")
def test_they_are_current_from_any_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sftc("check") == (0, "")
    assert "[SFT801]" in sftc("compile", "--write")[1]  # what is lost is said each time
    assert "Wrote" not in sftc("compile", "--write")[1]
    monkeypatch.chdir("jobs")
    assert sftc("check", "..") == (0, "")
    assert sftc("lint", "..", "--ignore", "SFT257") == (
        0,
        "",
    )  # TOML for another system is no config


@pytest.mark.usefixtures("repo")
def test_stale_edited_and_missing_ones_are_found_and_written() -> None:
    replace("a.toml", "lora_rank = 16", "lora_rank = 32")
    Path(PRIME).unlink()
    code, output = sftc("check")
    assert code == 1
    stale = "the artifact is out of date: `a.toml` now compiles to something else"
    assert found(output) == [
        f"jobs/a.job.json:5:5: error[SFT612]: {stale}",
        *(f"{path}: error[SFT612]: {stale}" for path in (f"{AXOLOTL}:10:1", f"{FIREWORKS}:6:1")),
        "a.toml:1:1: error[SFT611]: `a.toml` has no artifact for prime-rl",
    ]
    assert "lora_r: 16 # hyperparameters.lora_rank" in " ".join(output.split())
    assert sftc("check", "--write")[1].endswith(
        f"Wrote jobs/a.job.json, {AXOLOTL}, {FIREWORKS} and {PRIME}.\n"
    )
    assert sftc("check") == (0, "")
    commit(Path())
    replace(AXOLOTL, "lora_r: 32", "lora_r: 8")
    assert "error[SFT613]" in sftc("check")[1]


@pytest.mark.usefixtures("repo")
def test_a_diff_shows_how_their_texts_change() -> None:
    replace("a.toml", "lora_rank = 16", "lora_rank = 32")
    code, output = sftc("diff", "main")
    assert code == 1
    assert (
        "  axolotl\n"
        "    - lora_r: 16  # hyperparameters.lora_rank\n"
        "    + lora_r: 32  # hyperparameters.lora_rank\n"
        "  fireworks\n"
        '    -   "loraRank": 16,\n'
        '    +   "loraRank": 32,\n'
        "  prime-rl\n"
        "    - rank = 16  # hyperparameters.lora_rank\n"
        "    + rank = 32  # hyperparameters.lora_rank\n"
    ) in output
    assert "<summary>prime-rl: 2 lines</summary>" in sftc("diff", "main", "--format", "markdown")[1]


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("command", [("compile", "--write"), ("check", "--write")])
def test_a_config_that_one_system_cannot_have_writes_nothing(command: tuple[str, str]) -> None:
    replace("a.toml", "total_steps = 100", "n_epochs = 2")
    before = {path: path.read_bytes() for path in Path("jobs").iterdir()}
    code, output = sftc(*command)
    assert code == 1
    assert "a.toml:1:1: error[SFT804]: prime-rl needs `total_steps`" in output
    assert {path: path.read_bytes() for path in Path("jobs").iterdir()} == before


@pytest.mark.usefixtures("repo")
def test_those_of_another_target_or_config_are_orphans() -> None:
    Path("sftc.toml").write_text('out-dir = "jobs"\ntargets = ["axolotl"]\n', "utf-8")
    code, output = sftc("check")
    assert code == 1
    assert [line.partition(" error")[0] for line in found(output)] == [
        f"{FIREWORKS}:1:1:",
        f"{PRIME}:1:1:",
    ]
    sftc("check", "--write", "--prune")
    assert sorted(path.name for path in Path("jobs").iterdir()) == [
        "a.job.axolotl.yaml",
        "a.job.json",
    ]
    Path("a.toml").unlink()
    assert sftc("check")[1].count("error[SFT614]") == 2


@pytest.mark.usefixtures("repo")
def test_comments_and_settings_silence_losses_but_no_errors() -> None:
    lossy = "jobs/b.job.json"
    Path("b.toml").write_text(CONFIG, "utf-8")
    warned = sftc("compile", "--target", "fireworks", "b.toml", "-o", lossy)[1]
    assert (
        warned.count("warning[SFT801]: Fireworks cannot express `hyperparameters.lora_alpha`") == 1
    )
    replace("b.toml", "lora_alpha = 32", "lora_alpha = 32  # sftc: ignore[SFT801]")
    assert "lora_alpha" not in sftc("compile", "--target", "fireworks", "b.toml", "-o", lossy)[1]
    assert sftc("lint", "b.toml", "--ignore", "SFT257") == (
        0,
        "",
    )  # which cannot tell whether the comment is used
    Path("sftc.toml").write_text(f'{SETTINGS}ignore = ["SFT8"]\n', "utf-8")
    assert sftc("compile", "--strict", "--target", "fireworks", "b.toml", "-o", lossy) == (0, "")
    replace("b.toml", "total_steps = 100", "n_epochs = 2  # sftc: ignore[SFT804]")
    output = sftc("compile", "--target", "prime-rl", "b.toml")[1]
    assert "SFT804 cannot be suppressed" in output
    assert "error[SFT804]: prime-rl needs `total_steps`" in output


@pytest.mark.usefixtures("repo")
def test_a_target_that_there_is_none_of_is_named_in_the_settings() -> None:
    Path("sftc.toml").write_text('targets = ["prime_rl"]\n', "utf-8")
    code, output = sftc("check")
    assert code == 1
    assert found(output)[0].startswith("sftc.toml:1:12: error[SFT104]: `targets[0]` must be one of")
    assert "did you mean `prime-rl`?" in output


def pinned() -> None:
    """Have the payload pinned, and in a manifest."""
    replace("sftc.toml", '"prime-rl"]', '"skypilot"]\npin = true')
    row = (
        '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "%s"}]}\n'
    )
    Path("train.jsonl").write_text(row % "b" + row % "c", "utf-8")


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("option", [(), ("--examples", "1")])
def test_texts_come_from_the_payload_that_is_reviewed(option: tuple[str, ...]) -> None:
    pinned()
    assert sftc("compile", "--write", *option)[0] == 0
    manifest = Path("jobs/a.job.skypilot.yaml")
    text = manifest.read_text("utf-8")
    assert yaml.safe_load(text)["run"].count(Path("jobs/a.job.json").read_text("utf-8")) == 1
    assert sftc("check", "a.toml") == (0, "")
    manifest.unlink()
    sftc("check", "--write", "a.toml")
    assert manifest.read_text("utf-8") == text
    sftc("compile", "--target", "skypilot", "a.toml", "-o", str(manifest))
    assert manifest.read_text("utf-8") == text


@pytest.mark.usefixtures("repo")
def test_names_that_no_target_has_are_peoples_own() -> None:
    own = ["jobs/a.job.notes.json", "jobs/report.job.summary.json", "jobs/a.job.openai.yaml"]
    for name in own:
        Path(name).write_text('{"mine": 1}', "utf-8")
    assert sftc("check", "--write", "--prune") == (0, "")
    assert all(map(os.path.exists, own))
    Path("x.job.small.toml").write_text(CONFIG.replace("100", "'many'"), "utf-8")
    assert "x.job.small.toml:12:15: error" in sftc("lint")[1]
    for command in ("lint", "compile"):
        assert f"Skipped {PRIME}: it is an artifact" in sftc(command, PRIME, "a.toml")[1]


@pytest.mark.usefixtures("repo")
def test_a_check_that_writes_says_what_is_lost_and_fails_strictly() -> None:
    replace("a.toml", "lora_rank = 16", "lora_rank = 32")
    before = Path("jobs/a.job.json").read_bytes()
    assert "[SFT801]" not in sftc("check")[1]
    output = sftc("check", "--write", "--strict")[1]
    assert "a.toml:17:14: warning[SFT801]: Fireworks cannot express" in output
    assert "Wrote" not in output
    assert Path("jobs/a.job.json").read_bytes() == before
    assert (
        f"Wrote jobs/a.job.json, {AXOLOTL}, {FIREWORKS} and {PRIME}." in sftc("check", "--write")[1]
    )


@pytest.mark.usefixtures("repo")
def test_texts_of_a_file_that_is_no_config_any_more_are_orphans() -> None:
    Path("a.toml").write_text("[tool.other]\nx = 1\n", "utf-8")
    output = sftc("check")[1]
    assert [line.partition(":1:1")[0] for line in found(output)] == [
        "jobs/a.job.json",
        AXOLOTL,
        FIREWORKS,
        PRIME,
    ]
    sftc("check", "--write", "--prune")
    assert list(Path("jobs").iterdir()) == []


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize("command", [("compile", "--write"), ("check", "--write")])
@pytest.mark.parametrize("name", ["jobs/a.job.json", PRIME])
def test_where_one_cannot_be_written_none_is(
    command: tuple[str, str], name: str, tmp_path: Path
) -> None:
    replace("a.toml", "lora_rank = 16", "lora_rank = 32")
    Path(name).unlink()
    Path(name).symlink_to(tmp_path / "elsewhere")
    before = {path: path.read_bytes() for path in Path("jobs").iterdir() if not path.is_symlink()}
    code, output = sftc(*command)
    assert (code, "Wrote" in output) == (1, False)
    assert all(path.read_bytes() == text for path, text in before.items())


@pytest.mark.usefixtures("repo")
def test_what_a_system_refuses_is_the_one_thing_said_of_what_is_missing() -> None:
    Path("b.toml").write_text(CONFIG.replace("total_steps = 100", "n_epochs = 2"), "utf-8")
    assert [line.split(": ")[1] for line in found(sftc("check", "b.toml")[1])] == ["error[SFT804]"]


@pytest.mark.usefixtures("repo")
def test_a_diff_says_why_there_is_no_text() -> None:
    replace("a.toml", "total_steps = 100", "n_epochs = 2")
    output = sftc("diff", "main")[1]
    assert "! no text for prime-rl: prime-rl needs `total_steps`" in output
    assert "max_steps = 100" not in output.partition("prime-rl\n")[2]
