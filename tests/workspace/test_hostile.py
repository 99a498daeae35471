"""A stranger's pull request, checked by a CI that holds secrets: none is shown, nothing hangs.

The repository names, in every way there is, what lies outside of it. Each command runs as a
process with a secret in its environment and beside the checkout, a limit on its memory, and one
on its time.
"""

import os
import resource
import subprocess
from pathlib import Path

import pytest
from repositories import BIN, commit, repository, run

SECRET = "s3cr3t-0f-th3-c1"  # noqa: S105 - of this test
GIGABYTE = 1024**3
ROW = '{"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}\n'
CONFIG = """\
[job]
model = "Qwen/Qwen3-4B"
data = "{data}"

[compute]
gpu_type = "H100"
"""
OUTSIDE = {
    "environment": "/proc/self/environ",
    "zeros": "/dev/zero",
    "pipe": "{repo}/pipe",
    "absolute": "{outside}/secret.jsonl",
    "relative": "../outside/secret.jsonl",
    "store": "{repo}/.git/config",
    "hidden": "{repo}/.env",
    "hidden-folder": "{repo}/.aws/credentials.jsonl",
    "folder": "{outside}",
}
"""Where links lead."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the checkout of a pull request that tries everything, with secrets around it."""
    base = tmp_path_factory.mktemp("hostile")
    outside = base / "outside"
    outside.mkdir()
    for name in ("secret.jsonl", "secret.toml", "secret.job.json"):
        (outside / name).write_text(f'{SECRET} = "{SECRET}\n')
    path = repository(base / "repo")
    (path / "good.toml").write_text(CONFIG.format(data="data/train.jsonl"))
    (path / "data").mkdir()
    (path / "data" / "train.jsonl").write_text(ROW)
    run("sftc", "compile", "--write", "--pin", "good.toml", cwd=path)
    commit(path)
    run("git", "config", "user.secret", SECRET, cwd=path)
    (path / ".env").write_text(f"TOKEN={SECRET}\n")
    (path / ".aws").mkdir()
    (path / ".aws" / "credentials.jsonl").write_text(f'{{"key": "{SECRET}"}}\n')
    os.mkfifo(path / "pipe")
    (path / "sftc.toml").write_text("pin = true\n")
    good = (path / "good.job.json").read_text()
    for name, target in OUTSIDE.items():
        leads_to = target.format(repo=path, outside=outside)
        (path / f"{name}.jsonl").symlink_to(leads_to)
        (path / f"{name}-as-config.toml").symlink_to(leads_to)
        (path / f"{name}-linked.toml").write_text(CONFIG.format(data=f"{name}.jsonl"))
        (path / f"{name}-named.toml").write_text(CONFIG.format(data=leads_to))
        (path / f"{name}-named.job.json").write_text(good.replace("data/train.jsonl", leads_to))
        (path / f"{name}-artifact.toml").write_text(CONFIG.format(data="data/train.jsonl"))
        (path / f"{name}-artifact.job.json").symlink_to(leads_to)
        folder = path / "settings" / name
        folder.mkdir(parents=True)
        (folder / "sftc.toml").symlink_to(leads_to)
        (folder / "a.toml").write_text(CONFIG.format(data="data/train.jsonl"))
    for name, text in {
        "jobs-out": f'out-dir = "{outside}"\n',
        "jobs-up": 'out-dir = "../../../outside"\n',
        "jobs-linked": 'out-dir = "linked"\n',
        "configs-linked": 'configs = ["linked", "."]\n',
    }.items():
        folder = path / "settings" / name
        folder.mkdir(parents=True)
        (folder / "sftc.toml").write_text(text)
        (folder / "linked").symlink_to(outside)
        (folder / "a.toml").write_text(CONFIG.format(data="data/train.jsonl"))
    (path / "stdin.toml").write_text(CONFIG.format(data="-"))
    (path / "outside-folder").symlink_to(outside)
    (path / "through-folder.toml").write_text(CONFIG.format(data="outside-folder/secret.jsonl"))
    (path / "linked-inside.jsonl").symlink_to("data/train.jsonl")
    (path / "linked-inside.toml").write_text(CONFIG.format(data="linked-inside.jsonl"))
    return path


