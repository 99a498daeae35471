"""Counts what a training step of transformers and PEFT keeps, tensor by tensor, and writes it down.

Needs the extra ``train``; no GPU. Small models are trained on this CPU; larger ones on tensors that
have a shape and no content (``FakeTensorMode``), for which torch runs the same operations. The
forward pass is wrapped as accelerate does it for ``bf16``.

    python benchmarks/kept_tensors.py > tests/job/memory_points/counted.json
"""

import contextlib
import gc
import json
import sys
import warnings
import weakref
from collections.abc import Iterator
from typing import Any

import torch
import transformers
from accelerate.utils.operations import convert_outputs_to_fp32
from peft import LoraConfig, get_peft_model
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from transformers import AutoConfig, AutoModelForCausalLM

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()

SMOL: dict[str, Any] = {  # HuggingFaceTB/SmolLM2-135M
    "model_type": "llama",
    "hidden_size": 576,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "intermediate_size": 1536,
    "vocab_size": 49152,
    "tie_word_embeddings": True,
}
TINY: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 128,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 384,
    "vocab_size": 512,
    "tie_word_embeddings": False,
}
WIDE: dict[str, Any] = {  # three blocks of Mistral 7B
    "model_type": "mistral",
    "hidden_size": 4096,
    "num_hidden_layers": 3,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "intermediate_size": 14336,
    "vocab_size": 32000,
    "tie_word_embeddings": False,
}
QWEN: dict[str, Any] = {  # three blocks of Qwen3 4B
    "model_type": "qwen3",
    "hidden_size": 2560,
    "num_hidden_layers": 3,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "intermediate_size": 9728,
    "vocab_size": 151936,
    "tie_word_embeddings": True,
}
MIXTURE: dict[str, Any] = {
    "model_type": "mixtral",
    "hidden_size": 256,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 768,
    "num_local_experts": 8,
    "num_experts_per_tok": 2,
    "vocab_size": 512,
    "tie_word_embeddings": False,
}


class Live(TorchDispatchMode):  # type: ignore[misc]  # mypy does not read torch
    """Counts the bytes of all storages that are alive, and their peak."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.live = self.peak = 0
        self.sizes: dict[int, int] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operation, and count what it makes."""
        made = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(made):
            if isinstance(tensor, torch.Tensor):
                self._count(tensor.untyped_storage())
        return made

    def _count(self, storage: Any) -> None:
        key = storage._cdata  # noqa: SLF001 - there is no other identity of a storage
        if key not in self.sizes:
            self.sizes[key] = storage.nbytes()
            self.live += self.sizes[key]
            self.peak = max(self.peak, self.live)
            weakref.finalize(storage, self._drop, key)

    def _drop(self, key: int) -> None:
        self.live -= self.sizes.pop(key, 0)

    def restart(self) -> None:
        """Forget the peak."""
        self.peak = self.live


def built(case: dict[str, Any]) -> Any:
    """Return a model as the trainer has it, with its adapter."""
    config = AutoConfig.for_model(**case["config"])
    full = case["method"] == "full"
    dtype = torch.float32 if full or not case["bf16"] else torch.bfloat16
    model = AutoModelForCausalLM.from_config(config, dtype=dtype)
    model.config.use_cache = False
    model.train()
    if case["checkpointing"]:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    if full:
        return model
    if case["checkpointing"]:
        model.enable_input_require_grads()
    lora = LoraConfig(
        r=case["rank"], target_modules=case["targets"], task_type="CAUSAL_LM", lora_dropout=0.0
    )
    model = get_peft_model(model, lora)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return model


def materialised(model: Any) -> None:
    """Give a model that was built without content tensors of the surrounding mode."""
    known: dict[int, Any] = {}
    for module in model.modules():
        for name, old in list(module._parameters.items()):  # noqa: SLF001
            if old is not None and id(old) not in known:
                new = torch.zeros(old.shape, dtype=old.dtype, device="cpu")
                known[id(old)] = (old, torch.nn.Parameter(new, requires_grad=old.requires_grad))
            if old is not None:
                module._parameters[name] = known[id(old)][1]  # noqa: SLF001
        for name, old in list(module._buffers.items()):  # noqa: SLF001
            if old is not None:
                module._buffers[name] = torch.zeros(old.shape, dtype=old.dtype)  # noqa: SLF001


