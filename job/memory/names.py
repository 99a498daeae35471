"""What a field beyond the payload's schema does to memory, by its name.

The names are those of transformers, PEFT, accelerate, DeepSpeed and their kin. A name that nothing
here knows is not taken for harmless: it is named in a note.
"""

import re
from enum import Enum, auto
from functools import lru_cache
from typing import Final


class Effect(Enum):
    """What a field changes."""

    NONE = auto()
    """Nothing of memory."""

    COUNTED = auto()
    """What ``forwarded`` counts."""

    LESS = auto()
    """It makes activations or logits smaller, by how much depends on the version."""

    NOT_COUNTED = auto()
    """What is trained, stored or divided, in a way that is not counted."""

    OFFLOAD = auto()
    """Something is kept in the CPU's memory."""

    OPEN = auto()
    """Nobody here knows."""


COUNTED: Final = frozenset(
    {
        "optim", "label_smoothing_factor", "per_device_eval_batch_size", "modules_to_save",
        "packing", "attn_implementation", "_attn_implementation",
    }
)  # fmt: skip

_LESS: Final = re.compile(
    r"(use_|enable_)?liger_kernel|(use_)?(torch_)?compile|torch_compile_(backend|mode)"
    r"|(use_)?(fused|chunked)_cross_entropy|use_liger_loss|tiled_mlp|torch_empty_cache_steps"
    r"|(use_)?gradient_checkpointing"
)
_NONE: Final = re.compile(
    r"adam_\w+|beta\d?|betas|eps|epsilon|momentum|weight_decay|max_grad_norm|gradient_clipping"
    r"|(\w+_)?(lr|learning_rate)(_\w+)?|(\w+_)?warmup(_\w+)?|cosine_\w+|num_cycles|power"
    r"|(\w+_)?seed|full_determinism|logging(_\w+)?|log_level\w*|report_to|run_name|project|tags?|notes?"
    r"|(wandb|mlflow|comet|swanlab|trackio|hub|tensorboard)(_\w+)?|push_to_hub|output_dir"
    r"|save_(steps|total_limit|strategy|interval|only_model|safetensors|on_each_node|every)"
    r"|eval_(delay|on_start|interval|every)|evals_per_epoch|saves_per_epoch|early_stopping\w*"
    r"|resume\w*|ignore_data_skip|overwrite_output_dir|dataloader_\w+|dataset_\w+|num_workers"
    r"|shuffle|group_by_length|train_sampling_strategy|remove_unused_columns|label_names"
    r"|neftune_noise_alpha|lora_alpha|use_rslora|rslora|init_lora_weights|fan_in_fan_out|task_type"
    r"|chat_template|tokenizer\w*|trust_remote_code|revision|train_on_\w+|padding_side"
    r"|ddp_\w+|gradient_checkpointing_kwargs|use_reentrant|variety|total_gpus|gpus_per_node"
    r"|name|description|experiment\w*|owner|team|comment|disable_tqdm|tf32|pin_memory"
    r"|activation_checkpointing_kwargs|loss_type|assistant_only_loss|completion_only_loss"
)
_NOT_COUNTED: Final = re.compile(
    r"shard|parallel|quant|[48]bit|dtype|precision|fp8|float8|bf16|fp16|^fsdp|deepspeed|zero|^stage$"
    r"|bias$|optim|expert|layer|dora|_pattern$|galore|apollo|badam|muon|lisa|attn|attention"
    r"|checkpointing|kernel|freez|frozen|trainable|embed|vocab|megatron|exclude_modules"
    r"|target_(parameters|modules)|[cstep]p_size|upcast|relora|ema$"
)


@lru_cache(maxsize=4096)
def effect(name: str) -> Effect:
    """Return what a field changes, by its name in whatever case."""
    name = name.casefold()
    if name in COUNTED:
        return Effect.COUNTED
    if "offload" in name:
        return Effect.OFFLOAD
    if _NONE.fullmatch(name):
        return Effect.NONE
    if _LESS.fullmatch(name):
        return Effect.LESS
    return Effect.NOT_COUNTED if _NOT_COUNTED.search(name) else Effect.OPEN
