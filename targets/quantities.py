"""What a manifest says of a job besides its payload: names, numbers, places, each by its name.

Pure. A quantity knows the fields that it comes from, so that each line of a manifest can say so.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from posixpath import normpath
from typing import Any, Final, NamedTuple

from ..diagnostics import KeyPath
from ..job import Job, resources
from ..job.gpus import lookup
from ..payloads import canonical, fields
from .paths import ABSENT

_LONGEST_NAME: Final = 40
"""Characters: Kubernetes adds the numbers of nodes, and takes 63."""

_RESOURCES: Final = {"amd": "amd.com/gpu", "intel": "habana.ai/gaudi", "google": "google.com/tpu"}
"""What device plugins call the GPUs of a vendor, besides NVIDIA's."""


_Payload = Mapping[str, Any]


class Quantity(NamedTuple):
    """What stands in the place of a name of a manifest.

    Attributes:
        of: its value, by the payload; ``ABSENT`` leaves the place out.
        fields: the fields that it comes from.

    """

    of: Callable[[_Payload], Any]
    fields: tuple[KeyPath, ...] = ()


def text(payload: _Payload) -> str:
    """Return a payload's canonical text."""
    return canonical.encode(payload).decode()


def digest(payload: _Payload) -> str:
    """Return the SHA-256 of a payload's canonical bytes."""
    return hashlib.sha256(canonical.encode(payload)).hexdigest()


def name(payload: _Payload) -> str:
    """Return a name for Kubernetes and clouds alike: the model's, and the start of the digest.

    Another payload has another name, so no job goes on from another one's checkpoints.
    """
    model = re.sub(r"[^a-z0-9]+", "-", str(payload["model"]).rpartition("/")[2].lower())
    return f"sft-{model[:_LONGEST_NAME].strip('-') or 'model'}-{digest(payload)[:8]}"


def accelerators(payload: _Payload) -> Any:
    """Return the GPUs of a node as SkyPilot asks for them; ``ABSENT`` if it has no name for them.

    A GPU that clouds call by several names is asked for by each.
    """
    gpu = lookup(str(Job(payload).get(fields.GPU_TYPE) or ""))
    asked = [f"{each}:{gpus(payload)}" for each in gpu.skypilot] if gpu else []
    return (asked[0] if len(asked) == 1 else asked) if asked else ABSENT


def gpus(payload: _Payload) -> int:
    """Return the GPUs of a node."""
    return Job(payload).get(fields.GPU_COUNT) or 1


def resource(payload: _Payload) -> str:
    """Return what Kubernetes calls a GPU of the vendor."""
    gpu = lookup(str(Job(payload).get(fields.GPU_TYPE) or ""))
    return _RESOURCES.get(gpu.vendor if gpu else "", "nvidia.com/gpu")


def extra(payload: _Payload) -> str:
    """Return the extra of ours that trains the job."""
    return "deepspeed" if Job(payload).get(fields.USE_DEEPSPEED) is True else "train"


def _file(path: KeyPath) -> Callable[[_Payload], Any]:
    """Return where a dataset file is, as the config says it."""

    def of(payload: _Payload) -> Any:
        return fields.value_at(payload, path) or ABSENT

    return of


def _named(path: KeyPath, stem: str) -> Callable[[_Payload], Any]:
    """Return a plain name for a dataset file on another machine, which keeps its compression."""

    def of(payload: _Payload) -> Any:
        file = fields.value_at(payload, path)
        packed = next((end for end in (".gz", ".zst") if str(file).endswith(end)), "")
        return f"{stem}.jsonl{packed}" if file else ABSENT

    return of


_TRAINING, _VALIDATION = fields.TRAINING_PATH, fields.VALIDATION_PATH


def _below(path: KeyPath, use: str) -> Callable[[_Payload], Any]:
    """Return where a dataset file is below a folder that has what the repository has.

    A file from elsewhere is in a folder of its own there, where the other dataset is not.
    """

    def of(payload: _Payload) -> Any:
        file = fields.value_at(payload, path)
        if not file:
            return ABSENT
        if _is_inside(file):
            return file
        other = fields.value_at(payload, _VALIDATION if path == _TRAINING else _TRAINING) or ""
        taken = normpath(other) if _is_inside(other) else ""
        folder = f"data/{use}"
        if taken == folder or taken.startswith(f"{folder}/"):
            folder += "-from-elsewhere"
        return f"{folder}/{file.rpartition('/')[2]}"

    return of


def _is_inside(file: str) -> bool:
    """Whether a path is one of the repository's."""
    return "://" not in file and not file.startswith(("/", "~")) and ".." not in file.split("/")


def _argument(of: Callable[[_Payload], Any]) -> Callable[[_Payload], Any]:
    """Return a text for the arguments of a container, which expand ``$(VAR)``, but not ``$$``."""

    def escaped(payload: _Payload) -> Any:
        text = of(payload)
        return text if text is ABSENT else text.replace("$", "$$")

    return escaped


QUANTITIES: Final[Mapping[str, Quantity]] = {
    "payload": Quantity(text),
    "digest": Quantity(digest),
    "name": Quantity(name),
    "model": Quantity(lambda payload: payload["model"], (fields.MODEL,)),
    "extra": Quantity(extra),
    "accelerators": Quantity(accelerators, (fields.GPU_TYPE, fields.GPU_COUNT)),
    "gpus": Quantity(gpus, (fields.GPU_COUNT,)),
    "nodes": Quantity(lambda payload: resources.nodes(Job(payload)), (fields.NODES,)),
    "resource": Quantity(resource, (fields.GPU_TYPE,)),
    "training": Quantity(_file(_TRAINING), (_TRAINING,)),
    "training_name": Quantity(_named(_TRAINING, "train")),
    "training_below": Quantity(_below(_TRAINING, "training"), (_TRAINING,)),
    "training_argument": Quantity(_argument(_below(_TRAINING, "training")), (_TRAINING,)),
    "validation": Quantity(_file(_VALIDATION), (_VALIDATION,)),
    "validation_name": Quantity(_named(_VALIDATION, "validation")),
    "validation_below": Quantity(_below(_VALIDATION, "validation"), (_VALIDATION,)),
    "validation_argument": Quantity(_argument(_below(_VALIDATION, "validation")), (_VALIDATION,)),
}


def quantities(payload: _Payload) -> dict[str, Any]:
    """Return the values of all quantities, by name."""
    return {name: quantity.of(payload) for name, quantity in QUANTITIES.items()}
