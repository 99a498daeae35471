"""The reference client, unmodified, trains a tiny model for real. Run by ``make parity-train``.

Usage: python parity_train.py REFERENCE_PYTHON, a Python with ``synth-ai`` from PyPI. The
Python that runs this needs the extra ``train``. Its command line and its SDK each upload, create,
start and follow a job; what is left is a result.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import parity_submit
import served
import training_jobs
from served import KEY

MODEL = Path(__file__).parents[1] / "training_runs" / "tiny.py"
NAME = "Qwen/Qwen3-4B"
"""What the tiny model is called: the client sends no name that it does not know."""

CONFIG = parity_submit.CONFIG.replace(
    "n_epochs = 2", "n_epochs = 2\nper_device_batch = 2\nlearning_rate = 0.01"
)
CURVES = {
    *("train.loss", "train.learning_rate", "train.grad_norm", "train.tokens_per_second"),
    *("train.seconds", "train.memory", "val.loss"),
}


def main(reference: str) -> None:
    """Train with the client's command line, and with its SDK."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, **training_jobs.environment(PYTHONSAFEPATH="1")}
        model = [sys.executable, str(MODEL), str(folder / "models" / NAME)]
        subprocess.run(model, env=environment, check=True, capture_output=True)
        (folder / "sft.toml").write_text(CONFIG)
        for file, numbers in (("train", range(12)), ("validation", range(100, 104))):
            rows = [json.dumps(training_jobs.row(number)) for number in numbers]
            (folder / f"{file}.jsonl").write_text("\n".join(rows) + "\n")
        options = ("--runner", "train", "--models", str(folder / "models"))
        with served.serving(folder / "data", *options) as server:
            python = Path(reference).absolute()
            line = [str(python.with_name("synth-ai")), "train", "sft.toml"]
            line += ["--poll", "--poll-interval", "0.5"]
            program = [str(python), "-c", parity_submit.SDK, server.address, KEY]
            for client, command in (("command line", line), ("SDK", program)):
                words = f"the reference client's {client}"
                parity_submit.submit(words, command, server, folder, CURVES)
                job = parity_submit.jobs(server)[0]
                found = server.ask("GET", f"/learning/jobs/{job}/artifacts").body["artifacts"]
                if "adapter_model.safetensors" not in {each["path"] for each in found}:
                    sys.exit(f"{words}: no adapter is left, but {found}")
                losses = [value for name, _, value in server.points(job) if name == "train.loss"]
                print(f"  the loss fell from {losses[0]:.3f} to {losses[-1]:.3f}")
                if losses[-1] >= losses[0]:
                    sys.exit("nothing was learned")


if __name__ == "__main__":
    main(sys.argv[1])
