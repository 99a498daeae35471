"""Real git repositories, and commands run in them as their users run them."""

import os
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent


def run(*command: str, cwd: Path, expect: int = 0) -> str:
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("GIT_")},
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "NO_COLOR": "1",
    }
    result = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    output = result.stdout + result.stderr
    assert result.returncode == expect, output
    return output


def repository(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    run("git", "init", "-q", "-b", "main", cwd=path)
    run("git", "config", "user.name", "test", cwd=path)
    run("git", "config", "user.email", "test@example.org", cwd=path)
    return path


def commit(path: Path) -> str:
    run("git", "add", "-A", cwd=path)
    run("git", "commit", "-q", "-m", "all", "--no-verify", cwd=path)
    return run("git", "rev-parse", "HEAD", cwd=path).strip()
