"""20x to 23x: keys that do not go together."""

from ..code import Code
from ..model import Severity

_MULTI_GPU = '[compute]\ngpu_type = "H100"\ngpu_count = 8\n'
_VALIDATED = '[data]\nvalidation_path = "data/validation.jsonl"\n'

CODES = (
    Code(
        "SFT201",
        "deepspeed-and-fsdp",
        Severity.ERROR,
        "`fsdp` and `use_deepspeed` are both on",
        why="each shards the model its own way; the trainer refuses the two together",
        page="DeepSpeed ZeRO and FSDP do the same work. transformers, axolotl and accelerate "
        "each refuse a run that asks for both.",
        bad="[hyperparameters.parallelism]\nuse_deepspeed = true\nfsdp = true\n",
        good="[hyperparameters.parallelism]\nuse_deepspeed = true\nfsdp = false\n",
        hint="turn one of them off",
    ),
    Code(
        "SFT202",
        "bf16-and-fp16",
        Severity.ERROR,
        "`fp16` and `bf16` are both on",
        why="the trainer computes in one precision; transformers and DeepSpeed refuse two",
        page="Mixed precision is bfloat16 or float16. On GPUs that have it (A100, H100 and "
        "later) bfloat16 is the better choice: it needs no loss scaling.",
        bad="[hyperparameters.parallelism]\nbf16 = true\nfp16 = true\n",
        good="[hyperparameters.parallelism]\nbf16 = true\nfp16 = false\n",
        hint="turn one of them off",
    ),
    Code(
        "SFT203",
        "stage-without-deepspeed",
        Severity.WARNING,
        "`deepspeed_stage = {stage}` has no effect without `use_deepspeed = true`",
        page="The ZeRO stage belongs to DeepSpeed. Without it nothing is sharded, and a model "
        "that was meant to be sharded may not fit.",
        bad="[hyperparameters.parallelism]\ndeepspeed_stage = 2\n",
        good="[hyperparameters.parallelism]\nuse_deepspeed = true\ndeepspeed_stage = 2\n",
        hint="set use_deepspeed = true, or leave the stage out",
    ),
    Code(
        "SFT204",
        "model-parallel-does-not-divide",
        Severity.ERROR,
        "{tensor} tensor × {pipeline} pipeline parallel = {product} GPUs, "
        "which does not divide {gpus}",
        why="each copy of the model takes that many GPUs, and no GPU may be left over",
        page="`tensor_parallel_size` × `pipeline_parallel_size` GPUs hold one copy of the "
        "model; `gpu_count` × `nodes` must be a multiple of it. The quotient is the "
        "data-parallel size. LLaMA-Factory and accelerate refuse anything else.",
        bad=f"{_MULTI_GPU}[hyperparameters.parallelism]\ntensor_parallel_size = 3\n",
        good=f"{_MULTI_GPU}[hyperparameters.parallelism]\ntensor_parallel_size = 4\n",
        hint="change it, or gpu_count × nodes",
    ),
    Code(
        "SFT205",
        "world-size-mismatch",
        Severity.ERROR,
        "`world_size` is {size}, but gpu_count {count} × nodes {nodes} = {gpus}",
        why="there is one process for each GPU",
        page="`world_size` counts the processes of the job, one a GPU. It follows from "
        "`[compute]` and can be left out.",
        bad=f"{_MULTI_GPU}[hyperparameters]\nworld_size = 4\n",
        good=f"{_MULTI_GPU}[hyperparameters]\nworld_size = 8\n",
    ),
    Code(
        "SFT206",
        "more-containers-than-gpus",
        Severity.WARNING,
        "`container_count` is {containers}, above the {gpus} GPUs of the job",
        page="`container_count` says over how many containers the job is spread; configs that "
        "run set it to `gpu_count` × `nodes`. The backend validates resource consistency.",
        bad=f"{_MULTI_GPU}[data.topology]\ncontainer_count = 16\n",
        good=f"{_MULTI_GPU}[data.topology]\ncontainer_count = 8\n",
        hint="set it to gpu_count × nodes, or fewer",
    ),
    Code(
        "SFT211",
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
        "SFT212",
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
        "SFT213",
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
        "SFT214",
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
        "SFT215",
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
        "SFT216",
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
        "SFT221",
        "flavours-disagree",
        Severity.WARNING,
        "`{later}` says {one}, `{earlier}` says {other}",
        why="the backend decides by the payload's metadata, which may not be what you meant",
        page='Full fine-tuning: `use_qlora = false`, `train_kind = "fft"`. LoRA: '
        '`mode = "lora"`, `use_qlora = false`, `train_kind = "peft"`. QLoRA: '
        '`use_qlora = true`, `train_kind = "peft"`. `[algorithm].variety` only documents '
        "the choice.",
        bad='[training]\nuse_qlora = true\n[hyperparameters]\ntrain_kind = "fft"\n',
        good='[training]\nuse_qlora = true\n[hyperparameters]\ntrain_kind = "peft"\n',
        hint="make the two agree",
    ),
    Code(
        "SFT222",
        "adapter-knobs-without-adapter",
        Severity.WARNING,
        "nothing says LoRA, so there is no adapter for {names} to shape",
        page="The `lora_*` knobs shape an adapter, which only LoRA and QLoRA train. Say so "
        'with `mode = "lora"`, `use_qlora = true` or `train_kind = "peft"`.',
        bad="[hyperparameters]\nlora_rank = 16\n",
        good='[training]\nmode = "lora"\n[hyperparameters]\nlora_rank = 16\n',
        hint='set training.mode = "lora", or leave them out',
    ),
    Code(
        "SFT223",
        "qlora-with-zero3",
        Severity.WARNING,
        "QLoRA with ZeRO stage 3 shards a quantized model",
        why="PEFT needs zero3_init, bitsandbytes ≥ 0.43.3 and peft > 0.13 for it",
        page="Stage 3 shards the parameters, which QLoRA has quantized to 4 bits. PEFT's guide "
        "for DeepSpeed says what that needs; stage 2 needs none of it.",
        bad="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\n"
        "use_deepspeed = true\ndeepspeed_stage = 3\n",
        good="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\n"
        "use_deepspeed = true\ndeepspeed_stage = 2\n",
        hint="stage 2 needs nothing special",
    ),
    Code(
        "SFT224",
        "qlora-with-fsdp",
        Severity.WARNING,
        "QLoRA with FSDP shards a quantized model",
        why="PEFT needs the 4-bit storage in the same dtype as the rest of the model for it",
        page="FSDP flattens parameters of one dtype. PEFT's guide for FSDP says how "
        "`bnb_4bit_quant_storage` must be set.",
        bad="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\nfsdp = true\n",
        good="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\nfsdp = false\n",
    ),
    Code(
        "SFT225",
        "qlora-in-fp16",
        Severity.NOTE,
        "QLoRA computes in float16 here; {gpu} has native bfloat16",
        page="bfloat16 has the range of float32, so it needs no loss scaling. It is what the "
        "QLoRA paper computes in.",
        bad="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\nfp16 = true\n",
        good="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\nbf16 = true\n",
        hint="bf16 = true is the native choice",
    ),
    Code(
        "SFT231",
        "no-eval-steps",
        Severity.WARNING,
        "validation goes by steps, but `eval_steps` is 0",
        why="the trainer has no number of steps after which to evaluate",
        page='With `evaluation_strategy = "steps"`, the default, `eval_steps` says how many '
        "steps lie between two evaluations. Left out, it is 0 in the payload.",
        bad=f"{_VALIDATED}[training.validation]\nenabled = true\n",
        good=f"{_VALIDATED}[training.validation]\nenabled = true\neval_steps = 20\n",
        hint="set eval_steps, for example to 20",
    ),
    Code(
        "SFT232",
        "validation-without-data",
        Severity.WARNING,
        "validation is on, but [data] has no `validation_path`",
        why="nothing would be evaluated",
        page="`[training.validation]` turns validation on; the data to evaluate on is the "
        "JSONL file named by `validation_path` in `[data]`.",
        bad="[training.validation]\neval_steps = 20\n",
        good=f"{_VALIDATED}[training.validation]\neval_steps = 20\n",
        hint="set data.validation_path, or enabled = false",
    ),
    Code(
        "SFT233",
        "data-without-validation",
        Severity.WARNING,
        "`validation_path` is set, but [training.validation] {state}",
        why="the file would be uploaded and never used",
        page="The validation data is used only when `[training.validation]` is there and enabled.",
        bad=_VALIDATED,
        good=f"{_VALIDATED}[training.validation]\neval_steps = 20\n",
    ),
    Code(
        "SFT234",
        "best-model-without-evaluation",
        Severity.ERROR,
        "`save_best_model_at_end` is true{given}, but nothing is evaluated",
        why="without an evaluation no model is the best; the trainer refuses",
        page='`evaluation_strategy = "no"` evaluates never, so there is no metric to choose a '
        "model by. Note that `save_best_model_at_end` is true when it is left out.",
        bad=f'{_VALIDATED}[training.validation]\nevaluation_strategy = "no"\n',
        good=f'{_VALIDATED}[training.validation]\nevaluation_strategy = "no"\n'
        "save_best_model_at_end = false\n",
        hint="set save_best_model_at_end = false",
    ),
    Code(
        "SFT235",
        "greater-loss-is-better",
        Severity.WARNING,
        "`greater_is_better = true` with the metric {metric} keeps the worst model",
        page="A loss is better when it is lower.",
        bad=f"{_VALIDATED}[training.validation]\neval_steps = 20\ngreater_is_better = true\n",
        good=f"{_VALIDATED}[training.validation]\neval_steps = 20\ngreater_is_better = false\n",
        hint="write false",
    ),
)
