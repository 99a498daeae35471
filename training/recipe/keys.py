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
    "optimizer steps in all; the first of total_steps, train_steps, steps wins, and over n_epochs",
    "trainer.max_steps",
)
_DEVICE: Final = _key(
    "rows that a process sees at once, in training and in evaluation; per_device_batch wins",
    "trainer.per_device_train_batch_size",
)
_FILE: Final = "where the config found the file; a trainer reads the copy in the job's folder"
_PIN: Final = "pins the file that was reviewed; it is checked before the job, and sets nothing"

KEYS: Final[Mapping[KeyPath, Key]] = {
    fields.MODEL: _key(
        "a folder below --models, or a model of the Hugging Face cache or hub; safetensors, and "
        "never code of its own",
        "model.name",
    ),
    ("training_type",): _key("this API has one training type"),
    fields.TRAINING_FILE_ID: _key("names the uploaded training file at the backend"),
    fields.N_EPOCHS: _key(
        "passes over the rows, unless a number of steps is set", "trainer.num_train_epochs"
    ),
    fields.TOTAL_STEPS: _COUNT,
    fields.TRAIN_STEPS: _COUNT,
    fields.STEPS: _COUNT,
    fields.BATCH_SIZE: _DEVICE,
    fields.PER_DEVICE_BATCH: _DEVICE,
    fields.GRADIENT_ACCUMULATION_STEPS: _key(
        "micro-batches of a step; more of them where there are fewer processes than asked for, so "
        "that the global batch stays",
        "trainer.gradient_accumulation_steps",
    ),
    fields.GLOBAL_BATCH: _key(
        "rows of a step over all processes; gives the factor that is left open, and must divide",
        "launch.global_batch",
    ),
    fields.WORLD_SIZE: _key("checked against gpu_count × nodes, and sets nothing"),
    fields.SEQUENCE_LENGTH: _key(
        "tokens that a row is cut to; a row left with nothing to learn is dropped, with a note",
        "rows.max_length",
    ),
    fields.LEARNING_RATE: _key("the peak of the learning rate", "trainer.learning_rate"),
    fields.WARMUP_RATIO: _key(
        "transformers 5 takes a share of the steps as warmup_steps below 1; 1 would be one step, "
        "so 1.0 becomes 0.999999",
        "trainer.warmup_steps",
    ),
    fields.WEIGHT_DECAY: _key("decoupled weight decay", "trainer.weight_decay"),
    fields.TRAIN_KIND: _key("fft trains all weights, peft an adapter", "method"),
    fields.LORA_RANK: _key("rank of the adapter", "lora.r"),
    fields.LORA_ALPHA: _key("scale of the adapter: alpha ÷ rank", "lora.lora_alpha"),
    fields.LORA_DROPOUT: _key("dropout before the adapter", "lora.lora_dropout"),
    fields.LORA_TARGET_MODULES: _key(
        "modules with an adapter; each name must match one of the model's; all-linear stands alone",
        "lora.target_modules",
    ),
    fields.EVALUATION_STRATEGY: _key(
        "when the validation rows are evaluated", "trainer.eval_strategy"
    ),
    fields.EVAL_STEPS: _key(
        "steps between two evaluations, and between two checkpoints; 0: no evaluation",
        "trainer.eval_steps",
    ),
    fields.SAVE_BEST_MODEL_AT_END: _key(
        "the result is the checkpoint with the best metric, not the last one",
        "trainer.load_best_model_at_end",
    ),
    fields.METRIC_FOR_BEST_MODEL: _key(
        "the measure of an evaluation, under transformers' name for it",
        "trainer.metric_for_best_model",
    ),
    fields.GREATER_IS_BETTER: _key(
        "which of two values of the metric is better", "trainer.greater_is_better"
    ),
    fields.USE_DEEPSPEED: _key("DeepSpeed at the ZeRO stage, on GPUs", "trainer.deepspeed"),
    fields.DEEPSPEED_STAGE: _key(
        "the ZeRO stage; 0 is plain data parallelism", "trainer.deepspeed"
    ),
    fields.FSDP: _key("FSDP2, on GPUs; on a CPU it would be ignored", "trainer.fsdp"),
    fields.BF16: _key(
        "bfloat16: of the base model under an adapter, else autocast over float32 weights",
        "trainer.bf16",
    ),
    fields.FP16: _key("float16 autocast with loss scaling, on GPUs", "trainer.fp16"),
    fields.ACTIVATION_CHECKPOINTING: _key(
        "activations are computed again in the backward pass; FSDP has a setting of its own",
        "trainer.activation_checkpointing",
        "trainer.fsdp_config",
    ),
    fields.TENSOR_PARALLEL_SIZE: _key(
        "processes that share each layer, on GPUs; copies of the model need fsdp besides",
        "launch.tensor_parallel",
    ),
    fields.PIPELINE_PARALLEL_SIZE: _key("one stage is how it trains; transformers trains no more"),
    fields.GPU_TYPE: _key(
        "the GPU that a launcher asks for; where another is there, a note says so",
        "launch.gpu_type",
    ),
    fields.GPU_COUNT: _key("processes of a node, one a GPU", "launch.processes_per_node"),
    fields.NODES: _key("machines", "launch.nodes"),
    fields.CONTAINER_COUNT: _key("for visibility; nothing trains by it"),
    fields.VALIDATION_FILES: _key("names the uploaded validation files at the backend"),
    fields.MODE: _key("full_finetune and lora say a method, sft_offline none", "method"),
    fields.USE_QLORA: _key("a 4-bit base (NF4, double quantization) under an adapter", "method"),
    fields.VALIDATION_ENABLED: _key(
        "whether the validation rows are evaluated while training", "evaluated"
    ),
    fields.FORMAT: _key("the version of the payload's format"),
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
