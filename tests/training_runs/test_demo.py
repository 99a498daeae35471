"""``make demo-train`` with the tiny model: each of its steps, and nothing left behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from training_jobs import NAME

ROOT = Path(__file__).parent.parent.parent
DEMO = ROOT / "examples" / "demo-train.sh"


def demo(models: Path, folder: Path, model: str) -> subprocess.CompletedProcess[str]:
    """Run the demo on a model in four steps; its temporary files go into a folder."""
    text = (ROOT / "examples" / "smollm2.toml").read_text()
    for old, new in {
        "HuggingFaceTB/SmolLM2-135M-Instruct": model,
        "total_steps = 20": "total_steps = 4",
        "eval_steps = 10": "eval_steps = 2",
        "sequence_length = 256": "sequence_length = 2048",  # a token a byte
    }.items():
        assert old in text
        text = text.replace(old, new)
    config = folder / "demo.toml"
    config.write_text(text)
    temporary = folder / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        ["bash", DEMO, Path(sys.executable).parent, models, config],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert [*temporary.glob("tmp.*")] == []
    assert str(temporary) not in running()
    return done


def running() -> str:
    """Return the command lines of all processes."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:  # it has ended
            continue
    return "\n".join(lines)


def test_it_trains_fetches_and_asks(models: Path, tmp_path: Path) -> None:
    done = demo(models, tmp_path, NAME)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout + done.stderr
    for words in ("step 4/4", "val.loss ", "succeeded", "Fetched ", "adapter_model.safetensors"):
        assert words in said
    assert "  without the adapter  " in done.stdout
    assert "  with the adapter     " in done.stdout


@pytest.mark.parametrize("model", ["nobody/has-this"])
def test_it_fails_loudly(models: Path, tmp_path: Path, model: str) -> None:
    done = demo(models, tmp_path, model)
    assert done.returncode == 1
    assert model in done.stdout + done.stderr
    assert "Fetched " not in done.stderr
