"""22x: full fine-tuning, LoRA, and QLoRA."""

from .. import codes
from ..code import Code
from ..model import Severity

CODES = (
    Code(
        codes.FLAVOURS_DISAGREE,
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
        codes.ADAPTER_KNOBS_WITHOUT_ADAPTER,
        "adapter-knobs-without-adapter",
        Severity.WARNING,
        "{names} {verb} no effect: neither LoRA nor QLoRA is on",
        page="The `lora_*` knobs shape an adapter, which only LoRA and QLoRA train. Say so "
        'with `mode = "lora"`, `use_qlora = true` or `train_kind = "peft"`.',
        bad="[hyperparameters]\nlora_rank = 16\n",
        good='[training]\nmode = "lora"\n[hyperparameters]\nlora_rank = 16\n',
        hint='set training.mode = "lora", or leave them out',
    ),
    Code(
        codes.QLORA_WITH_ZERO3,
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
        codes.QLORA_WITH_FSDP,
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
        codes.QLORA_IN_FP16,
        "qlora-in-fp16",
        Severity.NOTE,
        "QLoRA computes in float16 here, although the {gpu} has native bfloat16",
        page="bfloat16 has the range of float32, so it needs no loss scaling. It is what the "
        "QLoRA paper computes in.",
        bad="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\nfp16 = true\n",
        good="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\nbf16 = true\n",
        hint="bf16 = true is the native choice",
    ),
    Code(
        codes.UNKNOWN_MODE,
        "unknown-mode",
        Severity.WARNING,
        "`mode = {mode}` is not a training mode",
        why="the backend selects full fine-tuning or LoRA by the mode",
        page="`mode` is `sft_offline`, `lora` or `full_finetune`. QLoRA has no mode of its own: "
        'use `mode = "lora"` with `use_qlora = true`. Modes that resemble none of these pass '
        "without a warning, because a backend may have its own.",
        bad='[training]\nmode = "lorra"\n',
        good='[training]\nmode = "lora"\n',
        hint="use sft_offline, lora or full_finetune",
    ),
    Code(
        codes.UNKNOWN_TRAIN_KIND,
        "unknown-train-kind",
        Severity.WARNING,
        "`train_kind = {kind}` is not a kind of training",
        why="the trainer selects full fine-tuning or an adapter by the kind",
        page="`train_kind` is `fft` for full fine-tuning, or `peft` for LoRA and QLoRA. Kinds that "
        "resemble neither pass without a warning, because a backend may have its own.",
        bad='[hyperparameters]\ntrain_kind = "pefft"\n',
        good='[hyperparameters]\ntrain_kind = "peft"\n',
        hint="use fft or peft",
    ),
)
