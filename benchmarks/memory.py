"""Asks other estimators of memory the same questions, and keeps their answers for docs/planning.md.

Each tool runs in an environment of its own below ``--tools``, which is made if it is not there.
Their answers go to ``tests/job/memory_points/tools.json``; ``make docs`` makes the table of them.

    python benchmarks/memory.py --tools DIR
"""

import argparse
import json
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent.parent
ANSWERS: Final = ROOT / "tests" / "job" / "memory_points" / "tools.json"
sys.path.insert(0, str(ROOT / "tests" / "support"))

from memory_points import Point, published  # noqa: E402 - the tests' reader

CANIFINETUNE: Final = """
import json, sys
from canifinetune.estimator.memory import EstimateRequest, estimate
for ask in map(json.loads, sys.stdin):
    try:
        said = estimate(EstimateRequest(
            model_id=ask["model"], method=ask["method"], gpu_vram_gb=80, seq_len=ask["length"],
            micro_batch_size=ask["rows"], lora_rank=ask["rank"] or 16,
            lora_target_scope="all_linear" if ask["all"] else "attention",
            quantization="nf4_double_quant" if ask["method"] == "qlora" else "none",
            optimizer="adamw_torch", gradient_checkpointing=ask["checkpointing"],
            attention_implementation="sdpa", use_network=False, override=ask["config"]))
        print(json.dumps(said.memory.total_estimated_gb * 2**30))
    except Exception as error:
        print(json.dumps(str(error)[:200]))
"""
FTUNE: Final = """
import json, sys
from ftuneai.core.memory import MemoryEstimator
from ftuneai.core.models import *
targets = {True: LoRATarget.ALL_LINEAR, False: LoRATarget.ATTENTION}
for ask in map(json.loads, sys.stdin):
    config = ask["config"]
    try:
        said = MemoryEstimator(
            ModelSpec(ask["model"], ask["parameters"], config["hidden_size"],
                      config["num_hidden_layers"], config["num_attention_heads"],
                      config["num_key_value_heads"], config["intermediate_size"],
                      config["vocab_size"], 131072),
            TrainingConfig(ask["model"], FineTuneMethod(ask["method"]),
                           Quantization("4bit" if ask["method"] == "qlora" else "none"),
                           ask["rows"], ask["length"], ask["checkpointing"], OptimizerType.ADAMW,
                           ask["rank"] or 16, 16, targets[ask["all"]], True,
                           ShardingStrategy(ask["sharding"]), ask["gpus"]),
        ).estimate()
        print(json.dumps(said.total_gb * 2**30))
    except Exception as error:
        print(json.dumps(str(error)[:200]))
"""
PEFT_DOCTOR: Final = """
import json, subprocess, sys
for ask in map(json.loads, sys.stdin):
    words = [sys.argv[1], "estimate", "-m", ask["model"], "--seq-len", str(ask["length"]),
             "--batch-size", str(ask["rows"]), "--params-billion", str(ask["parameters"] / 1e9),
             "--hidden-size", str(ask["config"]["hidden_size"]),
             "--num-layers", str(ask["config"]["num_hidden_layers"]), "-o", "json"]
    words += {"qlora": ["--qlora"], "full": ["--no-lora"]}.get(ask["method"], [])
    words += [] if ask["checkpointing"] else ["--no-gradient-checkpointing"]
    said = subprocess.run(words, capture_output=True, text=True)
    try:
        print(json.dumps(json.loads(said.stdout)["metadata"]["estimated_total_gb"] * 2**30))
    except ValueError:
        print(json.dumps(said.stderr[:200]))
"""
SOUP: Final = """
import json, pathlib, re, subprocess, sys, tempfile
known = {}
for ask in map(json.loads, sys.stdin):
    key = (ask["model"], ask["method"])
    if key not in known:
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "soup.yaml").write_text(f'''base: {ask["model"]}
task: sft
data: {{train: ./train.jsonl, format: alpaca, max_length: {ask["length"]}}}
training: {{epochs: 1, lr: 2e-5, batch_size: {ask["rows"]}, lora: {{r: {ask["rank"] or 16}}},
  quantization: {"4bit" if ask["method"] == "qlora" else "none"}}}
output: ./output
''')
            said = subprocess.run([sys.argv[1], "plan"], cwd=folder, capture_output=True, text=True)
        found = re.search(r"peak_vram_gb\\s*\\S\\s*([\\d.]+)", said.stdout)
        known[key] = float(found[1]) * 1e9 if found else said.stderr[-200:]
    print(json.dumps(known[key]))
"""

TOOLS: Final[Mapping[str, tuple[str, str, str | None, bool]]] = {
    "canifinetune 0.4.1": ("canifinetune==0.4.1", CANIFINETUNE, None, False),
    "ftuneai 0.4.1": ("ftuneai==0.4.1 typer rich", FTUNE, None, True),
    "peft-doctor 0.9.2": ("peft-doctor==0.9.2", PEFT_DOCTOR, "peft-doctor", False),
    "soup-cli 0.77.0": ("soup-cli==0.77.0", SOUP, "soup", False),
}
"""What to install, how to ask, with which command, and whether it knows several GPUs."""


def question(point: Point) -> dict[str, Any]:
    """Return a point as a tool is asked it: sizes that are published, and settings."""
    entry, shape = point.entry, point.shape
    sharding = {"fsdp": "fsdp", "zero3": "zero_3", "zero2": "zero_2"}
    return {
        "model": entry["model"],
        "method": entry["method"],
        "rows": entry["rows"],
        "length": entry["length"],
        "rank": entry.get("rank"),
        "all": entry.get("targets") == "all-linear" or len(entry.get("targets", ())) > 4,  # noqa: PLR2004
        "checkpointing": entry.get("checkpointing", False),
        "gpus": entry.get("gpus", 1),
        "sharding": sharding.get(entry.get("sharding", ""), "none"),
        "parameters": shape.parameters,
        "config": {
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "num_key_value_heads": shape.kv_heads,
            "intermediate_size": shape.intermediate,
            "vocab_size": shape.vocabulary,
            "tie_word_embeddings": shape.tied,
            "total_params": shape.parameters,
        },
    }


def answers(tools: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what each tool says of each point that it can express: bytes, or why not."""
    points = [point for point in published() if not point.entry.get("offload")]
    for name, (needs, script, command, several) in TOOLS.items():
        home = tools / name.split()[0]
        if not home.is_dir():
            venv.create(home, with_pip=True)
            subprocess.run([home / "bin" / "pip", "install", "-q", *needs.split()], check=True)
        asked = [point for point in points if several or point.entry.get("gpus", 1) == 1]
        lines = "".join(json.dumps(question(point)) + "\n" for point in asked)
        words = [str(home / "bin" / "python"), "-c", script]
        words += [str(home / "bin" / command)] if command else []
        said = subprocess.run(words, input=lines, capture_output=True, text=True, check=True)
        found = [json.loads(line) for line in said.stdout.splitlines()]
        yield name, {point.name: answer for point, answer in zip(asked, found, strict=True)}


def main() -> None:
    """Ask, and write the answers down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", type=Path, required=True)
    tools = dict(answers(parser.parse_args().tools))
    for said in tools.values():
        said |= {point: round(one) for point, one in said.items() if isinstance(one, float)}
    ANSWERS.write_text(json.dumps(tools, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
