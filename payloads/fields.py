"""The fields of a payload by name: the one place that spells where each of them is.

Only names. What a field means is ``job``'s; what it may hold is its schema's.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from .. import schemas
from ..diagnostics import KeyPath
from ..schemas import value_at as value_at  # noqa: PLC0414 - the way to a field, for all who name one
from ..schemas.deriving import is_opened, routed_keys

MODEL: Final = ("model",)
TRAINING_FILE_ID: Final = ("training_file_id",)
METADATA: Final = ("metadata",)

HYPERPARAMETERS: Final = ("hyperparameters",)
N_EPOCHS: Final = (*HYPERPARAMETERS, "n_epochs")
TOTAL_STEPS: Final = (*HYPERPARAMETERS, "total_steps")
TRAIN_STEPS: Final = (*HYPERPARAMETERS, "train_steps")
STEPS: Final = (*HYPERPARAMETERS, "steps")
BATCH_SIZE: Final = (*HYPERPARAMETERS, "batch_size")
PER_DEVICE_BATCH: Final = (*HYPERPARAMETERS, "per_device_batch")
GRADIENT_ACCUMULATION_STEPS: Final = (*HYPERPARAMETERS, "gradient_accumulation_steps")
GLOBAL_BATCH: Final = (*HYPERPARAMETERS, "global_batch")
WORLD_SIZE: Final = (*HYPERPARAMETERS, "world_size")
SEQUENCE_LENGTH: Final = (*HYPERPARAMETERS, "sequence_length")
LEARNING_RATE: Final = (*HYPERPARAMETERS, "learning_rate")
WARMUP_RATIO: Final = (*HYPERPARAMETERS, "warmup_ratio")
WEIGHT_DECAY: Final = (*HYPERPARAMETERS, "weight_decay")
TRAIN_KIND: Final = (*HYPERPARAMETERS, "train_kind")
LORA_RANK: Final = (*HYPERPARAMETERS, "lora_rank")
LORA_ALPHA: Final = (*HYPERPARAMETERS, "lora_alpha")
LORA_DROPOUT: Final = (*HYPERPARAMETERS, "lora_dropout")
LORA_TARGET_MODULES: Final = (*HYPERPARAMETERS, "lora_target_modules")
EVALUATION_STRATEGY: Final = (*HYPERPARAMETERS, "evaluation_strategy")
EVAL_STEPS: Final = (*HYPERPARAMETERS, "eval_steps")
SAVE_BEST_MODEL_AT_END: Final = (*HYPERPARAMETERS, "save_best_model_at_end")
METRIC_FOR_BEST_MODEL: Final = (*HYPERPARAMETERS, "metric_for_best_model")
GREATER_IS_BETTER: Final = (*HYPERPARAMETERS, "greater_is_better")

PARALLELISM: Final = (*HYPERPARAMETERS, "parallelism")
USE_DEEPSPEED: Final = (*PARALLELISM, "use_deepspeed")
DEEPSPEED_STAGE: Final = (*PARALLELISM, "deepspeed_stage")
FSDP: Final = (*PARALLELISM, "fsdp")
BF16: Final = (*PARALLELISM, "bf16")
FP16: Final = (*PARALLELISM, "fp16")
ACTIVATION_CHECKPOINTING: Final = (*PARALLELISM, "activation_checkpointing")
TENSOR_PARALLEL_SIZE: Final = (*PARALLELISM, "tensor_parallel_size")
PIPELINE_PARALLEL_SIZE: Final = (*PARALLELISM, "pipeline_parallel_size")

EFFECTIVE_CONFIG: Final = ("metadata", "effective_config")
COMPUTE: Final = (*EFFECTIVE_CONFIG, "compute")
GPU_TYPE: Final = (*COMPUTE, "gpu_type")
GPU_COUNT: Final = (*COMPUTE, "gpu_count")
NODES: Final = (*COMPUTE, "nodes")
DATA: Final = (*EFFECTIVE_CONFIG, "data")
TOPOLOGY: Final = (*DATA, "topology")
CONTAINER_COUNT: Final = (*TOPOLOGY, "container_count")
VALIDATION_FILES: Final = (*DATA, "validation_files")
TRAINING: Final = (*EFFECTIVE_CONFIG, "training")
MODE: Final = (*TRAINING, "mode")
USE_QLORA: Final = (*TRAINING, "use_qlora")
VALIDATION: Final = (*TRAINING, "validation")
VALIDATION_ENABLED: Final = (*VALIDATION, "enabled")

SFTC: Final = ("metadata", "sftc")
FORMAT: Final = (*SFTC, "format")
FILES: Final = (*SFTC, "files")
TRAINING_PATH: Final = (*FILES, "training", "path")
TRAINING_EXAMPLES: Final = (*FILES, "training", "examples")
TRAINING_TOKENS: Final = (*FILES, "training", "tokens")
TRAINING_TOKENS_CUT: Final = (*FILES, "training", "tokens_cut")
TRAINED_TOKENS: Final = (*FILES, "training", "trained_tokens")
VALIDATION_PATH: Final = (*FILES, "validation", "path")


def replaced(payload: Mapping[str, Any], path: KeyPath, value: Any) -> dict[str, Any]:
    """Return a payload with another value at a path of keys; the one that is given stays as it is.

    Raises:
        KeyError: the payload has no table to put it into.

    """
    key, *below = path
    changed = replaced(payload[str(key)], tuple(below), value) if below else value
    return {**payload, str(key): changed}


def default(path: KeyPath) -> Any:
    """Return what the compiler writes into a field that no key sets, or None for nothing."""
    return _defaults().get(path)


@cache
def _defaults() -> Mapping[KeyPath, Any]:
    """Return the defaults of the config's keys, by the field that each key is routed to."""
    return {
        path: schema["default"]
        for path, schema in routed_keys(schemas.load("config"))
        if "default" in schema and not is_opened(schema)
    }
