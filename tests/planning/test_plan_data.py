"""What is wrong with the data of a job that is planned."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sftc import cli

CONFIG = """\
[job]
model = "Qwen/Qwen3-4B"
data = "data/chats.jsonl"

[compute]
gpu_type = "H100"
"""
ROW = '{"conversations": [{"from": "human", "value": "2+2?"}, {"from": "gpt", "value": "4"}]}\n'


def test_the_data_is_called_what_the_config_calls_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "chats.jsonl").write_text(ROW, "utf-8")
    (tmp_path / "sft.toml").write_text(CONFIG, "utf-8")
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(cli.app, ["plan", "sft.toml"])
    assert run.exit_code == 1
    assert run.stderr.startswith("data/chats.jsonl:1:2: error[SFT417]: ")
