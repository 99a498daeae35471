"""The settings of a repository: one mapping and one taste, for every command."""

from pathlib import Path

import pytest
import tomli
from typer.testing import CliRunner

from sftc import cli, schemas
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
    written = "jobs/configs/a.job.json and jobs/configs/deep/b.job.json"
    assert sftc("compile", "--write") == (0, f"Wrote {written}.\n")
    assert sftc("compile", "--write") == (0, "")
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
        "there is no `../a.toml`\n"
    )


def test_without_settings_artifacts_are_beside_their_configs(repo: Path) -> None:
    assert sftc("compile", "--write")[0] == 0
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
    assert sftc("lint")[0] == 1
    (repo / "configs" / ".git").mkdir()
    assert sftc("lint")[0] == 0


BAD = {
    "outdir = 1": "1:1: error[SFT012]: unknown setting `outdir`",
    "out-dir = 1": "1:11: error[SFT102]: `out-dir` must be a string, not an integer (1)",
    'out-dir = "../x"': "1:11: error[SFT013]: `../x` is outside the folder of the settings",
    'configs = ["/x"]': "1:12: error[SFT013]: `/x` is outside the folder of the settings",
    "configs = [1]": "1:12: error[SFT102]: `configs[0]` must be a string, not an integer (1)",
    'configs = [" "]': "1:12: error[SFT105]: `configs[0]` is blank",
    'strict = "yes"': '1:10: error[SFT102]: `strict` must be a boolean, not a string ("yes")',
    'ignore = ["SFT9"]': "1:11: error[SFT104]: `ignore[0]` must be a code such as",
    'select = ["E501"]': "1:11: error[SFT104]: `select[0]` must be a code such as",
    "pin": "1:4: error[SFT004]: ",
    'a = "\xff"': "1:6: error[SFT002]: ",
}


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("command", ["check", "lint", "compile --write"])
def test_settings_that_cannot_be_used(text: str, command: str, repo: Path) -> None:
    (repo / "sftc.toml").write_text(f"{text}\n", "latin-1")
    code, output = sftc(*command.split())
    assert code == 1
    assert output.startswith(f"sftc.toml:{BAD[text]}")
    assert output.endswith("\n1 error\n")
    assert artifacts(repo) == []


def test_settings_in_pyproject_are_placed_there(repo: Path) -> None:
    (repo / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.sftc]\npins = true\n')
    output = sftc("lint")[1]
    assert output.startswith("pyproject.toml:4:1: error[SFT012]: unknown setting `pins`\n")
    assert "did you mean `pin`?" in output


def test_the_rule_and_its_inverse() -> None:
    for rule in (Rule(), Rule(Path(), Path("jobs")), Rule(Path(".."), Path("../jobs"))):
        for config in ("a.toml", "a/b.c.toml", "a b/ü.toml"):
            back = rule.config(str(rule.artifact(config)))
            assert back is not None
            assert Path(back).resolve() == Path(config).resolve()
    assert Rule().config("a.json") is None
    assert Rule(Path(), Path("jobs")).config("other/a.job.json") is None


def test_init_for_a_repository(repo: Path) -> None:
    (repo / "data").mkdir()
    for name in ("train", "validation"):
        (repo / "data" / f"{name}.jsonl").touch()
    code, output = sftc("init", "--repository")
    assert code == 0
    assert output.startswith(
        "Wrote sft.toml, sftc-config.schema.json, sftc.toml, settings.schema.json and "
        ".gitattributes.\n"
    )
    lines = "*.job.* text eol=lf\n*.jsonl -text\n"
    assert (repo / ".gitattributes").read_text() == lines
    assert sftc("lint") == (0, "")
    text = (repo / "sftc.toml").read_text()
    assert text.startswith("#:schema ./settings.schema.json\n")
    made = text.replace("# configs", "configs").replace("# out-dir", "out-dir")
    made = made.replace("# pin", "pin").replace("# strict", "strict")
    made = made.replace("# select", "select").replace("# ignore", "ignore")
    made = made.replace("# plan", "plan").replace("# targets", "targets")
    assert set(tomli.loads(made)) == set(schemas.load("settings")["properties"])
    (repo / "sftc.toml").write_text(made)
    assert sftc("lint") == (0, "")
    left = "sft.toml exists, and is left as it is.\nsftc.toml has the settings.\n"
    assert sftc("init", "--repository") == (0, left)
    assert (repo / "sftc.toml").read_text() == made
    (repo / ".gitattributes").write_text("*.png binary")
    (repo / "sftc.toml").unlink()
    (repo / "pyproject.toml").write_text("[tool.sftc]\npin = true\n")
    left = "sft.toml exists, and is left as it is.\nWrote .gitattributes.\n"
    assert sftc("init", "--repository") == (0, f"{left}pyproject.toml has the settings.\n")
    assert (repo / ".gitattributes").read_text() == f"*.png binary\n{lines}"


def test_settings_do_not_silence_pins(repo: Path) -> None:
    (repo / "sftc.toml").write_text('pin = true\nignore = ["SFT4"]\nselect = ["SFT1"]\n')
    config = repo / "configs" / "a.toml"
    config.write_text('[job]\nmodel = "m"\ndata = "x.jsonl" # sftc: ignore[SFT401]\n' + CONFIG[18:])
    for command in ("compile --write configs", "check configs"):
        code, output = sftc(*command.split())
        assert code == 1
        assert "error[SFT401]" in output
    assert not config.with_suffix(".job.json").exists()
