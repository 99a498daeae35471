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
        why="the backend follows the payload's metadata, which may not be what you intended",
        page='Full fine-tuning: `use_qlora = false`, `train_kind = "fft"`. LoRA: `mode = '
        '"lora"`, `use_qlora = false`, `train_kind = "peft"`. QLoRA: `use_qlora = true`, '
        '`train_kind = "peft"`. `[algorithm].variety` is documentation only.',
        bad='[training]\nuse_qlora = true\n[hyperparameters]\ntrain_kind = "fft"\n',
        good='[training]\nuse_qlora = true\n[hyperparameters]\ntrain_kind = "peft"\n',
        hint="make them agree",
    ),
    Code(
        codes.ADAPTER_KNOBS_WITHOUT_ADAPTER,
        "adapter-knobs-without-adapter",
        Severity.WARNING,
        "{names} {verb} no effect: neither LoRA nor QLoRA is enabled",
        page="The `lora_*` keys configure an adapter, which only LoRA and QLoRA train. Enable "
        'one of them with `mode = "lora"`, `use_qlora = true` or `train_kind = "peft"`.',
        bad="[hyperparameters]\nlora_rank = 16\n",
        good='[training]\nmode = "lora"\n[hyperparameters]\nlora_rank = 16\n',
        hint='set training.mode = "lora", or remove the lora_* keys',
    ),
    Code(
        codes.QLORA_WITH_ZERO3,
        "qlora-with-zero3",
        Severity.WARNING,
        "QLoRA with ZeRO stage 3 shards a quantized model",
        why="for this, PEFT needs zero3_init, bitsandbytes ≥ 0.43.3 and peft > 0.13",
        page="Stage 3 shards the parameters, which QLoRA quantizes to 4 bits. PEFT's DeepSpeed "
        "guide lists the requirements; stage 2 has none of them.",
        bad="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\n"
        "use_deepspeed = true\ndeepspeed_stage = 3\n",
        good="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\n"
        "use_deepspeed = true\ndeepspeed_stage = 2\n",
        hint="use stage 2, which has no special requirements",
    ),
    Code(
        codes.QLORA_WITH_FSDP,
        "qlora-with-fsdp",
        Severity.WARNING,
        "QLoRA with FSDP shards a quantized model",
        why="for this, PEFT needs the 4-bit storage dtype to be the dtype of the rest of the model",
        page="FSDP can only flatten parameters of one dtype. PEFT's FSDP guide describes how to "
        "set `bnb_4bit_quant_storage`.",
        bad="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\nfsdp = true\n",
        good="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\nfsdp = false\n",
    ),
    Code(
        codes.QLORA_IN_FP16,
        "qlora-in-fp16",
        Severity.NOTE,
        "QLoRA computes in float16 here, although the {gpu} has native bfloat16",
        page="bfloat16 has the range of float32, so it needs no loss scaling. The QLoRA paper "
        "uses it as its compute dtype.",
        bad="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\nfp16 = true\n",
        good="[training]\nuse_qlora = true\n[hyperparameters.parallelism]\nbf16 = true\n",
        hint="set bf16 = true instead of fp16 = true",
    ),
    Code(
        codes.UNKNOWN_MODE,
        "unknown-mode",
        Severity.WARNING,
        "`mode = {mode}` is not a training mode",
        why="the backend selects full fine-tuning or LoRA according to the mode",
        page="`mode` is `sft_offline`, `lora` or `full_finetune`. QLoRA has no mode of its own: "
        'set `mode = "lora"` and `use_qlora = true`. Values that resemble none of these pass '
        "without a warning, because backends may have modes of their own.",
        bad='[training]\nmode = "lorra"\n',
        good='[training]\nmode = "lora"\n',
        hint="use sft_offline, lora or full_finetune",
    ),
    Code(
        codes.UNKNOWN_TRAIN_KIND,
        "unknown-train-kind",
        Severity.WARNING,
        "`train_kind = {kind}` is not a known kind",
        why="the trainer selects full fine-tuning or an adapter according to train_kind",
        page="`train_kind` is `fft` for full fine-tuning, or `peft` for LoRA and QLoRA. Values "
        "that resemble neither pass without a warning, because backends may have kinds of their "
        "own.",
        bad='[hyperparameters]\ntrain_kind = "pefft"\n',
        good='[hyperparameters]\ntrain_kind = "peft"\n',
        hint="use fft or peft",
    ),
)
