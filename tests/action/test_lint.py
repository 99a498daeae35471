"""The action's steps and the workflow in the docs, linted by actionlint and ShellCheck.

actionlint reads workflows only. So the steps stand in one here, whose inputs are the action's.
"""

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml
from action_runner import ACTION, ROOT, STEPS
from repositories import BIN, repository

PAGE = (ROOT / "docs" / "gitops.md").read_text("utf-8")
(WORKFLOW,) = (
    text for text in re.findall(r"```yaml\n(.*?)```\n", PAGE, re.DOTALL) if "runs-on" in text
)


def lint(text: str, folder: Path) -> str:
    """Return what actionlint says of a workflow in a repository that has the action."""
    path = repository(folder) / ".github" / "workflows" / "payloads.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    (folder / "action.yml").write_text((ROOT / "action.yml").read_text("utf-8"))
    command = [str(BIN / "actionlint"), "-shellcheck", str(BIN / "shellcheck"), str(path)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def as_workflow(steps: list[dict[str, Any]]) -> str:
    """Return the steps in a workflow that is called with the action's inputs."""
    inputs = {name: {"type": "string", "default": ""} for name in ACTION["inputs"]}
    return yaml.safe_dump(
        {
            "on": {"workflow_call": {"inputs": inputs}},
            "jobs": {"steps": {"runs-on": "ubuntu-latest", "steps": steps}},
        }
    ).replace("'on':", "on:")


def test_the_steps_have_no_findings(tmp_path: Path) -> None:
    assert lint(as_workflow(STEPS), tmp_path) == ""


def test_a_mistake_in_a_step_is_found(tmp_path: Path) -> None:
    """What the test above is worth."""
    step = {**STEPS[-1], "run": "cat $TEXT", "env": {"TEXT": "${{ steps.dif.outputs.comment }}"}}
    found = lint(as_workflow([*STEPS, step]), tmp_path)
    assert "SC2086" in found
    assert 'property "dif" is not defined' in found


def test_the_workflow_in_the_docs_has_no_findings(tmp_path: Path) -> None:
    local = WORKFLOW.replace("your-mirror-of/sftc@v0.2.0", "./")
    assert local != WORKFLOW
    assert lint(local, tmp_path / "good") == ""
    assert 'input "strikt" is not defined' in lint(
        local.replace("strict:", "strikt:"), tmp_path / "bad"
    )
