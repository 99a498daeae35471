"""200 to 210: GPUs, how they are divided, and what they compute in."""

from .. import codes
from ..code import Code
from ..model import Severity

_MULTI_GPU = '[compute]\ngpu_type = "H100"\ngpu_count = 8\n'

CODES = (
    Code(
        codes.DEEPSPEED_AND_FSDP,
        "deepspeed-and-fsdp",
        Severity.ERROR,
        "`fsdp` and `use_deepspeed` are both on",
        why="each shards the model its own way; the trainer refuses the two together",
        page="DeepSpeed ZeRO and FSDP do the same work. transformers, axolotl and accelerate "
        "each refuse a run that asks for both.",
        bad="[hyperparameters.parallelism]\nuse_deepspeed = true\ndeepspeed_stage = 2\n"
        "fsdp = true\n",
        good="[hyperparameters.parallelism]\nuse_deepspeed = true\ndeepspeed_stage = 2\n"
        "fsdp = false\n",
        hint="turn one of them off",
    ),
    Code(
        codes.BF16_AND_FP16,
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
        codes.STAGE_WITHOUT_DEEPSPEED,
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
        codes.MODEL_PARALLEL_DOES_NOT_DIVIDE,
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
        codes.WORLD_SIZE_MISMATCH,
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
        codes.MORE_CONTAINERS_THAN_GPUS,
        "more-containers-than-gpus",
        Severity.WARNING,
        "`container_count` is {containers}, more than the job's {gpus}",
        page="`container_count` says over how many containers the job is spread; configs that "
        "run set it to `gpu_count` × `nodes`. A container without a GPU has nothing to train on.",
        bad=f"{_MULTI_GPU}[data.topology]\ncontainer_count = 16\n",
        good=f"{_MULTI_GPU}[data.topology]\ncontainer_count = 8\n",
        hint="set it to gpu_count × nodes, or fewer",
    ),
    Code(
        codes.BF16_NOT_NATIVE,
        "bf16-not-native",
        Severity.WARNING,
        "`bf16 = true`, but the {gpu} has no native bfloat16",
        why="most trainers refuse to start; others emulate bfloat16, which is slow",
        page="NVIDIA GPUs compute in bfloat16 from the Ampere generation (A100, A10, RTX 30) on. "
        "On a V100, P100 or T4, or on an RTX 20 or GTX card, use float16 with loss scaling.",
        bad='[compute]\ngpu_type = "V100"\n[hyperparameters.parallelism]\nbf16 = true\n',
        good='[compute]\ngpu_type = "V100"\n[hyperparameters.parallelism]\nfp16 = true\n',
        hint="use fp16 = true, or a GPU with bfloat16",
    ),
    Code(
        codes.DEEPSPEED_WITHOUT_STAGE,
        "deepspeed-without-stage",
        Severity.WARNING,
        "`use_deepspeed = true` {state}, so DeepSpeed shards nothing",
        why="each GPU holds the whole model, its gradients and its optimizer states",
        page="`deepspeed_stage` selects what ZeRO shards: 1 the optimizer states, 2 the gradients "
        "as well, 3 the parameters as well. DeepSpeed's own default is stage 0, plain data "
        "parallelism, and a model that was meant to be sharded runs out of memory.",
        bad="[hyperparameters.parallelism]\nuse_deepspeed = true\n",
        good="[hyperparameters.parallelism]\nuse_deepspeed = true\ndeepspeed_stage = 2\n",
        hint="set deepspeed_stage to 1, 2 or 3",
    ),
    Code(
        codes.OFFLOAD_BELOW_ZERO3,
        "offload-below-zero3",
        Severity.WARNING,
        "`offload_param` needs ZeRO stage 3, but `deepspeed_stage` is {stage}",
        why="below stage 3 every GPU keeps all parameters, so nothing is offloaded",
        page="DeepSpeed offloads parameters to the CPU or to NVMe only where stage 3 shards them. "
        "Optimizer states can be offloaded from stage 1 on, with `offload_optimizer`.",
        bad="[hyperparameters.parallelism]\nuse_deepspeed = true\ndeepspeed_stage = 2\n"
        'offload_param = {device = "cpu"}\n',
        good="[hyperparameters.parallelism]\nuse_deepspeed = true\ndeepspeed_stage = 3\n"
        'offload_param = {device = "cpu"}\n',
        hint="set deepspeed_stage = 3, or leave offload_param out",
    ),
    Code(
        codes.GPU_COUNTS_DISAGREE,
        "gpu-counts-disagree",
        Severity.WARNING,
        "`{key}` is {count}, but {names} is {expected}",
        why="the backend allocates GPUs by gpu_count and nodes",
        page="`gpu_count` is the number of GPUs in each node, and the job has `gpu_count` × "
        "`nodes` of them. `gpus_per_node` and `total_gpus` say the same again under other names, "
        "and can be left out.",
        bad=f"{_MULTI_GPU}nodes = 2\ntotal_gpus = 8\n",
        good=f"{_MULTI_GPU}nodes = 2\ntotal_gpus = 16\n",
        hint="leave it out, or correct gpu_count and nodes",
    ),
)
