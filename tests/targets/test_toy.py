"""docs/targets.md adds a target: what it writes there is what comes out."""

import re
from pathlib import Path

from sftc.diagnostics import codes
from sftc.targets import understand
from sftc.targets.target import read_target
from sftc.workspace.porting import compile_for

ROOT = Path(__file__).parent.parent.parent
CONFIG = """
[job]
model = "Qwen/Qwen3-4B"
data = "data/train.jsonl"

[compute]
gpu_type = "H100"

[hyperparameters]
learning_rate = 2e-5
weight_decay = 0.1
lora_rank = 8
"""


def test_the_toy_of_the_docs_is_a_target(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "targets.md").read_text("utf-8")
    (data,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    (shown,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "target.json").write_text(data, "utf-8")
    toy = read_target(folder)

    ported = compile_for(toy, CONFIG, filename="config.toml")
    assert ported.text == shown
    named = {d.path[-1]: d for d in ported.diagnostics if d.code == codes.NOT_IN_TARGET}
    assert list(named) == ["weight_decay", "lora_rank"]
    assert named["weight_decay"].hint == "passes"
    assert named["lora_rank"].span.line == 12

    understood = understand(b"toy_model: m\nlr: 1e-3\nlog_dir: x\nother: 1\n", toy, name="t.yaml")
    assert understood.payload == {
        "model": "m",
        "hyperparameters": {"n_epochs": 10, "learning_rate": 0.001},
    }
    found = {f.words["key"]: f.code for f in understood.findings}
    assert found["log_dir"] == codes.CARRIES_NOTHING
    assert found["other"] == codes.NOT_CARRIED
    assert understand(b"toy_model: m\nplay: 1\n", toy, name="t.yaml").payload is None
