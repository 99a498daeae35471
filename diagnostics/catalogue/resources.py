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
        why="both shard the model; trainers refuse to run with both",
        page="DeepSpeed ZeRO and FSDP are alternatives. transformers, axolotl and accelerate all "
        "refuse a run that enables both.",
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
        why="training uses one precision; transformers and DeepSpeed refuse both",
        page="Mixed precision uses either bfloat16 or float16. On GPUs that support it (A100, "
        "H100 and later), prefer bfloat16: it needs no loss scaling.",
        bad="[hyperparameters.parallelism]\nbf16 = true\nfp16 = true\n",
        good="[hyperparameters.parallelism]\nbf16 = true\nfp16 = false\n",
        hint="turn one of them off",
    ),
    Code(
        codes.STAGE_WITHOUT_DEEPSPEED,
        "stage-without-deepspeed",
        Severity.WARNING,
        "`deepspeed_stage = {stage}` has no effect without `use_deepspeed = true`",
        page="The ZeRO stage is a setting of DeepSpeed. Without DeepSpeed nothing is sharded, "
        "and the model may not fit on a GPU.",
        bad="[hyperparameters.parallelism]\ndeepspeed_stage = 2\n",
        good="[hyperparameters.parallelism]\nuse_deepspeed = true\ndeepspeed_stage = 2\n",
        hint="set use_deepspeed = true, or remove deepspeed_stage",
    ),
    Code(
        codes.MODEL_PARALLEL_DOES_NOT_DIVIDE,
        "model-parallel-does-not-divide",
        Severity.ERROR,
        "{tensor} tensor × {pipeline} pipeline parallel = {product} GPUs, "
        "which does not divide {gpus}",
        why="each copy of the model occupies that many GPUs, and every GPU must be used",
        page="`tensor_parallel_size` × `pipeline_parallel_size` GPUs hold one copy of the model; "
        "`gpu_count` × `nodes` must be a multiple of it. The quotient is the data-parallel size. "
        "LLaMA-Factory and accelerate reject anything else.",
        bad=f"{_MULTI_GPU}[hyperparameters.parallelism]\ntensor_parallel_size = 3\n",
        good=f"{_MULTI_GPU}[hyperparameters.parallelism]\ntensor_parallel_size = 4\n",
        hint="change the parallel sizes, or gpu_count × nodes",
    ),
    Code(
        codes.WORLD_SIZE_MISMATCH,
        "world-size-mismatch",
        Severity.ERROR,
        "`world_size` is {size}, but gpu_count {count} × nodes {nodes} = {gpus}",
        why="trainers run one process per GPU",
        page="`world_size` is the number of training processes, one per GPU. `[compute]` "
        "determines it, so it can be left out.",
        bad=f"{_MULTI_GPU}[hyperparameters]\nworld_size = 4\n",
        good=f"{_MULTI_GPU}[hyperparameters]\nworld_size = 8\n",
    ),
    Code(
        codes.MORE_CONTAINERS_THAN_GPUS,
        "more-containers-than-gpus",
        Severity.WARNING,
        "`container_count` is {containers}, more than the job's {gpus}",
        page="`container_count` is the number of containers that the job is spread over, usually "
        "`gpu_count` × `nodes`. A container without a GPU has nothing to train on.",
        bad=f"{_MULTI_GPU}[data.topology]\ncontainer_count = 16\n",
        good=f"{_MULTI_GPU}[data.topology]\ncontainer_count = 8\n",
        hint="set it to gpu_count × nodes, or less",
    ),
    Code(
        codes.BF16_NOT_NATIVE,
        "bf16-not-native",
        Severity.WARNING,
        "`bf16 = true`, but the {gpu} has no native bfloat16",
        why="most trainers refuse to start; others emulate bfloat16, which is slow",
        page="NVIDIA GPUs support bfloat16 from the Ampere generation (A100, A10, RTX 30) on. On "
        "a V100, P100 or T4, or on an RTX 20 or GTX card, use float16 with loss scaling.",
        bad='[compute]\ngpu_type = "V100"\n[hyperparameters.parallelism]\nbf16 = true\n',
        good='[compute]\ngpu_type = "V100"\n[hyperparameters.parallelism]\nfp16 = true\n',
        hint="set fp16 = true, or use a GPU with bfloat16",
    ),
    Code(
        codes.DEEPSPEED_WITHOUT_STAGE,
        "deepspeed-without-stage",
        Severity.WARNING,
        "`use_deepspeed = true` {state}, so DeepSpeed shards nothing",
        why="every GPU holds the whole model, its gradients and its optimizer states",
        page="`deepspeed_stage` selects what ZeRO shards: stage 1 the optimizer states, stage 2 "
        "the gradients as well, stage 3 the parameters as well. DeepSpeed defaults to stage 0, "
        "plain data parallelism, with which a large model runs out of memory.",
        bad="[hyperparameters.parallelism]\nuse_deepspeed = true\n",
        good="[hyperparameters.parallelism]\nuse_deepspeed = true\ndeepspeed_stage = 2\n",
        hint="set deepspeed_stage to 1, 2 or 3",
    ),
    Code(
        codes.OFFLOAD_BELOW_ZERO3,
        "offload-below-zero3",
        Severity.WARNING,
        "`offload_param` needs ZeRO stage 3, but `deepspeed_stage` is {stage}",
        why="below stage 3, every GPU keeps all parameters, so nothing is offloaded",
        page="DeepSpeed offloads parameters to the CPU or to NVMe only in stage 3, which shards "
        "them. From stage 1 on, `offload_optimizer` offloads the optimizer states.",
        bad="[hyperparameters.parallelism]\nuse_deepspeed = true\ndeepspeed_stage = 2\n"
        'offload_param = {device = "cpu"}\n',
        good="[hyperparameters.parallelism]\nuse_deepspeed = true\ndeepspeed_stage = 3\n"
        'offload_param = {device = "cpu"}\n',
        hint="set deepspeed_stage = 3, or remove offload_param",
    ),
    Code(
        codes.GPU_COUNTS_DISAGREE,
        "gpu-counts-disagree",
        Severity.WARNING,
        "`{key}` is {count}, but {names} is {expected}",
        why="the backend allocates GPUs according to gpu_count and nodes",
        page="`gpu_count` is the number of GPUs per node, so the job has `gpu_count` × `nodes` "
        "GPUs. `gpus_per_node` and `total_gpus` repeat these numbers under other names, and can "
        "be left out.",
        bad=f"{_MULTI_GPU}nodes = 2\ntotal_gpus = 8\n",
        good=f"{_MULTI_GPU}nodes = 2\ntotal_gpus = 16\n",
        hint="remove it, or correct gpu_count and nodes",
    ),
)
