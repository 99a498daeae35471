"""The names of the files in a job's folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class JobFolder:
    """The folder of one job; on a cluster, all nodes see it.

    Attributes:
        root: where it is.

    """

    root: Path

    @property
    def payload(self) -> Path:
        """The payload, put there before the trainer starts."""
        return self.root / "job.json"

    @property
    def training(self) -> Path:
        """The training rows, put there as well."""
        return self.root / "train.jsonl"

    @property
    def validation(self) -> Path:
        """The validation rows, if the job has some."""
        return self.root / "validation.jsonl"

    @property
    def recipe(self) -> Path:
        """What the trainer was told, written as it starts."""
        return self.root / "recipe.json"

    @property
    def journal(self) -> Path:
        """What happened, a line each: ``journal.schema.json``."""
        return self.root / "journal.jsonl"

    @property
    def lock(self) -> Path:
        """Locked by the trainer that is at work."""
        return self.root / "lock"

    @property
    def log(self) -> Path:
        """What the trainer's processes print; whoever starts them sends it there."""
        return self.root / "log"

    @property
    def checkpoints(self) -> Path:
        """Where a training that was interrupted goes on from."""
        return self.root / "checkpoints"

    @property
    def result(self) -> Path:
        """The adapter or the model: there as a whole, or not at all."""
        return self.root / "result"

    @property
    def unfinished_result(self) -> Path:
        """The result while it is written."""
        return self.root / "result.unfinished"
