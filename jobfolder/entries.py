"""A journal: one JSON line for each thing that happened, in the order in which it happened.

Whoever reads one that is being written sees whole lines only: what follows the last line end is
not told yet, and may never be.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from ..schemas.accepting import acceptor

FORMAT: Final = 1
"""The version of a line: ``journal.schema.json``."""


class Kind(StrEnum):
    """What a line of a journal tells."""

    NOTE = "note"
    """Something is done in another way than one might think."""
    DATA = "data"
    """A dataset has been tokenized."""
    START = "start"
    """The training starts, or goes on from a checkpoint."""
    STEP = "step"
    """Values of an optimizer step."""
    EVALUATION = "evaluation"
    """Values over the validation rows."""
    SAVED = "saved"
    """A checkpoint is complete."""
    REFUSED = "refused"
    """A reason for which it is not trained; the last lines of a journal."""
    DIVERGED = "diverged"
    """A value is no number any more; the last line."""
    FAILED = "failed"
    """It ended without a result; the last line, until it is started again."""
    INTERRUPTED = "interrupted"
    """It was asked to stop, and can go on; the last line, until it does."""
    DONE = "done"
    """The result is there; the last line."""


class JournalError(ValueError):
    """A whole line is none of a journal."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a journal.

    Attributes:
        kind: what it tells.
        at: seconds since 1970.
        step: the optimizer steps done, from 1.
        values: measures by name, such as ``train.loss`` and ``val.loss``; all are finite.
        message: what happened, for people.
        code: what happened, for programs: a code of the catalogue (``SFT704``), or a word such as
            ``disk-full``.
        pointer: the field of the payload that it is about, as a JSON Pointer.
        facts: what else there is to tell, by kind: see the schema.

    """

    kind: Kind
    at: float
    step: int | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    message: str | None = None
    code: str | None = None
    pointer: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_line(self) -> bytes:
        """Return the line, with its end.

        Raises:
            ValueError: a number is not finite.

        """
        value: dict[str, Any] = {"format": FORMAT, "kind": self.kind.value, "at": self.at}
        for name in ("step", "values", "message", "code", "pointer", "facts"):
            what = getattr(self, name)
            if what is not None and what != {}:
                value[name] = what
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        # A lone surrogate, which Python makes of bytes in file names, is no UTF-8.
        return text.encode("utf-8", "replace") + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Entry":
        """Return the entry of a line.

        Raises:
            JournalError: it is none of this format.

        """
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise JournalError(f"a line of the journal is no JSON: {error}") from None
        if not acceptor("journal")(value):
            raise JournalError(f"a line of the journal is none of format {FORMAT}")
        del value["format"]
        return cls(**{**value, "kind": Kind(value["kind"])})


def whole_lines(data: bytes) -> bytes:
    """Return the lines that have been written to their ends."""
    return data[: data.rfind(b"\n") + 1]


def read_entries(data: bytes) -> list[Entry]:
    """Return the entries of a journal, without a last line that is torn.

    Raises:
        JournalError: a whole line is none of a journal.

    """
    return [Entry.from_line(line) for line in whole_lines(data).split(b"\n")[:-1]]


def curve(entries: Iterable[Entry]) -> dict[int, dict[str, float]]:
    """Return the values of each step, in order; those of a step done again replace the first."""
    points: dict[int, dict[str, float]] = {}
    for entry in entries:
        if entry.kind in {Kind.STEP, Kind.EVALUATION} and entry.step is not None:
            points.setdefault(entry.step, {}).update(entry.values)
    return dict(sorted(points.items()))
