"""``sftc check``: what is not current is caught, in CI's form, and written on request."""

import json
import os
import re
import shutil
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
from repositories import commit, repository, run
from typer.testing import CliRunner

import sftc
from sftc import cli, schemas

ROW = '{"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}\n'
CONFIG = """\
[job]
model = "Qwen/Qwen3-4B"
data = "train.jsonl"

[compute]
gpu_type = "H100"

[hyperparameters]
n_epochs = 1
"""


def check(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, ["check", *arguments])
    return result.exit_code, result.stdout, result.stderr


def codes(*arguments: str) -> list[tuple[str, str]]:
    """Return what is found: the file and the code."""
    code, out, _ = check("--format", "json", *arguments)
    found = json.loads(out)
    jsonschema.validate(found, schemas.load("findings"))
    found = found["findings"]
    unread = any(one["code"] == "SFT001" and one["file"] in arguments for one in found)
    assert code == (2 if unread else int(any(one["severity"] == "error" for one in found)))
    return [(finding["file"], finding["code"]) for finding in found]


def replace(name: str, old: str, new: str) -> None:
    path = Path(name)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a git repository with three configs and their artifacts, all committed."""
    monkeypatch.setenv("NO_COLOR", "1")
    path = repository(tmp_path / "repo")
    monkeypatch.chdir(path)
    for name in ("a", "b", "deep/c"):
        config = path / "configs" / f"{name}.toml"
        config.parent.mkdir(exist_ok=True, parents=True)
        config.write_text(CONFIG)
    (path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert check("--write")[0] == 1
    commit(path)
    return path


def test_what_is_current_passes(repo: Path) -> None:
    assert check() == (0, "", "")
    artifact = repo / "configs" / "deep" / "c.job.json"
    assert artifact.read_bytes() == sftc.compile_config(CONFIG).payload_bytes
    for path in ("configs", "configs/a.toml", "configs/a.job.json", "./configs/deep"):
        assert check(path) == (0, "", "")


def test_each_kind_of_artifact_that_is_not_current_is_caught_at_once(repo: Path) -> None:
    replace("configs/a.toml", "n_epochs = 1", "n_epochs = 2")
    replace("configs/b.job.json", '"n_epochs": 1', '"n_epochs": 3')
    shutil.move("configs/deep/c.toml", "configs/deep/d.toml")
    assert codes() == [
        ("configs/a.job.json", "SFT612"),
        ("configs/b.job.json", "SFT613"),
        ("configs/deep/d.toml", "SFT611"),
        ("configs/deep/c.job.json", "SFT614"),
    ]
    commit(repo)  # CI sees all of it committed
    golden = Path(__file__).parent / "check.github.txt"
    _, out, _ = check("--format", "github")
    if os.environ.get("SFTC_REWRITE"):
        golden.write_text(out, "utf-8")
    assert out == golden.read_text("utf-8")
    sarif = json.loads(check("--format", "sarif")[1])
    official = json.loads(
        (Path(__file__).parents[1] / "report" / "official" / "sarif-2.1.0.json").read_text()
    )
    jsonschema.validate(sarif, official)


def test_write_makes_all_current_but_orphans(repo: Path) -> None:
    replace("configs/a.toml", "n_epochs = 1", "n_epochs = 2")
    replace("configs/b.job.json", '"n_epochs": 1', '"n_epochs": 3')
    shutil.move("configs/deep/c.toml", "configs/deep/d.toml")
    code, _, err = check("--write")
    assert code == 1
    assert err.endswith(
        "Wrote configs/a.job.json, configs/b.job.json and configs/deep/d.job.json.\n"
    )
    assert codes() == [("configs/deep/c.job.json", "SFT614")]
    assert (repo / "configs" / "deep" / "c.job.json").exists()
    assert run("git", "status", "--short", "configs/b.job.json", cwd=repo) == ""


def test_an_artifact_that_was_reformatted(repo: Path) -> None:
    path = repo / "configs" / "a.job.json"
    path.write_text(json.dumps(json.loads(path.read_text())))
    assert codes() == [("configs/a.job.json", "SFT617")]
    path.write_text("<<<<<<< HEAD\n")
    assert codes() == [("configs/a.job.json", "SFT502")]
    check("--write")
    assert codes() == []


def test_line_ends_are_not_content(repo: Path) -> None:
    for path in (repo / "configs").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert codes() == []
    replace("configs/a.toml", "n_epochs = 1", "n_epochs = 2")
    assert codes() == [("configs/a.job.json", "SFT612")]


@pytest.mark.slow
def test_by_hand_is_said_only_if_it_is_certain(repo: Path) -> None:
    artifact, config = "configs/a.job.json", "configs/a.toml"
    replace(config, "n_epochs = 1", "n_epochs = 2")
    check("--write")
    replace(config, "n_epochs = 2", "n_epochs = 3")
    assert codes() == [(artifact, "SFT612")]  # compiled from a config that was never committed
    commit(repo)
    assert codes() == [(artifact, "SFT612")]
    check("--write")
    commit(repo)
    assert codes() == []
    replace(artifact, '"n_epochs": 3', '"n_epochs": 7')
    assert codes() == [(artifact, "SFT613")]
    commit(repo)
    assert codes() == [(artifact, "SFT613")]
    (repo / "README.md").write_text("Later.\n")
    commit(repo)
    assert codes() == [(artifact, "SFT613")]
    run("git", "clone", "-q", "--depth", "1", f"file://{repo}", "shallow", cwd=repo.parent)
    shallow = run("sftc", "check", cwd=repo.parent / "shallow", expect=1)
    assert "configs/a.job.json:3:5: error[SFT612]" in shallow
    replace(config, "n_epochs = 3", "n_epochs = 4")
    assert codes() == [(artifact, "SFT612")]
    shutil.rmtree(".git")
    assert codes() == [(artifact, "SFT612")]


def test_a_default_that_changed_is_no_edit(repo: Path) -> None:
    """As after an upgrade: what is committed is not what this sftc makes of the same configs."""
    for path in (repo / "configs").rglob("*.toml"):
        replace(str(path), "n_epochs = 1", "")
        replace(str(path.with_suffix(".job.json")), '"n_epochs": 1', '"n_epochs": 2')
    run("git", "add", "-A", cwd=repo)
    run("git", "commit", "-q", "--amend", "--no-edit", cwd=repo)
    assert {code for _, code in codes()} == {"SFT612"}
    assert "no line of the config sets it; run `sftc check --write`" in check()[2]


def test_configs_that_do_not_compile_and_files_that_are_none(repo: Path) -> None:
    (repo / "configs" / "a.toml").write_text('[job]\nmodel = "m"\n')
    (repo / "configs" / "tool.toml").write_text("[lint]\nx = 1\n[format]\ny = 1\n")
    (repo / ".hidden").mkdir()
    (repo / ".hidden" / "b.toml").write_text(CONFIG)
    assert codes() == [("configs/a.toml", "SFT106")]
    assert codes("configs/tool.toml") == [("configs/tool.toml", "SFT009")]
    shown = check()[2]
    assert shown.endswith("Skipped configs/tool.toml: it is not a fine-tuning config.\n")
    assert codes("none.toml") == [("none.toml", "SFT001")]
    assert codes("none.job.json") == [("none.job.json", "SFT001")]


@pytest.fixture
def pinned(repo: Path) -> Path:
    """Return the repository with pins in its artifacts, and the data beside them."""
    (repo / "sftc.toml").write_text("pin = true\n")
    (repo / "train.jsonl").write_text(ROW * 3)
    assert codes("--write") == [
        ("configs/a.job.json", "SFT612"),
        ("configs/b.job.json", "SFT612"),
        ("configs/deep/c.job.json", "SFT612"),
    ]
    assert check() == (0, "", "")
    assert '"examples": 3' in (repo / "configs" / "a.job.json").read_text()
    commit(repo)
    return repo


def test_pins_are_held_to_the_data(pinned: Path) -> None:
    (pinned / "sftc.toml").unlink()  # an artifact that has pins keeps them
    (pinned / "train.jsonl").write_text(ROW * 4)
    code, _, err = check("configs/a.toml")
    assert code == 1
    assert err.startswith(
        "configs/a.job.json:21:22: error[SFT615]: the pin of `train.jsonl` does not match the "
        "file: it has 4 rows; the pin has 3\n"
    )
    assert codes() == [(f"configs/{name}.job.json", "SFT615") for name in ("a", "b", "deep/c")]
    check("--write")
    assert check() == (0, "", "")
    assert '"examples": 4' in (pinned / "configs" / "a.job.json").read_text()
    (pinned / "train.jsonl").write_text(ROW * 3 + ROW.replace("4", "5"))
    assert "its sha256 is " in check()[2]
    (pinned / "train.jsonl").write_text("{}\n")
    assert "the file is no longer a valid dataset" in check("--write")[2]
    assert '"examples": 4' in (pinned / "configs" / "a.job.json").read_text()


def test_pins_are_kept_where_the_data_is_not(pinned: Path) -> None:
    (pinned / "train.jsonl").unlink()
    code, _, err = check()
    assert code == 0
    assert err.count("note[SFT616]: the pin of `train.jsonl` was not verified") == 1
    replace("configs/b.toml", "n_epochs = 1", "n_epochs = 2")
    assert Counter(code for _, code in codes("--write")) == {"SFT612": 1, "SFT616": 1}
    assert '"examples": 3' in (pinned / "configs" / "b.job.json").read_text()


def test_a_pin_of_what_has_no_end_is_not_measured(pinned: Path) -> None:
    for name in ("a.toml", "a.job.json"):
        replace(str(pinned / "configs" / name), "train.jsonl", "/dev/zero")
    assert ("configs/a.job.json", "SFT616") in codes("configs/a.toml")


def test_a_pin_is_not_kept_for_another_file(pinned: Path) -> None:
    replace("configs/a.toml", "train.jsonl", "other.jsonl")
    assert codes() == [("configs/a.toml", "SFT401")]
    (pinned / "other.jsonl").write_text(ROW)
    assert codes("--write") == [("configs/a.job.json", "SFT612")]
    assert '"examples": 1' in (pinned / "configs" / "a.job.json").read_text()


def test_a_pin_of_the_first_rows_stays_one(repo: Path) -> None:
    (repo / "train.jsonl").write_text(ROW * 3)
    run(
        "sftc", "compile", "configs/a.toml", "--examples", "2", "-o", "configs/a.job.json", cwd=repo
    )
    assert check() == (0, "", "")
    replace("configs/a.toml", "n_epochs = 1", "n_epochs = 2")
    check("--write")
    files = json.loads((repo / "configs" / "a.job.json").read_text())["metadata"]["sftc"]["files"]
    assert (files["training"]["head"], files["training"]["examples"]) == (2, 2)


@pytest.mark.slow
def test_many_pairs_are_shared_out(repo: Path) -> None:
    for number in range(300):
        (repo / "configs" / f"n{number}.toml").write_text(
            CONFIG.replace("n_epochs = 1", f"n_epochs = {number + 1}")
        )
    said = run("sftc", "compile", "--write", cwd=repo)
    assert re.fullmatch(r"Wrote 300 files: (\S+\.job\.json, ){10}and 290 more\.\n", said)
    assert run("sftc", "compile", "--write", cwd=repo) == ""  # nothing is written again
    assert run("sftc", "check", cwd=repo) == ""
    replace("configs/n7.job.json", '"n_epochs": 8', '"n_epochs": 9')
    assert "configs/n7.job.json:3:5: error[SFT612]" in run("sftc", "check", cwd=repo, expect=1)


def test_pins_are_kept_by_a_rename_and_by_a_merge(pinned: Path) -> None:
    (pinned / "sftc.toml").unlink()
    (pinned / "train.jsonl").unlink()  # as in CI
    run("git", "mv", "configs/a.toml", "configs/z.toml", cwd=pinned)
    assert check("--write", "--prune")[0] == 1
    assert '"examples": 3' in (pinned / "configs" / "z.job.json").read_text()
    assert not (pinned / "configs" / "a.job.json").exists()
    (pinned / "configs" / "b.job.json").write_text("<<<<<<< HEAD\n{}\n=======\n")
    assert check("--write")[0] == 1
    assert '"examples": 3' in (pinned / "configs" / "b.job.json").read_text()


@pytest.mark.slow_but_first
@pytest.mark.parametrize("kept", ["configs", "jobs"])
def test_what_a_sparse_checkout_leaves_out_is_not_lost(kept: str, repo: Path) -> None:
    (repo / "sftc.toml").write_text('configs = ["configs"]\nout-dir = "jobs"\n')
    check("--write", "--prune")
    commit(repo)
    run("git", "sparse-checkout", "set", kept, cwd=repo)
    assert codes("--write", "--prune") == []
    assert run("git", "status", "--short", cwd=repo) == ""