def sftc(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Run a command as CI does; return its exit code and all that it printed."""
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "SFTC_SECRET": SECRET,
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    waiting, writer = os.pipe()  # nobody writes to it, and nothing may wait for that
    result = subprocess.run(
        ["sftc", *arguments],
        cwd=cwd,
        env=environment,
        stdin=waiting,
        capture_output=True,
        check=False,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (GIGABYTE, GIGABYTE)),
    )
    os.close(waiting)
    os.close(writer)
    return result.returncode, (result.stdout + result.stderr).decode()


COMMANDS = [
    ("check",),
    ("check", "--write", "--prune"),
    ("check", "settings"),
    ("check", "--format", "sarif"),
    ("lint",),
    ("lint", "--fix"),
    ("lint", "--format", "json"),
    ("compile", "--write"),
    ("compile", "--write", "--pin"),
    ("diff", "HEAD"),
    ("diff", "HEAD", "--format", "markdown"),
    ("plan",),
]


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow_but_first
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("committed", [False, True])
def test_nothing_of_what_is_outside_is_shown(
    command: tuple[str, ...], *, committed: bool, checkout: Path, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    subprocess.run(["cp", "-a", str(checkout.parent), str(base)], check=True)
    repo, outside = base / "repo", base / "outside"
    if committed:
        run("git", "add", "-A", cwd=repo)
        run("git", "reset", "-q", "pipe", ".env", ".aws", cwd=repo)
        run("git", "commit", "-q", "-m", "evil", "--no-verify", cwd=repo)
        if command[0] == "diff":
            command = ("diff", "HEAD~1..HEAD", *command[2:])
    before = everything(outside)
    code, shown = sftc(*command, cwd=repo)
    assert code in (1, 2), shown
    assert SECRET not in shown
    assert "Traceback" not in shown
    assert everything(outside) == before
    for path in repo.rglob("*.job.json"):
        assert path.is_symlink() or SECRET.encode() not in path.read_bytes()


@pytest.mark.slow_but_first
@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("how", ["linked", "named"])
def test_each_dataset_outside_is_refused_by_its_name(name: str, how: str, checkout: Path) -> None:
    code, shown = sftc("compile", "--pin", f"{name}-{how}.toml", cwd=checkout)
    assert code == 1
    assert "error[SFT013]" in shown
    assert "so it is not read" in shown
    assert SECRET not in shown


def test_a_link_inside_works(checkout: Path) -> None:
    code, shown = sftc("compile", "--pin", "linked-inside.toml", cwd=checkout)
    assert code == 0
    assert '"examples": 1' in shown


def test_a_folder_that_the_user_names_is_read(checkout: Path) -> None:
    outside = checkout.parent / "outside"
    good = outside / "good.jsonl"
    good.write_text(ROW)
    config = checkout / "mine.toml"
    config.write_text(CONFIG.format(data="outside-folder/good.jsonl"))
    refused = sftc("compile", "--pin", "mine.toml", cwd=checkout)[1]
    assert f"--data-root {outside}" in refused
    code, shown = sftc("compile", "--pin", "mine.toml", "--data-root", str(outside), cwd=checkout)
    assert code == 0
    assert '"examples": 1' in shown
    good.unlink()
    config.unlink()


def test_an_artifact_that_is_a_link_out_is_neither_read_nor_written(checkout: Path) -> None:
    code, shown = sftc("check", "absolute-artifact.toml", "--write", cwd=checkout)
    assert code == 1
    assert "absolute-artifact.job.json` is outside " in shown
    code, shown = sftc("compile", "absolute-artifact.toml", "--write", cwd=checkout)
    assert code == 1
    assert "is outside " in shown
    assert (checkout / "absolute-artifact.job.json").is_symlink()
