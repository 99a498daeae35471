"""300 configs of five teams in one repository, as they are worked on: renames, a merge, reviews.

Each team has settings of its own. What a reviewer sees is in ``monorepo/``; ``SFTC_REWRITE=1``
rewrites it.
"""

import os
import re
import shutil
from pathlib import Path

import pytest
from repositories import commit, repository, run

HERE = Path(__file__).parent / "monorepo"
TEAMS = {
    "chat": 'out-dir = "jobs"\nconfigs = ["configs"]\n',
    "code": "strict = true\n",
    "vision": 'out-dir = "compiled/payloads"\n',
    "speech": 'ignore = ["SFT214"]\n',
    "search": None,
}
CONFIG = """\
[job]
model = "Qwen/Qwen3-4B"

[compute]
gpu_type = "H100"
gpu_count = {gpus}

[hyperparameters]
n_epochs = {epochs}
learning_rate = 2e-5
per_device_batch = 4
gradient_accumulation_steps = 8
"""


def reviewed(*options: str, cwd: Path) -> str:
    """Return what a branch changes, with one name for each commit."""
    shown = run("sftc", "diff", "main", *options, cwd=cwd, expect=1)
    return re.sub(r"\b[0-9a-f]{7}:", "0123456:", shown)


def golden(name: str, shown: str) -> None:
    path = HERE / name
    if os.environ.get("SFTC_REWRITE"):
        path.write_text(shown, "utf-8")
    assert shown == path.read_text("utf-8")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = repository(tmp_path_factory.mktemp("monorepo") / "repo")
    for team, settings in TEAMS.items():
        folder = path / "teams" / team
        for number in range(60):
            config = folder / "configs" / f"size-{number % 4}" / f"job-{number:02}.toml"
            config.parent.mkdir(parents=True, exist_ok=True)
            config.write_text(CONFIG.format(gpus=number % 8 + 1, epochs=number + 1))
        if settings is not None:
            (folder / "sftc.toml").write_text(settings)
    (path / "teams" / "chat" / "drafts").mkdir()
    (path / "teams" / "chat" / "drafts" / "idea.toml").write_text('[job]\nmodel = "m"\n')
    (path / "pyproject.toml").write_text('[project]\nname = "platform"\n')
    assert "Wrote 300 files: " in run("sftc", "compile", "--write", cwd=path)
    commit(path)
    return path


@pytest.fixture
def repo(original: Path, tmp_path: Path) -> Path:
    path = tmp_path / "repo"
    shutil.copytree(original, path, symlinks=True)
    run("git", "switch", "-q", "-c", "topic", cwd=path)
    return path


@pytest.mark.slow
def test_each_team_has_its_artifacts_where_it_wants_them(repo: Path) -> None:
    places = {str(path.parent.relative_to(repo)) for path in repo.rglob("*.job.json")}
    assert places == {
        f"teams/{team}/{folder}/size-{number}"
        for number in range(4)
        for team, folder in {
            "chat": "jobs/configs",
            "code": "configs",
            "vision": "compiled/payloads/configs",
            "speech": "configs",
            "search": "configs",
        }.items()
    }
    assert run("git", "status", "--short", cwd=repo) == ""


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "folder", [".", "teams", "teams/chat", "teams/chat/configs", "teams/vision/configs/size-1"]
)
def test_all_is_well_from_any_folder(folder: str, repo: Path) -> None:
    for command in ("check", "lint"):
        assert run("sftc", command, cwd=repo / folder) == ""
        assert run("sftc", command, folder, cwd=repo) == ""
    assert run("sftc", "diff", "main", cwd=repo / folder) == ""


@pytest.mark.slow
def test_the_taste_of_one_team_is_none_of_the_others(repo: Path) -> None:
    for team in TEAMS:
        edit(repo / f"teams/{team}/configs/size-0/job-00.toml", "2e-5", "0.5")
    run("sftc", "lint", cwd=repo, expect=1)  # the warning fails where the team is strict
    shown = run("sftc", "lint", "--format", "concise", cwd=repo, expect=1)
    assert {line.split("/")[1] for line in shown.splitlines()} == {
        "chat",
        "code",
        "vision",
        "search",
    }
    run("sftc", "lint", "teams/chat", cwd=repo)
    run("sftc", "lint", "teams/code", cwd=repo, expect=1)
    run("sftc", "lint", cwd=repo / "teams" / "code", expect=1)


