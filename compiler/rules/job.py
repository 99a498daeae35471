"""The config as the rules see it: plain values, and the quantities that follow from them."""

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any, NamedTuple, TypeVar

from ... import schemas
from ...diagnostics import KeyPath

Answer = TypeVar("Answer")


@cache
def _validation_default(name: str) -> Any:
    return schemas.key_schema(("training", "validation", name))["default"]


class UnsoundError(Exception):
    """A rule asked for a value that its schema does not allow: the rule has nothing to say."""


def known_values(config: Mapping[str, Any]) -> dict[KeyPath, Any]:
    """Return the values that stand in the tables of the schema, by path."""
    return {
        (*path, key): value
        for path in schemas.known_tables()
        if isinstance(table := schemas.value_at(config, path), dict)
        for key, value in table.items()
    }


class Batch(NamedTuple):
    """What the sequences of one optimizer step are the product of."""

    device: int
    accumulation: int
    parallel: int

    @property
    def effective(self) -> int:
        """Sequences in one optimizer step over all devices."""
        return self.device * self.accumulation * self.parallel


class Job:
    """One config. A value that is asked for has the type of its schema, or is None."""

    def __init__(self, values: Mapping[KeyPath, Any], unsound: frozenset[KeyPath]) -> None:
        """Look at the values of the known tables, but for the unsound ones."""
        self._values = values
        self._unsound = unsound
        self._found: dict[Callable[[Job], Any], Any] = {}

    def once(self, question: Callable[["Job"], Answer]) -> Answer:
        """Return the answer to a question that several rules ask, found once."""
        if question not in self._found:
            self._found[question] = question(self)
        answer: Answer = self._found[question]
        return answer

    def get(self, *path: str) -> Any:
        """Return the value at a path, or None.

        Raises:
            UnsoundError: the schema does not allow the value, an item of it, or a table around it.

        """
        value = self._values.get(path)
        for bad in self._unsound:
            if path[: len(bad)] == bad or (isinstance(value, list) and bad[: len(path)] == path):
                raise UnsoundError
        return value

    def knob(self, name: str) -> Any:
        """Return a hyperparameter, or None."""
        return self.get("hyperparameters", name)

    def parallelism(self, name: str) -> Any:
        """Return a knob of ``[hyperparameters.parallelism]``, or None."""
        return self.get("hyperparameters", "parallelism", name)

    def validation(self, name: str) -> Any:
        """Return a key of ``[training.validation]``, or its default."""
        value = self.get("training", "validation", name)
        return _validation_default(name) if value is None else value

    @cached_property
    def validates(self) -> bool:
        """Whether the job evaluates while it trains."""
        return self.get("training", "validation") is not None and self.validation("enabled")

    @cached_property
    def gpus(self) -> int | None:
        """All GPUs of the job; None if the config does not say."""
        count = self.get("compute", "gpu_count")
        return None if count is None else count * (self.get("compute", "nodes") or 1)

    @cached_property
    def model_parallel(self) -> int:
        """GPUs that hold one copy of the model: tensor × pipeline parallel."""
        tensor: int = self.parallelism("tensor_parallel_size") or 1
        return tensor * (self.parallelism("pipeline_parallel_size") or 1)

    @cached_property
    def data_parallel(self) -> int | None:
        """Copies of the model that train side by side; None if that is not a whole number."""
        if self.gpus is None or self.gpus % self.model_parallel:
            return None
        return self.gpus // self.model_parallel

    @cached_property
    def batch(self) -> Batch | None:
        """The factors of the effective batch; None if the config does not say them all."""
        device = self.knob("per_device_batch") or self.knob("batch_size")
        accumulation = self.knob("gradient_accumulation_steps")
        if device is None or accumulation is None or self.data_parallel is None:
            return None
        return Batch(device, accumulation, self.data_parallel)

    @property
    def is_qlora(self) -> bool:
        """Whether the base model is quantized."""
        return self.get("training", "use_qlora") is True
