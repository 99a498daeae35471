"""The settings of a repository: one mapping and one taste, for every command."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sftc import cli
from sftc.workspace.artifacts import Rule

CONFIG = '[job]\nmodel = "m"\n[compute]\ngpu_type = "H100"\n'
WARNED = f"{CONFIG}[hyperparameters]\nlr = 1e-5\n"


def sftc(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, arguments)
    return result.exit_code, result.output


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("configs/a.toml", "configs/deep/b.toml", "drafts/c.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def artifacts(repo: Path) -> list[str]:
    return sorted(str(path.relative_to(repo)) for path in repo.rglob("*.job.json"))


SETTINGS = 'configs = ["configs"]\nout-dir = "jobs"\n'


@pytest.mark.parametrize(
    ("name", "text"), [("sftc.toml", SETTINGS), ("pyproject.toml", f"[tool.sftc]\n{SETTINGS}")]
)
def test_compile_and_check_share_the_mapping(
    name: str, text: str, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repo / name).write_text(text)
    written = "Wrote jobs/configs/a.job.json and jobs/configs/deep/b.job.json.\n"
    assert sftc("compile", "--write") == (0, written)
    assert artifacts(repo) == ["jobs/configs/a.job.json", "jobs/configs/deep/b.job.json"]
    assert sftc("check") == (0, "")
    assert sftc("check", "jobs/configs/a.job.json") == (0, "")
    assert sftc("check", "configs/deep") == (0, "")
    monkeypatch.chdir(repo / "configs" / "deep")
    assert sftc("check") == (0, "")
    (repo / "configs" / "a.toml").unlink()
    code, output = sftc("check")
    assert code == 1
    assert output.startswith(
        "../../jobs/configs/a.job.json:1:1: error[SFT614]: the artifact has no config: "
        "there is no `../../configs/a.toml`\n"
    )


def test_without_settings_artifacts_are_beside_their_configs(repo: Path) -> None:
    written = "Wrote configs/a.job.json, configs/deep/b.job.json and drafts/c.job.json.\n"
    assert sftc("compile", "--write") == (0, written)
    assert artifacts(repo) == ["configs/a.job.json", "configs/deep/b.job.json", "drafts/c.job.json"]
    assert sftc("check") == (0, "")
    assert sftc("check", "--out-dir", "jobs")[0] == 1
    assert sftc("check", "--out-dir", "jobs", "--write")[0] == 1
    assert sftc("check", "--out-dir", "jobs") == (0, "")
    assert sftc("compile", "configs/a.toml")[1].startswith("{")


def test_lint_has_the_taste_of_the_repository(repo: Path) -> None:
    (repo / "configs" / "a.toml").write_text(WARNED)
    assert "SFT243" in sftc("lint")[1]
    assert sftc("lint")[0] == 0
    (repo / "sftc.toml").write_text("strict = true\n")
    assert sftc("lint")[0] == 1
    assert sftc("compile", "configs/a.toml")[0] == 1
    (repo / "sftc.toml").write_text('ignore = ["SFT243"]\n')
    assert sftc("lint") == (0, "")
    assert sftc("lint", "--ignore", "SFT3")[1] != ""
    (repo / "sftc.toml").write_text('configs = ["drafts", "configs/deep/b.toml"]\n')
    assert sftc("lint") == (0, "")


def test_the_top_of_a_git_repository_is_the_end_of_the_search(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repo / "sftc.toml").write_text("nonsense = 1\n")
    monkeypatch.chdir(repo / "configs")
    assert sftc("lint")[0] == 2
    (repo / "configs" / ".git").mkdir()
    assert sftc("lint")[0] == 0


BAD = {
    "outdir = 1": "sftc.toml: there is no setting `outdir`; did you mean `out-dir`?",
    "out-dir = 1": "sftc.toml: `out-dir` must be a path",
    'out-dir = "../x"': "sftc.toml: `../x` is outside the repository",
    'configs = ["/x"]': "sftc.toml: `/x` is outside the repository",
    "configs = [1]": "sftc.toml: `configs` must be an array of paths",
    'strict = "yes"': "sftc.toml: `strict` must be a boolean",
    "pin": "cannot read sftc.toml: ",
}


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("command", ["check", "lint", "compile"])
def test_settings_that_cannot_be_used(text: str, command: str, repo: Path) -> None:
    (repo / "sftc.toml").write_text(f"{text}\n")
    code, output = sftc(command)
    assert code == 2
    assert output.startswith(f"sftc: {BAD[text]}")
    assert output.count("\n") == 1


def test_the_rule_and_its_inverse() -> None:
    for rule in (Rule(), Rule(Path(), Path("jobs")), Rule(Path(".."), Path("../jobs"))):
        for config in ("a.toml", "a/b.c.toml", "a b/ü.toml"):
            back = rule.config(str(rule.artifact(config)))
            assert back is not None
            assert Path(back).resolve() == Path(config).resolve()
    assert Rule().config("a.json") is None
    assert Rule(Path(), Path("jobs")).config("other/a.job.json") is None
