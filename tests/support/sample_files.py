"""A folder with a good and a bad file for each command, and how to run ``sftc`` in it."""

import os
import sys
from pathlib import Path

import sftc

SFTC = str(Path(sys.executable).with_name("sftc"))
GOOD = """\
[job]
model = "m/größe-宽"
data = "good.jsonl"
[compute]
gpu_type = "H100"
[hyperparameters]
n_epochs = 1
"""
BAD = """\
[job]
model = "m/größe-宽→\N{RIGHT-TO-LEFT OVERRIDE}\\u009b"
[compute]
gpu_count = "größe-宽"
[hyperparameters.parallelism]
deepspeed_stage = 3
"größe-宽" = 1
load_in_4bit = true
"""
ROW = '{"messages": [{"role": "user", "content": "宽"}, {"role": "assistant", "content": "4"}]}\n'


def write_samples(folder: Path) -> Path:
    """Write the files into a folder."""
    texts = {
        "good.toml": GOOD,
        "bad.toml": BAD,
        "changed.toml": GOOD.replace("n_epochs = 1", "n_epochs = 2"),
        "warned.toml": GOOD.replace("n_epochs", "lr = 1e-5 # größe-宽\nn_epochs"),
        "good.jsonl": ROW,
        "bad.jsonl": ROW.replace('"role": "user"', '"role": 5, "größe-宽": 1'),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    payload = sftc.compile_config(GOOD, filename="good.toml").payload_bytes
    assert payload
    (folder / "good.job.json").write_bytes(payload)
    (folder / "changed.job.json").write_bytes(payload)
    return folder


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return an environment in which nothing reaches beyond the folder."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        "BACKEND_BASE_URL": "http://127.0.0.1:9",
        "SYNTH_API_KEY": "a-key-that-is-long-enough",
        "SFTC_STATE_DIR": str(folder / "state"),
        **variables,
    }
