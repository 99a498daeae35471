"""What rows of datasets have in common, for `sftc data`: looked for where an option asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .progress import progress
from .streams import usage

if TYPE_CHECKING:
    from ..datasets import Measured

_STDIN: Final = "-"


@dataclass(slots=True)
class Between:
    """The files of one check, in the order in which they are looked at.

    Attributes:
        training: those to train on.
        validation: the one to validate on, if one is named; it is the last one.
        near_duplicates: whether to look for rows that are the same apart from how they are written.
        head: how many first rows of each file to train on are looked at; None: all.
        most: how many kinds of findings of each severity are shown; None: each finding alone.

    """

    training: Sequence[str]
    validation: str | None
    near_duplicates: bool
    head: int | None
    most: int | None
    _complete: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Exit with 2 if a file would be read twice that comes once."""
        compared = self.near_duplicates or self.validation is not None
        if compared and _STDIN in {*self.training, self.validation}:
            usage("comparing rows reads each file more than once: name files instead of `-`")

    def files(self) -> list[tuple[str, bool]]:
        """Return the names of all files, and whether each is the one to validate on."""
        files = [(name, False) for name in self.training]
        return files if self.validation is None else [*files, (self.validation, True)]

    def compare(self, name: str, measured: "Measured", *, validates: bool) -> "Measured":
        """Return what was measured of the next file with what its rows have in common."""
        if measured.sha256 is None:  # it could not be read to its end
            return measured
        if not self.near_duplicates and not validates:
            self._complete.append(name)
            return measured
        # Imported here because most datasets are checked alone.
        from ..datasets import size
        from ..datasets.comparing import near_duplicates, overlap

        each = self.most is None
        if self.near_duplicates:
            with progress(f"{name}: near duplicates", size(name)) as bar:
                found = near_duplicates(name, head=measured.head, each=each, progress=bar)
            measured = measured.also(found, most=self.most)
        if not validates:
            self._complete.append(name)
            return measured
        for training in self._complete:
            with progress(f"{training} and {name}", size(training)) as bar:
                found = overlap(training, name, head=self.head, each=each, progress=bar)
            measured = measured.also(found, most=self.most)
        return measured
