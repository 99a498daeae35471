"""The model card: what the result is, how it was trained, and how to load it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...diagnostics import printable
from ..recipe import Recipe


def card(
    payload: Mapping[str, Any],
    recipe: Recipe,
    metrics: Mapping[str, Any],
    versions: Mapping[str, str],
) -> str:
    """Return the README.md of a result.

    Args:
        payload: what was asked for.
        recipe: what it was trained by.
        metrics: what ``metrics.json`` holds.
        versions: the libraries.

    """
    lines = [*_front_matter(recipe), *_facts(payload, recipe, metrics), *_loading(recipe)]
    lines += ["## Versions", "", *(f"- {name} {number}" for name, number in versions.items())]
    return "\n".join(lines) + "\n"


def _front_matter(recipe: Recipe) -> Iterator[str]:
    library = "peft" if recipe.lora else "transformers"
    yield from ("---", f"base_model: {json.dumps(recipe.model['name'])}")
    yield from (f"library_name: {library}", "pipeline_tag: text-generation")
    yield from ("tags:", "- sft", *(["- lora"] if recipe.lora else []), "---", "")


def _facts(payload: Mapping[str, Any], recipe: Recipe, metrics: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {_code(recipe.model['name'])}, fine-tuned"
    yield ""
    yield f"{recipe.method} on conversations, with the loss on assistant tokens only."
    yield from ("", "| | |", "|---|---|")
    rows = {
        "optimizer steps": metrics["steps"],
        "rows per step": recipe.launch["global_batch"],
        "learning rate": recipe.trainer["learning_rate"],
        "sequence length": recipe.rows["max_length"] or "no truncation",
        "step of these weights": metrics["step"],
    }
    if recipe.lora:
        rows["LoRA rank, alpha"] = f"{recipe.lora['r']}, {recipe.lora['lora_alpha']}"
    rows |= {f"`{name}`": value for name, value in metrics["values"].items()}
    yield from (f"| {name} | {value} |" for name, value in rows.items())
    yield from ("", "## Data", "", *_data(payload, metrics), "")


def _data(payload: Mapping[str, Any], metrics: Mapping[str, Any]) -> Iterator[str]:
    for name, counts in metrics["data"].items():
        yield f"- {name}: {counts['rows']:,} rows, {counts['learned']:,} tokens in the loss"
    files = payload["metadata"].get("sftc", {}).get("files", {})
    for name, pin in files.items():
        if isinstance(pin, dict) and "sha256" in pin:
            yield f"- {name}: {_code(str(pin.get('path')))}, sha256 {_code(str(pin['sha256']))}"


def _loading(recipe: Recipe) -> Iterator[str]:
    name = json.dumps(recipe.model["name"])
    yield from ("## Loading", "", "```python")
    if recipe.lora:
        yield from ("from peft import PeftModel", "from transformers import AutoModelForCausalLM")
        yield from ("", f"base = AutoModelForCausalLM.from_pretrained({name})")
        yield 'model = PeftModel.from_pretrained(base, "FOLDER")'
    else:
        yield from ("from transformers import AutoModelForCausalLM", "")
        yield 'model = AutoModelForCausalLM.from_pretrained("FOLDER")'
    yield from (
        "```",
        "",
        "`job.json` is the payload, and `recipe.json` the trainer's settings for it.",
        "",
    )


def _code(text: str) -> str:
    """Return a text that a stranger may have written as code in Markdown."""
    return f"`{printable(text).replace('`', chr(39))}`"
