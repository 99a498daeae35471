"""A kind of row: all that others ask about rows, so that a new kind is a module in this folder.

Others read bytes, count, compare, tokenize and repair; what a row means, only its kind says.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeAlias

from ...diagnostics import Finding, KeyPath
from .accelerator import Sifted, sift_none
from .grouping import Familiar
from .verdict import Judged, LargeVerdict

if TYPE_CHECKING:
    from ..reading.blocks import LargeLine


class Turns(NamedTuple):
    """A row that a chat template renders.

    Attributes:
        messages: its turns; those of the assistant are learned, unless their ``weight`` is 0.
        tools: what the template gets for tools.

    """

    messages: Sequence[Mapping[str, Any]]
    tools: Any = None


class Text(NamedTuple):
    """A row that is tokenized as it is, without a template.

    Attributes:
        text: all of it.
        learned: where in it the parts are that are learned, in order.

    """

    text: str
    learned: tuple[tuple[int, int], ...]


Sequenced: TypeAlias = Turns | Text
"""What a model sees of a row."""


class RowKind(ABC):
    """A kind of row. It has no state, and is an object of a module: processes find it by name.

    Attributes:
        tolerated: codes of errors in rows that a trainer takes all the same.
        repairs: the steps of ``repairing`` that are safe for a row, by name.

    """

    tolerated: ClassVar[frozenset[str]] = frozenset()
    repairs: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def is_row(self, value: Any) -> bool:
        """Whether a value has the shape of a row; it is called for each row, so it is quick."""

    @abstractmethod
    def explain(self, value: Any) -> Iterator[Finding]:
        """Yield why a value does not have the shape of a row."""

    @abstractmethod
    def judge(self, row: Any, familiar: Familiar) -> Judged:
        """Return what rules a row of the right shape breaks, and what it holds.

        Args:
            row: the row.
            familiar: what need only be counted, where that is quicker.

        """

    @abstractmethod
    def sequenced(self, row: Mapping[str, Any]) -> Sequenced:
        """Return what a model sees of a good row."""

    def sift(self, text: bytes) -> Sifted:
        """Tell the rows of a block that are surely good; without an accelerator, none is."""
        return sift_none(text)

    def validate_large(
        self, line: "LargeLine", most: int | None, allowed: frozenset[str]
    ) -> LargeVerdict:
        """Return what there is to say of a row that is large; here it is held in memory.

        Args:
            line: the line, whose pieces are consumed.
            most: how many kinds of findings of each severity may come to be shown; None: all.
            allowed: the codes that are not looked for.

        """
        from .validating import validate_whole  # it imports this module

        return validate_whole(line, most, allowed, self)

    def pairing(self, row: Any) -> Sequence[Any]:  # noqa: ARG002 - for kinds that have none
        """Return parts that a changed row keeps, the most telling first; None for one it lacks.

        Of any row there are as many, and at most ``comparing.pairing.KINDS``.
        """
        return ()

    def summary(self, row: Any) -> str | None:  # noqa: ARG002 - as above
        """Return in a line what a row says, for people; None: they are shown its JSON."""
        return None

    def speaker(self, path: KeyPath, value: Any) -> str | None:  # noqa: ARG002 - as above
        """Return whose words a value is that stands in a list at a path, if that can be said."""
        return None

    def convertible(self, row: Mapping[str, Any]) -> str | None:  # noqa: ARG002 - as above
        """Return the format that ``sftc data convert --from`` takes for a row of another kind."""
        return None
