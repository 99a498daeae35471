"""What a function raises that cannot give what it was asked for, because of what it was given."""

from collections.abc import Iterable

from .model import Diagnostic, Severity


class InvalidInputError(ValueError):
    """A config, a payload or a dataset has errors, or cannot be read.

    Attributes:
        diagnostics: what was found; at least one is an error.

    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        errors = (each for each in self.diagnostics if each.severity is Severity.ERROR)
        super().__init__("; ".join(f"{each.code}: {each.message}" for each in errors))