def counted(case: dict[str, Any]) -> dict[str, int]:
    """Return the bytes of two training steps: those of the second."""
    torch.manual_seed(0)
    fake = case["fake"]
    with torch.device("meta") if fake else contextlib.nullcontext():
        model = None if not fake else built(case)
    live = Live()
    with FakeTensorMode() if fake else contextlib.nullcontext(), live:
        if model is None:
            model = built(case)
        else:
            materialised(model)
        gc.collect()
        trained = [each for each in model.parameters() if each.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=1e-4, fused=True)
        _step(model, optimizer, case, live)
        return _step(model, optimizer, case, live)


def _step(model: Any, optimizer: Any, case: dict[str, Any], live: Live) -> dict[str, int]:
    kept: dict[int, int] = {}
    own = {each.untyped_storage()._cdata for each in model.parameters()}  # noqa: SLF001

    def pack(tensor: Any) -> Any:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:  # noqa: SLF001
            kept[storage._cdata] = storage.nbytes()  # noqa: SLF001
        return tensor

    def forward(**batch: Any) -> Any:
        if not case["bf16"]:
            return model(**batch)
        with torch.autocast("cpu", torch.bfloat16):
            return model(**batch)

    call = convert_outputs_to_fp32(forward) if case["bf16"] else forward
    gc.collect()
    live.restart()
    ids = torch.zeros((case["rows"], case["length"]), dtype=torch.long)
    hooks = torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor)
    with contextlib.nullcontext() if case["checkpointing"] else hooks:
        loss = call(input_ids=ids, labels=ids)["loss"]
    peaks = {"forward": live.peak}
    saved = sum(kept.values())
    live.restart()
    loss.backward()
    del loss
    peaks["backward"] = live.peak
    live.restart()
    optimizer.step()
    peaks["step"] = live.peak
    found = {
        "weights": _bytes(each for each in model.parameters() if not _is_adapter(each, case)),
        "adapter": _bytes(each for each in model.parameters() if _is_adapter(each, case)),
        "gradients": _bytes(each.grad for each in model.parameters() if each.grad is not None),
        "optimizer": _bytes(
            each
            for state in optimizer.state.values()
            for each in state.values()
            if each.numel() > 1
        ),
        "saved": saved,
        **{f"peak_{name}": value for name, value in peaks.items()},
    }
    optimizer.zero_grad(set_to_none=True)
    return found


def _is_adapter(parameter: Any, case: dict[str, Any]) -> bool:
    return case["method"] != "full" and bool(parameter.requires_grad)


def _bytes(tensors: Iterator[Any]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def cases() -> Iterator[dict[str, Any]]:
    """Yield what is counted."""
    attention = ["q_proj", "k_proj", "v_proj", "o_proj"]

    def case(
        model: str, config: dict[str, Any], method: str, rows: int, length: int, **more: Any
    ) -> dict[str, Any]:
        return {
            "model": model, "config": config, "method": method, "rows": rows, "length": length,
            "checkpointing": False, "bf16": True, "rank": 8, "targets": "all-linear",
            "fake": False, **more,
        }  # fmt: skip

    for method in ("full", "lora"):
        for rows, length in ((1, 64), (2, 256)):
            yield case("tiny", TINY, method, rows, length)
            yield case("tiny", TINY, method, rows, length, checkpointing=True)
            yield case("tiny", TINY, method, rows, length, fake=True)
        yield case("tiny", TINY, method, 2, 256, bf16=False)
        yield case("SmolLM2-135M", SMOL, method, 1, 64, fake=True)
        yield case("SmolLM2-135M", SMOL, method, 4, 1024, checkpointing=True, fake=True)
        yield case("mixture", MIXTURE, method, 2, 256, targets=attention)
        for again in (False, True) if method == "lora" else ():
            yield case("mixture, experts", MIXTURE, method, 2, 256, checkpointing=again)
        for name, config in (("Mistral, 3 blocks", WIDE), ("Qwen3, 3 blocks", QWEN)):
            yield case(name, config, method, 2, 1024, fake=True)
            yield case(name, config, method, 4, 2048, fake=True, checkpointing=True)


if __name__ == "__main__":
    torch.set_num_threads(1)  # threads that wait for each other spin
    found = []
    for each in cases():
        found.append({**each, "bytes": counted(each)})
        print(each["model"], each["method"], each["rows"], each["length"], file=sys.stderr)
    versions = {name: sys.modules[name].__version__ for name in ("torch", "transformers", "peft")}
    json.dump({"versions": versions, "counted": found}, sys.stdout, indent=1)
    sys.stdout.write("\n")