@pytest.mark.slow
def test_wrong_settings_are_the_trouble_of_their_team(repo: Path) -> None:
    edit(repo / "teams/chat/sftc.toml", "out-dir", "outdir")
    edit(repo / "teams/code/configs/size-0/job-00.toml", "n_epochs = 1", "n_epochs = 2")
    shown = run("sftc", "check", cwd=repo, expect=1)
    assert "teams/chat/sftc.toml:1:1: error[SFT012]: unknown setting `outdir`" in shown
    assert "did you mean `out-dir`?" in shown
    assert "error[SFT612]" in shown
    assert "2 errors" in shown
    assert "Wrote teams/code/configs/size-0/job-00.job.json." in run(
        "sftc", "check", "--write", cwd=repo, expect=1
    )
    assert run("git", "status", "--short", "teams/chat/jobs", cwd=repo) == ""


@pytest.mark.slow
def test_what_a_reviewer_sees_of_a_busy_branch(repo: Path) -> None:
    teams = repo / "teams"
    for path in (teams / "search" / "configs").rglob("*.toml"):  # one thing, everywhere
        edit(path, "2e-5", "1e-5")
    old, new = teams / "code/configs/size-1/job-01.toml", teams / "code/configs/final.toml"
    run("git", "mv", str(old), str(new), cwd=repo)
    edit(new, "per_device_batch = 4", "per_device_batch = 8")
    run("git", "mv", "teams/speech/configs/size-2", "teams/speech/configs/medium", cwd=repo)
    shutil.copy(teams / "vision/configs/size-3/job-03.toml", teams / "vision/configs/try.toml")
    edit(teams / "vision/configs/try.toml", "n_epochs = 4", "n_epochs = 40")
    (teams / "chat/configs/size-0/job-00.toml").unlink()
    run("sftc", "check", "--write", "--prune", cwd=repo, expect=1)
    assert run("sftc", "check", cwd=repo) == ""
    shown = reviewed(cwd=repo)
    golden("branch.txt", shown)
    golden("branch.md", reviewed("--format", "markdown", cwd=repo))
    commit(repo)
    assert reviewed(cwd=repo) == shown
    (repo / "README.md").write_text("Meanwhile.\n")
    run("git", "switch", "-q", "main", cwd=repo)
    edit(teams / "chat/configs/size-1/job-05.toml", "gpu_count = 6", "gpu_count = 2")
    run("sftc", "compile", "--write", cwd=repo)
    commit(repo)
    run("git", "switch", "-q", "topic", cwd=repo)
    assert reviewed(cwd=repo) == shown
    run("git", "merge", "-q", "--no-edit", "main", cwd=repo)
    assert run("sftc", "check", cwd=repo) == ""
    assert reviewed(cwd=repo) == shown


@pytest.mark.slow
def test_a_merge_of_two_changes_of_one_config(repo: Path) -> None:
    config = repo / "teams/code/configs/size-0/job-00.toml"
    edit(config, "n_epochs = 1", "n_epochs = 3")
    run("sftc", "compile", "--write", cwd=repo)
    commit(repo)
    run("git", "switch", "-q", "main", cwd=repo)
    edit(config, "gradient_accumulation_steps = 8", "gradient_accumulation_steps = 16")
    run("sftc", "compile", "--write", cwd=repo)
    commit(repo)
    run("git", "merge", "-q", "--no-edit", "topic", cwd=repo)
    assert run("sftc", "check", cwd=repo) == ""  # git merged the artifact as it did the config
    run("git", "switch", "-q", "-c", "late", cwd=repo)
    edit(config, "n_epochs = 3", "n_epochs = 5")  # and forgets to compile
    commit(repo)
    golden("forgotten.txt", run("sftc", "check", cwd=repo, expect=1))
    note = "its artifact is out of date: hyperparameters.n_epochs 3 → 5; run `sftc"
    assert note in run("sftc", "diff", "main", cwd=repo, expect=1)


@pytest.mark.slow
def test_artifacts_left_behind(repo: Path) -> None:
    run("git", "mv", "teams/vision/configs/size-0/job-00.toml", "teams/vision/moved.toml", cwd=repo)
    (repo / "teams/speech/configs/size-0/job-00.toml").write_text("[tool]\nx = 1\n[other]\ny = 2\n")
    golden("left.txt", run("sftc", "check", cwd=repo, expect=1))
    shown = run("sftc", "check", "--write", "--prune", cwd=repo, expect=1)
    assert shown.endswith(
        "Wrote teams/vision/compiled/payloads/moved.job.json.\n"
        "Deleted teams/speech/configs/size-0/job-00.job.json and "
        "teams/vision/compiled/payloads/configs/size-0/job-00.job.json.\n"
    )
    assert "SFT614" not in run("sftc", "check", cwd=repo)
