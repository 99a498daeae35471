"""Collect the names of settings that public trainers and clusters have.

Reads the source of released packages, imports none of them, and rewrites
``diagnostics/trainer-settings.json``: ``make settings``.
"""

import ast
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

TARGET: Final = Path(__file__).parent.parent / "diagnostics" / "trainer-settings.json"
NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
Reader = Callable[[ast.AST], Iterator[str]]


def fields(tree: ast.AST) -> Iterator[str]:
    """Yield the annotated fields of all classes: dataclasses, pydantic models."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for line in node.body:
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                    yield line.target.id


def flags(tree: ast.AST) -> Iterator[str]:
    """Yield the long options that are added to an argument parser, as names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_argument":
            for argument in node.args:
                if isinstance(argument, ast.Constant) and str(argument.value).startswith("--"):
                    yield str(argument.value)[2:].replace("-", "_")


def constants(tree: ast.AST) -> Iterator[str]:
    """Yield the strings that are assigned to constants, but for defaults."""
    for node in getattr(tree, "body", ()):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            target = node.targets[0]
            default = isinstance(target, ast.Name) and target.id.endswith(("_DEFAULT", "_FORMAT"))
            if isinstance(node.value.value, str) and not default:
                yield node.value.value


def properties(tree: ast.AST) -> Iterator[str]:
    """Yield the keys of ``properties`` in the JSON Schemas that are written as dicts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                named = isinstance(key, ast.Constant) and key.value == "properties"
                if named and isinstance(value, ast.Dict):
                    yield from (str(k.value) for k in value.keys if isinstance(k, ast.Constant))


def parameters(*functions: str) -> Reader:
    """Return a reader of the parameters of functions with these names."""

    def read(tree: ast.AST) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name in functions:
                yield from (a.arg for a in (*node.args.args, *node.args.kwonlyargs))

    return read


init: Final = parameters("__init__")
SYSTEMS: Final[dict[str, dict[str, Reader]]] = {
    "accelerate": {
        "accelerate/utils/dataclasses.py": fields,
        "accelerate/parallelism_config.py": fields,
        "accelerate/commands/config/config_args.py": fields,
        "accelerate/commands/launch.py": flags,
    },
    "axolotl": {"axolotl/utils/schemas/*.py": fields},
    "deepspeed": {
        "deepspeed/runtime/constants.py": constants,
        "deepspeed/runtime/*config.py": fields,
        "deepspeed/runtime/*/*config.py": fields,
        "deepspeed/runtime/activation_checkpointing/config.py": constants,
        "deepspeed/profiling/constants.py": constants,
        "deepspeed/monitor/config.py": fields,
    },
    "litgpt": {"litgpt/args.py": fields, "litgpt/finetune/*.py": parameters("setup")},
    "llamafactory": {"llamafactory/hparams/*.py": fields},
    "megatron-core": {
        "megatron/training/arguments.py": flags,
        "megatron/training/config/*.py": fields,
        "megatron/core/model_parallel_config.py": fields,
        "megatron/core/distributed/*config.py": fields,
        "megatron/core/optimizer/optimizer_config.py": fields,
    },
    "peft": {"peft/tuners/lora/config.py": fields, "peft/config.py": fields},
    "ray": {
        "ray/air/config.py": fields,
        "ray/train/v2/api/config.py": fields,
    },
    "skypilot": {"sky/utils/schemas.py": properties},
    "torch": {
        "torch/distributed/fsdp/fully_sharded_data_parallel.py": init,
        "torch/distributed/fsdp/_fully_shard/_fully_shard.py": parameters("fully_shard"),
        "torch/distributed/run.py": flags,
    },
    "torchtitan": {
        "torchtitan/config/*.py": fields,
        "torchtitan/trainer.py": fields,
        "torchtitan/components/*.py": fields,
    },
    "transformers": {
        "transformers/training_args.py": fields,
        "transformers/utils/quantization_config.py": init,
    },
    "trl": {
        "trl/trainer/base_config.py": fields,
        "trl/trainer/sft_config.py": fields,
        "trl/trainer/model_config.py": fields,
        "trl/scripts/utils.py": fields,
    },
    "unsloth": {
        "unsloth/models/loader.py": parameters("from_pretrained"),
        "unsloth/models/llama.py": parameters("from_pretrained", "get_peft_model"),
    },
}
"""Per package: the files with its settings, and how names stand there."""

BY_HAND: Final = {
    "schedulers and clouds": """
        cpu_count cpu_type cpu_memory cpus cpus_per_task cpus_per_gpu cpu_limit cpu_request
        gpu_memory gpu_memory_gb gpu_limit gpu_request gpu_ids gpu_class gpus_per_task hpu_count
        hpu_type npu_count npu_type tpu_count tpu_type vgpu_type xpu_count xpu_type
        node_type node_name node_selector node_pool node_id node_rank nodelist num_cpus num_workers
        mem mem_per_cpu mem_per_gpu memory memory_limit disk_size instance_type instance_count
        machine_type accelerator_type accelerator_count region zone cluster partition account qos
        queue priority time walltime timeout retries image container environment env volumes
        job_name job_id job_type mail_user mail_type ntasks ntasks_per_node exclusive
    """,
    "other trainers": """
        evaluate_during_training eval_batch_size eval_delay eval_interval eval_iters val_steps
        val_interval val_batch_size val_check_interval fsdp2 fp8 tf32 min_learning_rate
        end_learning_rate warmup_epochs context_parallel_size sequence_parallel_size
        expert_parallel_size data_parallel_size
    """,
    "plain words of configs": """
        comment date dates dir env file files group label labels log logs made make moved
        name names node_name note notes order owner path paths project rate rates seed stage
        task tasks team test title train trainer trains url user valid validate value values
        version
    """,
}
"""Settings of Slurm, Kubernetes and cloud consoles, and of trainers that are not read here."""


def main() -> None:
    """Download what is not in the folder that is given, read it, and write the names."""
    found: dict[str, list[str]] = {
        name: sorted(set(names.split())) for name, names in BY_HAND.items()
    }
    with tempfile.TemporaryDirectory() as made:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else made)
        for system, files in SYSTEMS.items():
            archive = downloaded(system, folder)
            version = re.split(r"[-_]", archive.name[len(system) + 1 :])[0].removesuffix(".tar.gz")
            names = {
                n for n in read(archive, files) if NAME.fullmatch(n) and n not in {"cls", "self"}
            }
            found[f"{system} {version}"] = sorted(names)
    TARGET.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(len(set().union(*found.values())), {name: len(names) for name, names in found.items()})


def downloaded(package: str, folder: Path) -> Path:
    """Return a released archive of a package, a wheel where there is one for Linux."""
    pattern = f"{package.replace('-', '[-_]')}-*"
    if not list(folder.glob(pattern)):
        kind = ["--no-binary", package]  # deepspeed has no wheels
        if package != "deepspeed":
            tags = ["manylinux_2_28_x86_64", "manylinux2014_x86_64", "macosx_14_0_arm64", "any"]
            if package == "torch":
                tags = tags[2:]  # the wheel for macOS is a tenth of that for Linux
            kind = ["--only-binary", ":all:", "--python-version", "3.12"]
            kind += [f"--platform={tag}" for tag in tags]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *kind, package]
        environment = {**os.environ, "DS_BUILD_OPS": "0"}  # deepspeed's setup compiles nothing then
        subprocess.run(command, cwd=folder, env=environment, check=True)
    return next(folder.glob(pattern))


def read(archive: Path, files: dict[str, Reader]) -> Iterator[str]:
    """Yield the names in those files of an archive that one of the patterns names."""
    for path, text in contents(archive):
        for pattern, reader in files.items():
            if PurePosixPath(path).match(pattern):
                yield from reader(ast.parse(text))


def contents(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the Python files of a wheel or a source archive."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            yield from ((n, wheel.read(n)) for n in wheel.namelist() if n.endswith(".py"))
        return
    with tarfile.open(archive) as sources:
        for member in sources:
            file = sources.extractfile(member) if member.name.endswith(".py") else None
            if file:
                yield member.name.partition("/")[2], file.read()


if __name__ == "__main__":
    main()
