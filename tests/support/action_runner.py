"""A runner for action.yml: its steps in order, their conditions, outputs and environment.

What it knows of expressions is what action.yml uses. Other people's actions are not run: what
they were asked for is kept.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from repositories import BIN

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_TOKEN = re.compile(r"'[^']*'|&&|\|\||!=|==|!cancelled\(\)|[\w.-]+|\s+")
_OPERATORS = {"&&": "and", "||": "or", "!=": "!=", "==": "==", "!cancelled()": "True"}


class Ran(NamedTuple):
    """What a step came to."""

    code: int
    output: str


class Runner:
    """Runs the action in a checkout."""

    def __init__(self, checkout: Path, temporary: Path, api: str) -> None:
        """Take the checkout of a pull request.

        Args:
            checkout: the workspace, with the repository at its top.
            temporary: an empty folder.
            api: the address of GitHub's API.

        """
        self.action = ROOT
        self.checkout = checkout
        self.temporary = temporary
        self.inputs = {
            name: self._text(str(of["default"]), {"github.token": "workflow"})
            for name, of in ACTION["inputs"].items()
        }
        self.event = {"github.event.pull_request.number": "7", "github.event.pull_request": "{}"}
        self.used: dict[str, dict[str, str]] = {}
        self.summary = ""
        self.environment = {
            "GITHUB_API_URL": api,
            "GITHUB_GRAPHQL_URL": f"{api}/graphql",
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_REPOSITORY": "o/r",
            "GIT_CONFIG_GLOBAL": str(temporary / "gitconfig"),
            "PATH": os.environ["PATH"],
            "RUNNER_TEMP": str(temporary),
        }
        self.installs = False
        (temporary / "sftc").mkdir()

    def run(self) -> dict[str, Ran]:
        """Run the action; return the steps that ran, by name."""
        values = {f"inputs.{name}": value for name, value in self.inputs.items()}
        values |= {"runner.os": "Linux", **self.event}
        ran: dict[str, Ran] = {}
        failed = False
        for step in STEPS:
            condition = step.get("if", "")
            if failed and "cancelled()" not in condition:
                continue
            if condition and not self._value(_EXPRESSION.findall(condition)[0], values):
                continue
            outputs: Mapping[str, str] = {}
            if "uses" in step:
                given = step.get("with", {}).items()
                self.used[step["uses"]] = {k: self._text(str(v), values) for k, v in given}
                outputs = {"python-path": sys.executable}
                result = Ran(0, "")
            elif step["name"] == "Install sftc" and not self.installs:
                outputs = {"python": str(BIN / "python")}
                result = Ran(0, "")
            else:
                result, outputs = self.script(step, values)
            ran[step["name"]] = result
            failed |= result.code != 0
            if "id" in step:
                prefix = f"steps.{step['id']}"
                values |= {f"{prefix}.outputs.{name}": text for name, text in outputs.items()}
                values[f"{prefix}.outcome"] = "failure" if result.code else "success"
        return ran

    def script(
        self, step: Mapping[str, Any], values: Mapping[str, str]
    ) -> tuple[Ran, dict[str, str]]:
        """Run the script of a step as GitHub does; return its outputs, too."""
        assert step["shell"] == "bash"
        files = {name: self.temporary / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_bytes(b"")
        folder = self.checkout / self._text(step.get("working-directory", "."), values)
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=folder,
            env={
                **self.environment,
                **{name: str(file) for name, file in files.items()},
                **{name: self._text(text, values) for name, text in step["env"].items()},
                "GITHUB_ACTION_PATH": str(self.action),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert files["GITHUB_STEP_SUMMARY"].stat().st_size <= 1024 * 1024
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text("utf-8")
        lines = files["GITHUB_OUTPUT"].read_text("utf-8").splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        return Ran(ran.returncode, ran.stdout), outputs

    def _text(self, text: str, values: Mapping[str, str]) -> str:
        return _EXPRESSION.sub(lambda match: self._value(match[1], values), text)

    def _value(self, expression: str, values: Mapping[str, str]) -> str:
        tokens = _TOKEN.findall(expression)
        assert "".join(tokens) == expression, f"this runner does not know {expression}"
        python = [
            token
            if token.isspace() or token.startswith("'")
            else _OPERATORS.get(token) or repr(values.get(token, ""))
            for token in tokens
        ]
        return eval("".join(python).strip())  # type: ignore[no-any-return] # noqa: S307 - ours
