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
        why="DeepSpeed refuses a global batch that is not the product of its factors",
        page="One optimizer step sees `per_device_batch` × `gradient_accumulation_steps` × "
        "data-parallel size sequences, where the data-parallel size is `gpu_count` × `nodes` ÷ "
        "(`tensor_parallel_size` × `pipeline_parallel_size`). `global_batch` must be that "
        "product, or be left out.",
        bad=f"{_MULTI_GPU}[hyperparameters]\nglobal_batch = 64\nper_device_batch = 1\n"
        "gradient_accumulation_steps = 64\n",
        good=f"{_MULTI_GPU}[hyperparameters]\nglobal_batch = 64\nper_device_batch = 1\n"
        "gradient_accumulation_steps = 8\n",
    ),
    Code(
        codes.TWO_NAMES_FOR_THE_BATCH,
        "two-names-for-the-batch",
        Severity.WARNING,
        "`batch_size` and `per_device_batch` are two names for one thing",
        why="nothing says which of the two the backend takes",
        page="Both are the number of sequences that a device processes at once.",
        bad="[hyperparameters]\nbatch_size = 2\nper_device_batch = 2\n",
        good="[hyperparameters]\nper_device_batch = 2\n",
        hint="keep `per_device_batch`",
    ),
    Code(
        codes.SEVERAL_LENGTHS,
        "several-lengths",
        Severity.WARNING,
        "{names} each set how long the training is",
        why="nothing says which of them wins",
        page="`n_epochs`, `total_steps`, `train_steps` and `steps` each end the training. Keep "
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
        why="fine-tuning diverges at such a rate; this is nearly always a slip",
        page="Full fine-tuning uses about 1e-6 to 5e-5, LoRA and QLoRA about 1e-5 to 1e-3. A "
        "minus sign may be missing: `5e6` for `5e-6`.",
        bad="[hyperparameters]\nlearning_rate = 5e6\n",
        good="[hyperparameters]\nlearning_rate = 5e-6\n",
        hint="is a minus sign missing?",
    ),
    Code(
        codes.WARMUP_UNDER_ONE_STEP,
        "warmup-under-one-step",
        Severity.WARNING,
        "`warmup_ratio` {ratio} × {steps} steps = {product}, less than one step",
        page="The learning rate would not rise at all, or in a single step. Raise the ratio, "
        "or set it to 0.",
        bad="[hyperparameters]\nsteps = 20\nwarmup_ratio = 0.03\n",
        good="[hyperparameters]\nsteps = 200\nwarmup_ratio = 0.03\n",
        hint="raise it, or write 0",
    ),
    Code(
        codes.SEQUENCE_BEYOND_CONTEXT,
        "sequence-beyond-context",
        Severity.WARNING,
        "`sequence_length` is {length}, but {model} has a context of {context} tokens",
        why="positions beyond the context were never trained",
        page="The context is `max_position_embeddings` of the model's config.json. Longer "
        "sequences need a model, or a scaling of its positions, that is made for them.",
        bad="[hyperparameters]\nsequence_length = 65536\n",
        good="[hyperparameters]\nsequence_length = 32768\n",
    ),
    Code(
        codes.TWO_WARMUPS,
        "two-warmups",
        Severity.WARNING,
        "`warmup_ratio` = {ratio} and `warmup_steps` = {steps} both set the warm-up",
        why="transformers ignores the ratio; axolotl refuses the two together",
        page="`warmup_steps` is the length of the warm-up in optimizer steps, `warmup_ratio` its "
        "share of all steps. Keep the ratio if the dataset or the batch may still change.",
        bad="[hyperparameters]\nwarmup_ratio = 0.03\nwarmup_steps = 100\n",
        good="[hyperparameters]\nwarmup_ratio = 0.03\n",
        hint="keep one of them",
    ),
    Code(
        codes.PACKING_WITHOUT_LENGTH,
        "packing-without-length",
        Severity.WARNING,
        "`{key} = true` needs a `sequence_length` to pack to",
        why="without one the trainer packs to a default of its own, often 1,024 or 2,048 tokens",
        page="Packing concatenates short examples into sequences of `sequence_length` tokens, so "
        "the length decides how many examples a batch holds and how much memory it takes.",
        bad="[hyperparameters]\npacking = true\n",
        good="[hyperparameters]\npacking = true\nsequence_length = 4096\n",
        hint="set sequence_length",
    ),
)
