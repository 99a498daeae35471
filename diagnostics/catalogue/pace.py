"""211 to 219: batches, sequences, steps, and rates."""

from .. import codes
from ..code import Code
from ..model import Severity

_MULTI_GPU = '[compute]\ngpu_type = "H100"\ngpu_count = 8\n'

CODES = (
    Code(
        codes.GLOBAL_BATCH_MISMATCH,
        "global-batch-mismatch",
        Severity.ERROR,
        "`global_batch` is {target}, but {device} per device × {accumulation} accumulation × "
        "{parallel} data-parallel = {product}",
        why="DeepSpeed rejects a global batch that is not the product of its factors",
        page="One optimizer step processes `per_device_batch` × `gradient_accumulation_steps` × "
        "data-parallel size sequences. The data-parallel size is `gpu_count` × `nodes` ÷ "
        "(`tensor_parallel_size` × `pipeline_parallel_size`). Set `global_batch` to that "
        "product, or leave it out.",
        bad=f"{_MULTI_GPU}[hyperparameters]\nglobal_batch = 64\nper_device_batch = 1\n"
        "gradient_accumulation_steps = 64\n",
        good=f"{_MULTI_GPU}[hyperparameters]\nglobal_batch = 64\nper_device_batch = 1\n"
        "gradient_accumulation_steps = 8\n",
    ),
    Code(
        codes.TWO_NAMES_FOR_THE_BATCH,
        "two-names-for-the-batch",
        Severity.WARNING,
        "`batch_size` and `per_device_batch` mean the same",
        why="it is undefined which of the two the backend uses",
        page="Both set the number of sequences that each device processes at once.",
        bad="[hyperparameters]\nbatch_size = 2\nper_device_batch = 2\n",
        good="[hyperparameters]\nper_device_batch = 2\n",
        hint="keep `per_device_batch`",
    ),
    Code(
        codes.SEVERAL_LENGTHS,
        "several-lengths",
        Severity.WARNING,
        "{names} each set the length of the training",
        why="it is undefined which of them the backend uses",
        page="`n_epochs`, `total_steps`, `train_steps` and `steps` each limit the training. Keep "
        "one.",
        bad="[hyperparameters]\nn_epochs = 2\ntotal_steps = 1000\n",
        good="[hyperparameters]\ntotal_steps = 1000\n",
        hint="keep one of them",
    ),
    Code(
        codes.HIGH_LEARNING_RATE,
        "high-learning-rate",
        Severity.WARNING,
        "`learning_rate` is {rate}, above 0.01",
        why="fine-tuning diverges at such a rate; this is nearly always a typo",
        page="Typical rates are 1e-6 to 5e-5 for full fine-tuning, and 1e-5 to 1e-3 for LoRA and "
        "QLoRA. Often the minus sign is missing: `5e6` instead of `5e-6`.",
        bad="[hyperparameters]\nlearning_rate = 5e6\n",
        good="[hyperparameters]\nlearning_rate = 5e-6\n",
        hint="is a minus sign missing?",
    ),
    Code(
        codes.WARMUP_UNDER_ONE_STEP,
        "warmup-under-one-step",
        Severity.WARNING,
        "`warmup_ratio` {ratio} × {steps} steps = {product}, less than one step",
        page="There would be no warm-up, or one of a single step. Raise the ratio, or set it to 0.",
        bad="[hyperparameters]\nsteps = 20\nwarmup_ratio = 0.03\n",
        good="[hyperparameters]\nsteps = 200\nwarmup_ratio = 0.03\n",
        hint="raise it, or set it to 0",
    ),
    Code(
        codes.SEQUENCE_BEYOND_CONTEXT,
        "sequence-beyond-context",
        Severity.WARNING,
        "`sequence_length` is {length}, but {model} has a context of {context} tokens",
        why="the model was never trained on positions beyond its context",
        page="The context length is `max_position_embeddings` in the model's config.json. For "
        "longer sequences, use a model with a longer context, or RoPE scaling.",
        bad="[hyperparameters]\nsequence_length = 65536\n",
        good="[hyperparameters]\nsequence_length = 32768\n",
    ),
    Code(
        codes.TWO_WARMUPS,
        "two-warmups",
        Severity.WARNING,
        "`warmup_ratio` = {ratio} and `warmup_steps` = {steps} both set the warm-up",
        why="transformers ignores the ratio; axolotl rejects both together",
        page="`warmup_steps` is the number of warm-up steps, `warmup_ratio` their fraction of "
        "all steps. Keep the ratio if the dataset or the batch size may still change.",
        bad="[hyperparameters]\nwarmup_ratio = 0.03\nwarmup_steps = 100\n",
        good="[hyperparameters]\nwarmup_ratio = 0.03\n",
        hint="keep one of them",
    ),
    Code(
        codes.PACKING_WITHOUT_LENGTH,
        "packing-without-length",
        Severity.WARNING,
        "`{key} = true` needs a `sequence_length` to pack to",
        why="without it, trainers pack to their own default, often 1,024 or 2,048 tokens",
        page="Packing concatenates short examples into sequences of `sequence_length` tokens, so "
        "the length determines how many examples a batch contains and how much memory it needs.",
        bad="[hyperparameters]\npacking = true\n",
        good="[hyperparameters]\npacking = true\nsequence_length = 4096\n",
        hint="set sequence_length",
    ),
)
