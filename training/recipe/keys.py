"""Each field of the payload's schema: what it becomes, in the words of the docs and of recipes.

A field that becomes nothing is noted with its words. docs/training.md has this table.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from ...diagnostics import KeyPath
from ...diagnostics.pointers import pointer
from ...payloads import fields
from ...schemas import key_schema


class Key(NamedTuple):
    """What becomes of a field.

    Attributes:
        becomes: the settings that it may become; empty: none.
        words: how, or why not.

    """

    becomes: tuple[str, ...]
    words: str


def _key(words: str, *becomes: str) -> Key:
    return Key(becomes, words)


_COUNT: Final = _key(
    "total optimizer steps; the first of total_steps, train_steps and steps wins, and overrides "
    "n_epochs",
    "trainer.max_steps",
)
_DEVICE: Final = _key(
    "rows per process and micro-batch, in training and in evaluation; per_device_batch wins",
    "trainer.per_device_train_batch_size",
)
_FILE: Final = "path of the file for the config; the trainer reads the copy in the job's folder"
_PIN: Final = "pins the reviewed file; it is verified before the job, and sets nothing"

KEYS: Final[Mapping[KeyPath, Key]] = {
    fields.MODEL: _key(
        "a folder in --models, or a model in the Hugging Face cache or on the Hub; only "
        "safetensors files, and no code of its own",
        "model.name",
    ),
    ("training_type",): _key("this API has one training type"),
    fields.TRAINING_FILE_ID: _key("names the uploaded training file at the backend"),
    fields.N_EPOCHS: _key("epochs, unless a number of steps is set", "trainer.num_train_epochs"),
    fields.TOTAL_STEPS: _COUNT,
    fields.TRAIN_STEPS: _COUNT,
    fields.STEPS: _COUNT,
    fields.BATCH_SIZE: _DEVICE,
    fields.PER_DEVICE_BATCH: _DEVICE,
    fields.GRADIENT_ACCUMULATION_STEPS: _key(
        "micro-batches per step; increased if there are fewer processes than requested, to keep "
        "the global batch",
        "trainer.gradient_accumulation_steps",
    ),
    fields.GLOBAL_BATCH: _key(
        "rows per step over all processes; determines a missing factor, and must be divisible by "
        "the others",
        "launch.global_batch",
    ),
    fields.WORLD_SIZE: _key("must equal gpu_count × nodes; sets nothing"),
    fields.SEQUENCE_LENGTH: _key(
        "tokens that rows are truncated to; a row without a token in the loss is dropped, with a "
        "note",
        "rows.max_length",
    ),
    fields.LEARNING_RATE: _key("peak learning rate", "trainer.learning_rate"),
    fields.WARMUP_RATIO: _key(
        "transformers 5 reads warmup_steps below 1 as a fraction of the steps; 1 would be one "
        "step, so 1.0 becomes 0.999999",
        "trainer.warmup_steps",
    ),
    fields.WEIGHT_DECAY: _key("decoupled weight decay", "trainer.weight_decay"),
    fields.TRAIN_KIND: _key("fft trains all weights, peft an adapter", "method"),
    fields.LORA_RANK: _key("rank of the adapter", "lora.r"),
    fields.LORA_ALPHA: _key("scale of the adapter: alpha ÷ rank", "lora.lora_alpha"),
    fields.LORA_DROPOUT: _key("dropout before the adapter", "lora.lora_dropout"),
    fields.LORA_TARGET_MODULES: _key(
        "modules with an adapter; each name must match a module of the model; all-linear must be "
        "alone",
        "lora.target_modules",
    ),
    fields.EVALUATION_STRATEGY: _key("when to evaluate", "trainer.eval_strategy"),
    fields.EVAL_STEPS: _key(
        "steps between evaluations, and between checkpoints; 0: no evaluation",
        "trainer.eval_steps",
    ),
    fields.SAVE_BEST_MODEL_AT_END: _key(
        "the result is the checkpoint with the best metric, not the last one",
        "trainer.load_best_model_at_end",
    ),
    fields.METRIC_FOR_BEST_MODEL: _key(
        "metric of the evaluation, under its transformers name",
        "trainer.metric_for_best_model",
    ),
    fields.GREATER_IS_BETTER: _key(
        "whether higher values of the metric are better", "trainer.greater_is_better"
    ),
    fields.USE_DEEPSPEED: _key("DeepSpeed with the ZeRO stage, on GPUs", "trainer.deepspeed"),
    fields.DEEPSPEED_STAGE: _key(
        "the ZeRO stage; 0 is plain data parallelism", "trainer.deepspeed"
    ),
    fields.FSDP: _key("FSDP2, on GPUs; on a CPU it would be ignored", "trainer.fsdp"),
    fields.BF16: _key(
        "bfloat16: the dtype of the base model under an adapter, otherwise autocast with float32 "
        "weights",
        "trainer.bf16",
    ),
    fields.FP16: _key("float16 autocast with loss scaling, on GPUs", "trainer.fp16"),
    fields.ACTIVATION_CHECKPOINTING: _key(
        "recomputes activations in the backward pass; FSDP has a setting of its own",
        "trainer.activation_checkpointing",
        "trainer.fsdp_config",
    ),
    fields.TENSOR_PARALLEL_SIZE: _key(
        "processes that each layer is split across, on GPUs; several copies of the model also "
        "need fsdp",
        "launch.tensor_parallel",
    ),
    fields.PIPELINE_PARALLEL_SIZE: _key(
        "must be 1: transformers does not support pipeline parallelism"
    ),
    fields.GPU_TYPE: _key(
        "the GPU type that a launcher requests; if another one is used, a note says so",
        "launch.gpu_type",
    ),
    fields.GPU_COUNT: _key("processes per node, one per GPU", "launch.processes_per_node"),
    fields.NODES: _key("machines", "launch.nodes"),
    fields.CONTAINER_COUNT: _key("information only; sets nothing"),
    fields.VALIDATION_FILES: _key("names the uploaded validation files at the backend"),
    fields.MODE: _key("full_finetune and lora select a method, sft_offline does not", "method"),
    fields.USE_QLORA: _key("a 4-bit base (NF4, double quantization) under an adapter", "method"),
    fields.VALIDATION_ENABLED: _key("whether to evaluate during training", "evaluated"),
    fields.FORMAT: _key("version of the payload format"),
    **{
        (*path[:-1], fact): _key(_FILE if fact == "path" else _PIN)
        for path in (fields.TRAINING_PATH, fields.VALIDATION_PATH)
        for fact in key_schema(path[:-1], "payload")["properties"]
    },
}
"""By field, in the order of the docs."""


def sets_nothing(field: str) -> bool:
    """Whether the field of a pointer is for readers, or for others than a trainer."""
    for path, key in KEYS.items():
        if pointer(path) == field:
            return not key.becomes
    return field.startswith("/metadata/")
