"""A tokenizer that is made in a moment: a token for each byte, and a few special ones."""

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers

MARKED = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|im_end|>{% endgeneration %}"
    "{% else %}{{ m.content }}<|im_end|>{% endif %}{{ '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""ChatML that says what the assistant wrote."""
UNMARKED = MARKED.replace("{% generation %}", "").replace("{% endgeneration %}", "")
"""The same without saying it; each beginning of a conversation is rendered alike."""
ENDING = UNMARKED + "{% if not add_generation_prompt %}<|end|>{% endif %}"
"""One that ends each text with a token, so that beginnings are rendered in another way."""


def save(folder: Path, template: str | None = MARKED, **config: object) -> Path:
    """Write a tokenizer into a folder, and return the folder."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE({text: i for i, text in enumerate(alphabet)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(["<|im_start|>", "<|im_end|>", "<|end|>", "<s>"])
    folder.mkdir(parents=True, exist_ok=True)
    made.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", **config}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    if template is not None:
        (folder / "chat_template.jinja").write_text(template)
    return folder
