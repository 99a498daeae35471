"""Ask a model with and without an adapter: ``python examples/generate.py MODELS ADAPTER QUESTION``.

MODELS is the folder that the trainer had, ADAPTER what ``sftc fetch`` got. It needs the extra
``sftc[train]``.
"""

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any, Final

os.environ["HF_HUB_OFFLINE"] = "1"  # before transformers is imported
warnings.simplefilter("ignore", FutureWarning)  # what transformers tells itself

SYSTEM: Final = "Answer in one sentence."
MOST: Final = 32
"""Tokens of an answer."""


def main(models: Path, adapter: Path, question: str) -> None:
    """Print both answers."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    base = json.loads((adapter / "adapter_config.json").read_bytes())["base_model_name_or_path"]
    words = AutoTokenizer.from_pretrained(adapter)
    # In float32: CPUs are slow with bfloat16.
    plain = AutoModelForCausalLM.from_pretrained(models / base, dtype=torch.float32)
    model = PeftModel.from_pretrained(plain, adapter)
    print(question)
    with model.disable_adapter():
        print(f"  without the adapter  {answer(model, words, question)}")
    print(f"  with the adapter     {answer(model, words, question)}")


def answer(model: Any, words: Any, question: str) -> str:
    """Return the likeliest answer of a model to a question, on one line."""
    turns = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]
    asked = words.apply_chat_template(
        turns, add_generation_prompt=True, return_dict=True, return_tensors="pt"
    )
    said = model.generate(**asked, max_new_tokens=MOST, do_sample=False)
    text = words.decode(said[0, asked["input_ids"].shape[1] :], skip_special_tokens=True)
    return " ".join(text.split())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
