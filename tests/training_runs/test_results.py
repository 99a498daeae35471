"""The result loads in a fresh process with transformers and peft alone, and is the best model."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from training_jobs import FULL, METHODS, NAME, environment, forked, job, of, payload, points, train

from sftc.jobfolder import Exit, JobFolder, Kind

Trained = Callable[[str], JobFolder]

PROGRAM = """
import json, sys
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
result, base, method, rows = sys.argv[1:]
if method == "full":
    model = AutoModelForCausalLM.from_pretrained(result)
else:
    from peft import PeftModel
    four = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=torch.float32)
    more = {"quantization_config": four} if method == "QLoRA" else {}
    model = AutoModelForCausalLM.from_pretrained(base, **more)
    for part in model.modules():
        if hasattr(part, "support_avx512bf16_for_cpu"):
            part.support_avx512bf16_for_cpu = False
    model = PeftModel.from_pretrained(model, result)
words = AutoTokenizer.from_pretrained(result)
model.eval()
losses = []
lines = [json.loads(line) for line in open(rows)]
for at in range(0, len(lines), 2):
    made = [words.apply_chat_template(line["messages"], return_dict=True,
        return_assistant_tokens_mask=True) for line in lines[at:at + 2]]
    longest = max(len(one["input_ids"]) for one in made)
    fill = lambda one, with_: list(one) + [with_] * (longest - len(one))
    ids = torch.tensor([fill(one["input_ids"], words.pad_token_id) for one in made])
    mask = torch.tensor([fill(one["assistant_masks"], 0) for one in made])
    seen = torch.tensor([fill([1] * len(one["input_ids"]), 0) for one in made])
    with torch.no_grad():
        losses.append(model(input_ids=ids, attention_mask=seen,
            labels=torch.where(mask == 1, ids, -100)).loss)
print(torch.stack(losses).mean().item())
"""


def loss(folder: JobFolder, models: Path, method: str, *, fresh: bool = False) -> float:
    """Return the validation loss of a result, by nothing of ours.

    A fresh process imports all libraries anew, which takes ten seconds.
    """
    names = [str(folder.result), str(models / NAME), method, str(folder.validation)]
    script, said = folder.root / "loss.py", folder.root / "loss"
    script.write_text(PROGRAM)
    with said.open("wb") as output:
        if fresh:
            command, env = [sys.executable, str(script), *names], environment()
            subprocess.run(command, stdout=output, check=True, cwd=folder.root, env=env)
        else:
            assert forked(script, *names, output=output, cwd=folder.root) == 0
    return float(said.read_text().split()[-1])


def test_it_has_the_loss_that_was_reported(
    uninterrupted: Trained, method: str, models: Path
) -> None:
    folder = uninterrupted(method)
    found = loss(folder, models, method, fresh=method == "full")  # and the demo for adapters
    assert found == pytest.approx(points(folder)[8]["val.loss"], rel=1e-6)


def test_what_it_holds(uninterrupted: Trained, method: str) -> None:
    names = {path.name for path in uninterrupted(method).result.iterdir()}
    weights = {"config.json", "generation_config.json", "model.safetensors"}
    adapter = {"adapter_config.json", "adapter_model.safetensors"}
    facts = {"README.md", "job.json", "recipe.json", "versions.json", "metrics.json"}
    words = {"tokenizer.json", "tokenizer_config.json", "chat_template.jinja"}
    assert names == (weights if method == "full" else adapter) | facts | words
    folder = uninterrupted(method)
    assert (folder.result / "job.json").read_bytes() == folder.payload.read_bytes()
    card = (folder.result / "README.md").read_text()
    assert f'base_model: "{NAME}"' in card
    assert str(folder.root) not in card
    if method != "full":
        config: dict[str, Any] = json.loads((folder.result / "adapter_config.json").read_bytes())
        assert config["base_model_name_or_path"] == NAME


def test_the_best_model_is_the_result_even_if_it_is_not_the_last(
    tmp_path: Path, models: Path
) -> None:
    rising = payload(**{**FULL, "learning_rate": 0.1}, eval_steps=1, lr_scheduler_type="constant")
    folder = job(tmp_path / "job", rising)
    assert train(folder, models) == Exit.DONE
    curve = {step: values["val.loss"] for step, values in points(folder).items()}
    best = min(curve, key=lambda step: curve[step])
    done = of(folder, Kind.DONE)[0]
    assert best < 8
    assert (done.facts["best"], done.values["val.loss"]) == (best, curve[best])
    assert loss(folder, models, "full") == pytest.approx(curve[best], rel=1e-6)


def test_the_best_model_by_accuracy(tmp_path: Path, models: Path) -> None:
    chosen = payload(
        **FULL, metric_for_best_model="val.mean_token_accuracy", greater_is_better=True
    )
    folder = job(tmp_path / "job", chosen)
    assert train(folder, models) == Exit.DONE
    curve = {step: values["val.mean_token_accuracy"] for step, values in points(folder).items()
             if "val.loss" in values}  # fmt: skip
    assert all(0 <= value <= 1 for value in curve.values())
    assert of(folder, Kind.DONE)[0].facts["best_metric"] == max(curve.values())


@pytest.mark.parametrize("method", ["LoRA", "QLoRA"])
def test_activation_checkpointing_in_bfloat16(method: str, tmp_path: Path, models: Path) -> None:
    less = json.loads(json.dumps(METHODS[method]))
    parallelism = {"activation_checkpointing": True, "bf16": True}
    less["hyperparameters"]["parallelism"] = parallelism
    folder = job(tmp_path / "job", less)
    assert train(folder, models) == Exit.DONE, folder.log.read_text()
    losses = [values["train.loss"] for values in points(folder).values()]
    assert losses[-1] < losses[0] - 0.3
