"""The hooks, run by the real pre-commit in a real git repository, as users run them."""

import shutil
from pathlib import Path

import pytest
from repositories import commit, repository, run

ROOT = Path(__file__).parents[2]
GOOD = '[job]\nmodel = "Qwen/Qwen3-4B"\n\n[compute]\ngpu_type = "H100"\n'


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a git repository with this project as it stands, and its revision."""
    base = tmp_path_factory.mktemp("hooks")
    listed = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).splitlines()
    source = repository(base / "sftc")
    for name in listed:
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    return source, commit(source)


@pytest.fixture
def project(
    hooks: tuple[Path, str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Return a repository that uses the hooks, with pre-commit installed in it."""
    # One cache for the module: the environment of the hooks is built once.
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path_factory.getbasetemp() / "pre-commit"))
    path = repository(tmp_path / "project")
    source, revision = hooks
    (path / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {source}\n  rev: {revision}\n  hooks:\n"
        "  - id: sftc-lint-fix\n    stages: [manual]\n  - id: sftc-lint\n"
        "  - id: sftc-compile\n    stages: [manual]\n"
        "  - id: sftc-check\n    stages: [manual]\n"
    )
    (path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    commit(path)
    run("pre-commit", "install", cwd=path)
    return path


@pytest.mark.slow
def test_a_bad_config_blocks_the_commit_and_a_good_one_passes(project: Path) -> None:
    config = project / "configs" / "qlora.toml"
    config.parent.mkdir()
    config.write_text(GOOD.replace("gpu_type", "gpu_typ"))
    run("git", "add", "-A", cwd=project)
    output = run("git", "commit", "-m", "a config", cwd=project, expect=1)
    assert "configs/qlora.toml:5:1: error[SFT112]: unknown key `gpu_typ` in [compute]" in output
    assert "^^^^^^^ write `gpu_type`" in output
    config.write_text(GOOD)
    run("git", "add", "-A", cwd=project)
    assert "Passed" in run("git", "commit", "-m", "a config", cwd=project)


@pytest.mark.slow
def test_other_toml_files_pass(project: Path) -> None:
    (project / "pyproject.toml").write_text('[project]\nname = "y"\n')
    run("git", "add", "-A", cwd=project)
    assert "Passed" in run("git", "commit", "-m", "no config", cwd=project)


@pytest.mark.slow
def test_the_fixing_hook_fixes(project: Path) -> None:
    config = project / "lora.toml"
    before = f"{GOOD}\n[training]\nuse_qlora = true\n\n[lora]\nr = 8 # rank\n"
    config.write_text(before)
    run("git", "add", "-A", cwd=project)
    fix = ("pre-commit", "run", "--hook-stage", "manual", "sftc-lint-fix")
    assert "files were modified by this hook" in run(*fix, cwd=project, expect=1)
    after = f"{GOOD}\n[training]\nuse_qlora = true\n\n[hyperparameters]\nlora_rank = 8 # rank\n"
    assert config.read_text() == after
    run("git", "add", "-A", cwd=project)
    assert "Passed" in run(*fix, cwd=project)


@pytest.mark.slow
def test_the_compiling_hook_writes_artifacts_and_the_checking_one_only_looks(
    project: Path,
) -> None:
    config, artifact = project / "configs" / "a.toml", project / "configs" / "a.job.json"
    config.parent.mkdir()
    config.write_text(GOOD)
    run("git", "add", "-A", cwd=project)
    compiles, checks = (
        ("pre-commit", "run", "--hook-stage", "manual", hook)
        for hook in ("sftc-compile", "sftc-check")
    )
    assert "error[SFT611]: `configs/a.toml` has no artifact" in run(*checks, cwd=project, expect=1)
    assert not artifact.exists()
    assert "Wrote configs/a.job.json." in run(*compiles, cwd=project, expect=1)
    assert "Passed" in run(*compiles, cwd=project)
    assert "Passed" in run(*checks, cwd=project)
    commit(project)
    run("git", "rm", "-q", "configs/a.toml", cwd=project)  # of which a hook is passed nothing
    assert "error[SFT614]: the artifact has no config" in run(*checks, cwd=project, expect=1)
