"""The recipe as a frozen value, and as the JSON file that a trainer reads."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from ...payloads import canonical
from ...schemas.accepting import acceptor
from .world import World

FORMAT: Final = 1
"""The version of the JSON form: ``recipe.schema.json``."""

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Set:
    """A field of the payload that became a setting.

    Attributes:
        pointer: the field, as a JSON Pointer.
        name: the setting: its section of the recipe, and its name there: ``trainer.max_steps``.
        value: what it is set to.
        reason: what the setting does with it.

    """

    pointer: str
    name: str
    value: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A field that sets nothing, or not what it says; or one that is absent, and its default.

    Attributes:
        pointer: the field, as a JSON Pointer.
        reason: what is done instead, and why.

    """

    pointer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A field that forbids the training.

    Attributes:
        pointer: the field, as a JSON Pointer; it may be absent from the payload.
        reason: why, and what to do.
        code: the code in the catalogue: ``sftc rule CODE`` explains it.

    """

    pointer: str
    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a trainer, an adapter, a quantizer and a launcher are told.

    Attributes:
        method: ``full fine-tuning``, ``LoRA`` or ``QLoRA``; None if the payload contradicts itself.
        world: what it is made for.
        model: ``name``, ``dtype`` to load it in, ``adapter_dtype`` to train an adapter in, or None,
            and ``tp_plan`` for ``from_pretrained``.
        rows: what the trainer makes of the rows before it sees them: ``max_length``, the tokens
            that a row is cut to, or None; ``packing``, which is False.
        trainer: arguments of ``transformers.TrainingArguments``, but for where files go.
        lora: arguments of ``peft.LoraConfig``, or None.
        quantization: arguments of ``transformers.BitsAndBytesConfig``, dtypes by name, or None.
        parallelism: arguments of ``accelerate.ParallelismConfig``, or None.
        launch: ``nodes``, ``processes_per_node``, ``tensor_parallel``, ``gpu_type`` (or None), and
            ``global_batch``, the rows that an optimizer step sees over all processes.
        evaluated: the dataset that is evaluated while training: ``validation``, or None.
        set: the fields that became settings.
        noted: the fields that did not, and the defaults of absent ones.
        refused: what forbids the training; where it is not empty, nothing may be trained.

    """

    method: str | None
    world: World
    model: Settings
    rows: Settings
    trainer: Settings
    lora: Settings | None
    quantization: Settings | None
    parallelism: Settings | None
    launch: Settings
    evaluated: str | None
    set: tuple[Set, ...]
    noted: tuple[Noted, ...]
    refused: tuple[Refused, ...]

    def as_object(self) -> dict[str, Any]:
        """Return the recipe as JSON has it: ``recipe.schema.json``."""
        sections = {name: getattr(self, name) for name in SECTIONS}
        words = {name: [asdict(word) for word in getattr(self, name)] for name in _WORDS}
        head = {"format": FORMAT, "method": self.method, "evaluated": self.evaluated}
        return {**head, "world": self.world.as_object(), **sections, **words}

    def to_json(self) -> bytes:
        """Return the recipe as canonical JSON."""
        return canonical.encode(self.as_object())

    @classmethod
    def from_json(cls, data: bytes | str) -> "Recipe":
        """Return the recipe of a JSON text.

        Raises:
            ValueError: it is no JSON, or no recipe of this version.

        """
        value = json.loads(data)
        if not acceptor("recipe")(value):
            raise ValueError(f"this is not a recipe of format {FORMAT}")
        del value["format"]
        words = {
            name: tuple(word(**entry) for entry in value[name]) for name, word in _WORDS.items()
        }
        return cls(**{**value, **words, "world": World.from_object(value["world"])})


SECTIONS: Final = ("model", "rows", "trainer", "lora", "quantization", "parallelism", "launch")
"""The parts of a recipe that have settings."""

_WORDS: Final[dict[str, Any]] = {"set": Set, "noted": Noted, "refused": Refused}
