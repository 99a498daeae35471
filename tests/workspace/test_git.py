"""Git as people have it: ignore rules, submodules, worktrees, hooks, clones, and what fails."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import forked
import pytest
from repositories import BIN, commit, repository, run

CONFIG = '[job]\nmodel = "m/x"\n[compute]\ngpu_type = "H100"\n[hyperparameters]\nn_epochs = 1\n'
TWO = CONFIG.replace("n_epochs = 1", "n_epochs = 2")
CHANGED = "~ hyperparameters.n_epochs  1 → 2  configs/a.toml:6:12\n"


def sftc(
    *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a command; return its exit code and all that it printed."""
    result = forked.run(
        *arguments,
        cwd=cwd,
        env={
            **os.environ,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "NO_COLOR": "1",
            **(environment or {}),
        },
    )
    return result.returncode, (result.stdout + result.stderr).decode()


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Return a repository with a config, its artifact, and a branch."""
    path = repository(tmp_path / "repo")
    write(path / "configs" / "a.toml", CONFIG)
    run("sftc", "compile", "--write", cwd=path)
    commit(path)
    run("git", "switch", "-q", "-c", "topic", cwd=path)
    return path


def artifacts(path: Path) -> list[str]:
    return sorted(str(found.relative_to(path)) for found in path.rglob("*.job.json"))


@pytest.mark.slow_but_first
@pytest.mark.parametrize("with_git", [True, False])
def test_what_is_ignored_or_of_others_has_no_artifacts(repo: Path, *, with_git: bool) -> None:
    for name in (".venv/lib/x.toml", "node_modules/p/x.toml", "env/x.toml", "deep/.hidden/x.toml"):
        write(repo / name, CONFIG)
    (repo / "env" / "pyvenv.cfg").touch()
    write(repo / ".hidden.toml", CONFIG)
    if with_git:
        write(repo / ".gitignore", "build/\nnode_modules\nenv/\n*.local.toml\n")
        write(repo / "build" / "x.toml", CONFIG)
        write(repo / "x.local.toml", CONFIG)
    else:
        shutil.rmtree(repo / ".git")
    assert sftc("check", cwd=repo) == (0, "")
    assert sftc("lint", cwd=repo) == (0, "")
    sftc("compile", "--write", cwd=repo)
    assert artifacts(repo) == ["configs/a.job.json"]
    if with_git:  # what the user names is meant
        assert "SFT611" in sftc("check", "build", cwd=repo)[1]


@pytest.mark.slow_but_first
@pytest.mark.parametrize("with_git", [True, False])
def test_locks_of_editors_and_dangling_links_are_passed_over(repo: Path, *, with_git: bool) -> None:
    (repo / "configs" / ".#a.toml").symlink_to("me@host.1234:5678")
    (repo / "configs" / "gone.toml").symlink_to("nowhere.toml")
    (repo / "configs" / "gone.job.json").symlink_to("nowhere.job.json")
    (repo / "configs" / "folder.toml").mkdir()
    os.mkfifo(repo / "configs" / "pipe.toml")
    if not with_git:
        shutil.rmtree(repo / ".git")
    for command in ("check", "lint"):
        assert sftc(command, cwd=repo) == (0, ""), command
    assert sftc("diff", "main", cwd=repo) == (
        (0, "") if with_git else (2, sftc("diff", "main", cwd=repo)[1])
    )


@pytest.mark.slow
def test_a_submodule_is_a_repository_of_its_own(repo: Path, tmp_path: Path) -> None:
    library = repository(tmp_path / "library")
    write(library / "x.toml", CONFIG)
    write(library / "sftc.toml", 'out-dir = "jobs"\n')
    run("sftc", "compile", "--write", cwd=library)
    commit(library)
    allow = ("-c", "protocol.file.allow=always")
    run("git", *allow, "submodule", "--quiet", "add", str(library), "library", cwd=repo)
    commit(repo)
    write(repo / "sftc.toml", "strict = true\n")
    assert sftc("check", cwd=repo) == (0, "")
    assert sftc("check", "library", cwd=repo) == (0, "")
    assert sftc("check", cwd=repo / "library") == (0, "")
    write(repo / "library" / "x.toml", TWO)
    assert sftc("check", cwd=repo) == (0, "")
    assert "library/jobs/x.job.json:" in sftc("check", "library", cwd=repo)[1]
    assert sftc("diff", "HEAD", cwd=repo) == (0, "")
    assert "~ hyperparameters.n_epochs" in sftc("diff", "HEAD", cwd=repo / "library")[1]


@pytest.mark.slow
def test_a_linked_worktree(repo: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    run("git", "worktree", "add", "-q", "-b", "other", str(linked), cwd=repo)
    assert sftc("check", cwd=linked) == (0, "")
    write(linked / "configs" / "a.toml", TWO)
    code, shown = sftc("diff", "main", cwd=linked)
    assert (code, CHANGED in shown) == (1, True)
    assert sftc("diff", "main", cwd=repo) == (0, "")


HOOK = """\
#!/bin/sh
cd {folder}
{{ sftc check; sftc diff HEAD; sftc diff HEAD:./{name} :./{name}; }} > "{log}" 2>&1
exit 0
"""


@pytest.mark.slow_but_first
@pytest.mark.parametrize("where", ["main", "linked"])
@pytest.mark.parametrize(("folder", "name"), [(".", "configs/a.toml"), ("configs", "a.toml")])
@pytest.mark.parametrize("how", ["all", "one", "staged"])
def test_a_hook_sees_what_a_terminal_sees(
    where: str, folder: str, name: str, how: str, repo: Path, tmp_path: Path
) -> None:
    """Git gives hooks variables that would send git elsewhere, and an index of their own."""
    place = repo
    if where == "linked":
        place = tmp_path / "linked"
        run("git", "worktree", "add", "-q", "-b", "other", str(place), cwd=repo)
    log = tmp_path / "log"
    hook = write(
        repo / ".git" / "hooks" / "pre-commit", HOOK.format(folder=folder, name=name, log=log)
    )
    hook.chmod(0o755)
    write(place / "configs" / "a.toml", TWO)
    commands = {
        "all": ("commit", "-q", "-a", "-m", "x"),
        "one": ("commit", "-q", "-m", "x", "configs/a.toml"),
        "staged": ("commit", "-q", "-m", "x"),
    }
    if how == "staged":
        run("git", "add", "-A", cwd=place)
    run("git", *commands[how], cwd=place)
    shown = log.read_text("utf-8")
    prefix = "" if folder == "configs" else "configs/"
    assert f"{prefix}a.job.json:3:5: error[SFT612]" in shown
    assert shown.count("~ hyperparameters.n_epochs  1 → 2") == 2, shown
    assert "new" not in shown


@pytest.mark.slow
def test_variables_of_another_repository_do_not_count(repo: Path, tmp_path: Path) -> None:
    other = repository(tmp_path / "other")
    write(other / "configs" / "a.toml", TWO)
    commit(other)
    write(repo / "configs" / "a.toml", TWO)
    variables = {"GIT_DIR": str(other / ".git"), "GIT_INDEX_FILE": str(other / ".git" / "index")}
    assert sftc("diff", "main", cwd=repo, environment=variables) == sftc("diff", "main", cwd=repo)
    assert sftc("check", cwd=repo, environment=variables) == sftc("check", cwd=repo)


def test_a_store_that_is_elsewhere(repo: Path, tmp_path: Path) -> None:
    """As those have it who keep their home in git."""
    write(repo / "configs" / "a.toml", TWO)
    shutil.move(repo / ".git", tmp_path / "store")
    variables = {"GIT_DIR": str(tmp_path / "store"), "GIT_WORK_TREE": str(repo)}
    assert CHANGED in sftc("diff", "main", cwd=repo, environment=variables)[1]


@pytest.mark.slow
def test_a_sparse_checkout(repo: Path) -> None:
    write(repo / "other" / "b.toml", CONFIG)
    run("sftc", "compile", "--write", cwd=repo)
    commit(repo)
    run("git", "sparse-checkout", "set", "other", cwd=repo)
    assert not (repo / "configs").exists()
    assert sftc("check", cwd=repo) == (0, "")
    assert sftc("diff", "HEAD", cwd=repo) == (0, "")


def test_a_shallow_clone(repo: Path, tmp_path: Path) -> None:
    write(repo / "configs" / "a.toml", TWO)
    run("sftc", "compile", "--write", cwd=repo)
    commit(repo)
    shallow = tmp_path / "shallow"
    url = f"file://{repo}"
    run("git", "clone", "-q", "--depth", "1", "--branch", "topic", url, str(shallow), cwd=tmp_path)
    assert sftc("check", cwd=shallow) == (0, "")
    assert sftc("diff", "main", cwd=shallow) == (
        2,
        "sftc: there is no revision `main`: this is a shallow clone; run: git fetch --unshallow\n",
    )
    run("git", "fetch", "-q", "--depth", "1", "origin", "main:main", cwd=shallow)
    code, shown = sftc("diff", "main", cwd=shallow)
    assert code == 2
    assert "have no merge base: this is a shallow clone; run: git fetch --unshallow\n" in shown
    ends = sftc("diff", "main..topic", cwd=shallow)[1]  # which needs no history
    assert "~ hyperparameters.n_epochs  1 → 2" in ends


def test_a_clone_has_its_branches_under_another_name(repo: Path, tmp_path: Path) -> None:
    run("git", "clone", "-q", "--branch", "topic", str(repo), "clone", cwd=tmp_path)
    assert sftc("diff", "main", cwd=tmp_path / "clone") == (
        2,
        "sftc: there is no revision `main`; did you mean `origin/main`?\n",
    )


def test_no_repository_and_no_git(repo: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert sftc("diff", "main", cwd=empty) == (2, "sftc: this folder is not in a git repository\n")
    (empty / "bin").mkdir()
    (empty / "bin" / "sftc").symlink_to(BIN / "sftc")
    no_git = {"PATH": str(empty / "bin")}
    code, shown = sftc("diff", "main", cwd=repo, environment=no_git)
    assert (code, shown) == (2, "sftc: git is not installed, or not on the PATH\n")
    code, shown = sftc("check", cwd=repo, environment=no_git)
    assert (code, shown) == (
        0,
        "sftc: ignore rules are not applied: git is not installed, or not on the PATH\n",
    )


def test_a_store_that_is_damaged(repo: Path) -> None:
    shutil.rmtree(repo / ".git")
    write(repo / ".git", "gitdir: /nowhere\n")
    code, shown = sftc("diff", "main", cwd=repo)
    assert (code, shown.count("\n")) == (2, 1)
    assert shown.endswith("repo/.git is damaged, or does not point to a repository\n")
    assert sftc("check", cwd=repo)[0] == 0


def test_a_repository_of_somebody_else(repo: Path) -> None:
    variables = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}  # as git's own tests do
    remedy = f"run: git config --global --add safe.directory {repo}\n"
    code, shown = sftc("diff", "main", cwd=repo, environment=variables)
    assert code == 2
    assert shown == (
        "sftc: git does not trust this repository, because it belongs to another user; " + remedy
    )
    code, shown = sftc("check", cwd=repo, environment=variables)
    assert code == 0
    assert shown.startswith("sftc: ignore rules are not applied: git does not trust")
    assert shown.endswith(remedy)


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("main..topic",), "1 → 2"),
        (("topic..main",), "2 → 1"),
        (("main...topic",), "1 → 2"),
        (("main", "topic"), "1 → 2"),
        (("..main",), "2 → 1"),
        (("main",), "1 → 2"),
    ],
)
def test_ranges_are_read_as_git_reads_them(
    arguments: tuple[str, ...], expected: str, repo: Path
) -> None:
    write(repo / "configs" / "a.toml", TWO)
    commit(repo)
    run("git", "switch", "-q", "main", cwd=repo)
    write(repo / "configs" / "b.toml", CONFIG.replace("= 1", "= 3"))
    commit(repo)
    base = CONFIG.replace("= 1", "= 4")
    write(repo / "configs" / "b.toml", base)
    commit(repo)
    run("git", "switch", "-q", "topic", cwd=repo)
    shown = sftc("diff", *arguments, cwd=repo)[1]
    assert f"hyperparameters.n_epochs  {expected}" in shown
    for folder in (repo, repo / "configs"):
        assert sftc("diff", *arguments, cwd=folder)[0] == 1


@pytest.mark.slow
def test_three_dots_leave_out_what_the_other_side_did(repo: Path) -> None:
    write(repo / "configs" / "a.toml", TWO)
    commit(repo)
    run("git", "switch", "-q", "main", cwd=repo)
    write(repo / "configs" / "b.toml", CONFIG.replace("m/x", "m/another"))
    commit(repo)
    assert "configs/a.toml" in sftc("diff", "topic..main", cwd=repo)[1]
    shown = sftc("diff", "topic...main", cwd=repo)[1]
    assert "configs/b.toml (copied)" in shown
    assert "configs/a.toml\n" not in shown


@pytest.mark.slow_but_first
@pytest.mark.parametrize(
    "arguments", [("nope",), ("main..nope",), ("main...nope",), ("main", "nope"), ("nope", "main")]
)
def test_what_is_no_revision(arguments: tuple[str, ...], repo: Path) -> None:
    code, shown = sftc("diff", *arguments, cwd=repo)
    assert (code, shown) == (2, "sftc: there is no revision `nope`\n")


@pytest.mark.slow
def test_names_that_are_odd(repo: Path) -> None:
    for name in (
        "a b.toml",
        "größe.toml",
        'q"uote.toml',
        "-dash.toml",
        "star*.toml",
        ":(top)x.toml",
    ):
        write(repo / "configs" / name, CONFIG)
    assert sftc("check", "--write", cwd=repo)[0] == 1
    commit(repo)
    assert sftc("check", cwd=repo) == (0, "")
    for path in (repo / "configs").glob("*.job.json"):
        path.write_text(path.read_text().replace('"n_epochs": 1', '"n_epochs": 7'))
    commit(repo)
    shown = sftc("check", cwd=repo)[1]
    assert shown.count("error[SFT613]") == 7


@pytest.mark.slow
def test_from_a_subfolder_a_diff_shows_the_repository(repo: Path) -> None:
    write(repo / "configs" / "a.toml", TWO)
    other = write(repo / "other" / "x.txt", "")
    assert sftc("diff", "main", cwd=other.parent)[1].startswith("../configs/a.toml\n")


@pytest.mark.slow
def test_a_store_that_lacks_an_object_is_an_error(repo: Path) -> None:
    write(repo / "configs" / "a.toml", TWO)
    blob = run("git", "rev-parse", "HEAD:configs/a.toml", cwd=repo).strip()
    lost = repo / ".git" / "objects" / blob[:2] / blob[2:]
    lost.chmod(0o600)
    lost.write_bytes(b"x")
    code, shown = sftc("diff", "HEAD", cwd=repo)
    assert (code, shown.count("\n")) == (2, 1)
    assert re.match("sftc: (?:git cannot read its own store|error: )", shown)


@pytest.mark.slow
def test_a_line_end_in_a_name_hides_nothing(repo: Path) -> None:
    write(repo / "a\nb.toml", CONFIG)
    commit(repo)
    write(repo / "a\nb.toml", TWO)
    code, shown = sftc("diff", "HEAD", cwd=repo)
    assert (code, shown) == (2, "sftc: a file name contains a line break: 'a\\nb.toml'\n")


@pytest.mark.slow
def test_many_files_of_a_revision_are_asked_for_at_once(repo: Path) -> None:
    for number in range(80):
        write(repo / "many" / f"{number}.toml", CONFIG)
    (repo / "many" / "link.toml").symlink_to("0.toml")
    run("sftc", "compile", "--write", cwd=repo)
    commit(repo)
    for number in range(80):
        write(repo / "many" / f"{number}.toml", TWO)
    shown = sftc("diff", "HEAD", cwd=repo)[1]
    assert shown.startswith("80 payloads: many/0.toml, ")  # the link is as it was
    assert shown.count("~ hyperparameters.n_epochs  1 → 2") == 1
    for path in (repo / "many").glob("*.toml"):
        if not path.is_symlink():
            write(path, CONFIG)
    for path in (repo / "many").glob("*.job.json"):
        path.write_text(path.read_text().replace('"n_epochs": 1', '"n_epochs": 7'))
    commit(repo)
    assert sftc("check", cwd=repo)[1].count("error[SFT613]") == 81
