"""``sftc diff`` in a real git repository: files at revisions, and all that a branch changes."""

import json
import shutil
from pathlib import Path

import pytest
from repositories import commit, repository, run
from typer.testing import CliRunner

from sftc import cli
from sftc.diagnostics import printable

CONFIG = """\
[job]
model = "Qwen/Qwen3-4B"
data = "train.jsonl"

[compute]
gpu_type = "H100"

[hyperparameters]
n_epochs = 1
"""
PIN = {"sha256": "0" * 64, "bytes": 9, "examples": 3}


def diff(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, ["diff", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with two configs and their artifacts, and a branch that is empty."""
    monkeypatch.setenv("NO_COLOR", "1")
    path = repository(tmp_path / "repo")
    monkeypatch.chdir(path)
    (path / "configs").mkdir()
    for name in "ab":
        (path / "configs" / f"{name}.toml").write_text(CONFIG)
    run("sftc", "compile", "--write", cwd=path)
    commit(path)
    run("git", "switch", "-q", "-c", "branch", cwd=path)
    return path


def edit(path: Path, old: str = "n_epochs = 1", new: str = "n_epochs = 2") -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_files_at_revisions(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(repo / "configs" / "a.toml")
    line = "~ hyperparameters.n_epochs  1 → 2  {new}:9:12\n"
    shown = diff("HEAD:configs/a.toml", "configs/a.toml")
    assert shown == (1, line.format(new="configs/a.toml"), "")
    assert diff("HEAD:configs/a.job.json", "configs/a.toml")[0] == 1
    assert diff("HEAD:configs/a.toml", "main:configs/a.job.json") == (0, "", "")
    run("git", "add", "-A", cwd=repo)
    assert diff("HEAD:configs/a.toml", ":configs/a.toml")[0] == 1  # what is staged
    monkeypatch.chdir(repo / "configs")
    assert diff("HEAD:./a.toml", "a.toml") == (1, line.format(new="a.toml"), "")
    (repo / "configs" / "HEAD:b.toml").write_text(CONFIG)
    assert diff("HEAD:b.toml", "b.toml") == (0, "", "")  # a file of that name comes first


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none:configs/a.toml", "there is no revision `none`"),
        ("HEAD:configs/c.toml", "there is no file `configs/c.toml` in it"),
        ("HEAD:configs", "there is no file `configs` in it"),
        ("HEAD:a\nb", "there is no file `a\\nb` in it"),
        ("--all:configs/a.toml", "there is no revision `--all`"),
    ],
)
def test_what_is_not_in_git(name: str, reason: str, repo: Path) -> None:
    assert repo.exists()
    code, out, err = diff("--", name, "configs/a.toml")
    assert (code, out) == (2, "")
    assert f"error[SFT601]: cannot read `{printable(name)}` from git: {reason}\n" in err


@pytest.mark.slow
def test_a_branch_shows_what_it_changes_since_it_left(repo: Path) -> None:
    assert diff("main") == (0, "", "")
    run("git", "switch", "-q", "main", cwd=repo)
    edit(repo / "configs" / "b.toml")
    commit(repo)  # what happens on main meanwhile is none of the branch's
    run("git", "switch", "-q", "branch", cwd=repo)
    edit(repo / "configs" / "a.toml")
    run("sftc", "compile", "--write", cwd=repo)
    expected = "configs/a.toml\n~ hyperparameters.n_epochs  1 → 2  configs/a.toml:9:12\n"
    assert diff("main") == (1, expected, "")
    commit(repo)
    assert diff("main") == (1, expected, "")


def test_layout_alone_is_no_change(repo: Path) -> None:
    edit(repo / "configs" / "a.toml", "n_epochs = 1", "# one\n\nn_epochs = 0x1")
    assert diff("main") == (0, "", "")


def test_moved_and_lost(repo: Path) -> None:
    shutil.move("configs/a.toml", "configs/c.toml")
    (repo / "configs" / "tool.toml").write_text("[lint]\nx = 1\n[format]\ny = 1\n")
    code, out, err = diff("main")
    assert (code, err) == (0, "")
    assert out == (
        "configs/a.toml → configs/c.toml (renamed, payload unchanged)\n"
        "  ! configs/a.job.json has no config: there is no `configs/a.toml`; run `sftc check`\n"
    )
    edit(repo / "configs" / "c.toml")
    assert "\n~ hyperparameters.n_epochs  1 → 2  configs/c.toml:9:12" in diff("main")[1]
    (repo / "configs" / "a.job.json").unlink()
    (repo / "configs" / "c.toml").unlink()
    gone = diff("main")[1]
    assert gone.startswith("configs/a.toml: gone\n- hyperparameters.n_epochs ")
    assert ":configs/a.toml:9:12\n" in gone


def test_an_artifact_that_does_not_agree_is_noted(repo: Path) -> None:
    edit(repo / "configs" / "a.job.json", '"n_epochs": 1', '"n_epochs": 7')
    code, out, _ = diff("main")
    assert code == 0
    assert out == (
        "configs/a.toml\n"
        "  ! its artifact is out of date: hyperparameters.n_epochs 7 → 1; "
        "run `sftc check --write`\n"
    )


def test_pins_count(repo: Path) -> None:
    artifact = repo / "configs" / "a.job.json"
    job = json.loads(artifact.read_bytes())
    job["metadata"]["sftc"]["files"]["training"].update(PIN)
    artifact.write_text(json.dumps(job))
    out = diff("main")[1]
    assert "+ metadata.sftc.files.training.examples  3" in out
    assert "--pin\n" in out


def test_a_config_that_does_not_compile(repo: Path) -> None:
    edit(repo / "configs" / "a.toml", "gpu_type", "gpu_typ")
    code, out, err = diff("main")
    assert (code, out) == (2, "configs/a.toml: does not compile\n")
    assert err.startswith("configs/a.toml:6:1: error[SFT112]")
    assert (
        "> :warning: `SFT112: unknown key 'gpu_typ' in [compute]"
        in diff("main", "--format", "markdown")[1]
    )


def test_a_payload_from_elsewhere_is_compared_as_it_is(repo: Path) -> None:
    shutil.copy("configs/a.job.json", "alone.job.json")
    commit(repo)
    edit(repo / "alone.job.json", '"n_epochs": 1', '"n_epochs": 7')
    out = diff("HEAD")[1]
    assert "~ hyperparameters.n_epochs  1 → 7  alone.job.json" in out


def test_histories_that_do_not_meet(repo: Path) -> None:
    run("git", "switch", "-q", "--orphan", "island", cwd=repo)
    (repo / "x").write_text("x")
    commit(repo)
    code, out, err = diff("main")
    assert (code, out) == (2, "")
    assert "sftc: `HEAD` and `main` have no merge base\n" in err


@pytest.mark.slow
def test_a_long_comment_is_cut_and_says_so(repo: Path) -> None:
    long = "".join(f"knob_{n} = {n}\n" for n in range(40))
    for number in range(30):
        (repo / "configs" / f"n{number:02}.toml").write_text(CONFIG + long)
    code, out, _ = diff("main", "--format", "markdown")
    assert code == 1
    assert "### 30 payloads change\n" in out
    assert len(out) < 65_536
    assert "<details><summary>49 fields</summary>" in out
    assert "- `configs/n29.toml` is new: 49 fields\n" in out
    assert out.endswith(
        "\nCut to fit. The job's summary holds more, and `sftc diff` shows everything.\n"
    )
    assert (
        diff("main", "--format", "markdown", "--max-length", "1000000")[1].count("</details>") == 30
    )
    assert len(diff("main", "--format", "markdown", "--max-length", "1000")[1]) <= 1000
    assert diff("main", "--max-length", "999")[0] == 2
