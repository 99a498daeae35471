"""git, asked about a repository that would like to start a program: it starts none."""

from pathlib import Path

import pytest
from repositories import commit, repository, run


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Return a repository with a config, its artifact, and a program that leaves a mark."""
    path = repository(tmp_path / "repo")
    run("sftc", "init", "a.toml", cwd=path)
    run("sftc", "compile", "--write", cwd=path)
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\ntouch "{tmp_path}/started"\n')
    program.chmod(0o755)
    commit(path)
    return path


@pytest.mark.parametrize("command", [("check",), ("lint",), ("diff", "HEAD")], ids=" ".join)
def test_a_file_system_monitor_is_not_started(
    command: tuple[str, ...], repo: Path, tmp_path: Path
) -> None:
    run("git", "config", "core.fsmonitor", str(tmp_path / "program"), cwd=repo)
    run("sftc", *command, cwd=repo)
    assert not (tmp_path / "started").exists()
