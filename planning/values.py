"""What is planned of a config or a payload: frozen values, as programs take them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..diagnostics import Diagnostic, Edit, KeyPath, Severity
from ..diagnostics.codes import DOES_NOT_FIT
from ..job.planned import Planned


class Price(NamedTuple):
    """What a GPU costs.

    Attributes:
        per_hour: of one GPU.
        currency: as it is written before an amount; empty if nobody says.
        of: the GPU that has this price, if the name means several; else empty.

    """

    per_hour: float
    currency: str = ""
    of: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A change that makes a job fit. It was made, compiled and planned before it is offered.

    Attributes:
        title: what it does, in a few words.
        edits: the edits of the config; empty for a payload, which its config has to change.
        fields: the payload's fields that it sets, by path.
        planned: the job after it.

    """

    title: str
    edits: tuple[Edit, ...]
    fields: Mapping[KeyPath, Any]
    planned: Planned


@dataclass(frozen=True)
class Plan:
    """What a config or a payload comes to.

    Attributes:
        file: its name.
        planned: the plan; None if it has errors.
        suggestions: what would make it fit, the cheapest first.
        diagnostics: its errors; or that it does not fit, unless a comment silences that.
        price: what a GPU costs; None if nobody says.
        text: the config; empty for a payload.
        currency: what prices are in.
        priced: whether the settings have prices, though perhaps none of this GPU.
        foreign: whether it looks like no config of ours at all.

    """

    file: str
    planned: Planned | None
    suggestions: tuple[Suggestion, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    price: Price | None = None
    text: str = ""
    currency: str = ""
    priced: bool = False
    foreign: bool = False

    @property
    def fails(self) -> bool:
        """Whether it has errors, or does not fit and no comment silences that."""
        return any(
            one.severity is Severity.ERROR or one.code == DOES_NOT_FIT for one in self.diagnostics
        )
