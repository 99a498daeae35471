"""docs/gitops.md, run: each command in a real git repository, its output as the page has it.

``SFTC_REWRITE=1`` writes the outputs into the page.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import served
import yaml
from repositories import BIN, repository, run
from served import serving

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "gitops.md"
_BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)
_JOB = re.compile(r"job-[0-9a-f]{24}")
_SNIPPET = re.compile(r"```yaml\n(.*?)```\n", re.DOTALL)


def environment(home: Path, backend: str) -> dict[str, str]:
    return {
        **os.environ,
        "BACKEND_BASE_URL": backend,
        "SYNTH_API_KEY": served.KEY,
        "SFTC_STATE_DIR": str(home.parent / "state"),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_AUTHOR_DATE": "2026-11-24T12:00:00Z",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
        "GIT_COMMITTER_DATE": "2026-11-24T12:00:00Z",
        "NO_COLOR": "1",
        "HOME": str(home),
    }


def commands(block: str) -> Iterator[str]:
    """Yield the commands of a block; a line with ``> `` goes on with the one before."""
    for command in re.findall(r"^\$ .*(?:\n> .*)*", block, re.MULTILINE):
        yield "\n".join(line[2:] for line in command.splitlines())


def played(text: str, folder: Path, backend: str) -> str:
    """Return the page with what its commands print; each job has the same id."""

    def play(block: re.Match[str]) -> str:
        shown = ""
        for command in commands(block[1]):
            ran = subprocess.run(
                ["bash", "-c", command],
                cwd=folder,
                env=environment(folder, backend),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            assert ran.returncode in (0, 1), ran.stdout
            assert "Traceback" not in ran.stdout
            printed = _JOB.sub("job-5c1f0e6a92d34b7f8e01a2b3", ran.stdout)
            shown += "$ " + command.replace("\n", "\n> ") + "\n" + printed
        return f"```console\n{shown.replace(str(folder), '…')}```\n"

    return _BLOCK.sub(play, text)


def test_the_page_prints_what_it_says(tmp_path: Path) -> None:
    before = PAGE.read_text("utf-8")
    folder = tmp_path / "repository"
    folder.mkdir()
    with serving(tmp_path / "backend") as backend:
        after = played(before, folder, backend.address)
    if os.environ.get("SFTC_REWRITE"):
        PAGE.write_text(after, "utf-8")
    assert after == PAGE.read_text("utf-8")


def test_the_page_names_hooks_that_exist() -> None:
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    pages = (PAGE, ROOT / "README.md")
    used = {name for page in pages for name in re.findall(r"- id: (\S+)", page.read_text("utf-8"))}
    assert used <= hooks
    assert {"sftc-compile", "sftc-check"} <= hooks


def test_the_gitlab_job_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snippets = [yaml.safe_load(text) for text in _SNIPPET.findall(PAGE.read_text("utf-8"))]
    job = next(snippet["payloads"] for snippet in snippets if "payloads" in snippet)
    path = repository(tmp_path / "repo")
    run("sftc", "init", "configs/a.toml", cwd=path)
    run("sftc", "compile", "--write", cwd=path)
    run("git", "add", "-A", cwd=path)
    run("git", "commit", "-q", "-m", "a", cwd=path)
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", "HEAD")
    config = path / "configs" / "a.toml"
    config.write_text(config.read_text().replace("n_epochs = 1", "n_epochs = 2"))
    run("sftc", "compile", "--write", cwd=path)
    install, *script = job["script"]
    assert install == 'pip install --quiet "$SFTC"'
    for line in (*script, *job["after_script"]):
        run("bash", "-c", line, cwd=path)
    assert "### 1 payload changes\n" in (path / "sftc-diff.md").read_text()
    (path / "configs" / "a.job.json").unlink()
    run("bash", "-c", script[1], cwd=path, expect=1)
    reports = job["artifacts"]["reports"]
    assert json.loads((path / reports["codequality"]).read_text()) == []
    assert "SFT611" in (path / reports["junit"]).read_text()
