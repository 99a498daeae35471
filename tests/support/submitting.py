"""A workspace to submit from: configs, datasets, and the environment of a command."""

import json
import os
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from typing import Any

import forked

from sftc.workspace.pinning import compile_pinned

KEY = "sk-a-secret-of-this-test"
FILES, JOBS = "POST /learning/files", "POST /learning/jobs"
SFTC = Path(sys.executable).with_name("sftc")
CONFIG = """\
[job]
model = "Qwen/Qwen3-4B"
data = "train.jsonl"

[compute]
gpu_type = "H100"

[data]
validation_path = "validation.jsonl"

[training.validation]
evaluation_strategy = "epoch"
"""


class Workspace:
    """A folder with a config, two datasets, and an environment to run ``sftc`` in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = SFTC
        self.state = folder / "state"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")},
            "SYNTH_API_KEY": KEY,
            "SFTC_STATE_DIR": str(self.state),
        }
        self.environment.pop("BACKEND_BASE_URL", None)
        self.write("sft.toml", CONFIG)
        self.write("train.jsonl", rows(40))
        self.write("validation.jsonl", rows(3))

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def sftc(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run ``sftc`` to its end, with more variables in its environment."""
        environment = {**self.environment, **variables}
        return forked.run(*arguments, cwd=self.folder, env=environment, encoding="utf-8")

    def begin(self, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        """Run ``sftc`` in the background."""
        return subprocess.Popen(
            [SFTC, *arguments],
            cwd=self.folder,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def compiled(self, *, dataset: str | None = None, head: int | None = None) -> bytes:
        """Compile the config with pins to ``job.json``, and return its bytes."""
        with chdir(self.folder):
            text = Path("sft.toml").read_bytes()
            compiled = compile_pinned(text, filename="sft.toml", dataset=dataset, head=head)
        assert compiled.payload_bytes, compiled.diagnostics
        self.write("job.json", compiled.payload_bytes)
        return compiled.payload_bytes


def rows(count: int, text: str = "4") -> str:
    """Return that many rows, each one different."""
    return "".join(
        json.dumps(
            {
                "messages": [
                    {"role": "user", "content": f"{number} and {number}?"},
                    {"role": "assistant", "content": f"{2 * number} {text}"},
                ]
            }
        )
        + "\n"
        for number in range(count)
    )


def filled(payload: bytes, training: str, validation: str | None) -> dict[str, Any]:
    """Return what must be sent of a payload."""
    value: dict[str, Any] = json.loads(payload)
    value["training_file_id"] = training
    if validation:
        value["metadata"]["effective_config"]["data"]["validation_files"] = [validation]
    return value
