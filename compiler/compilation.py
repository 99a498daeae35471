"""What the compiler gives back: values, computed when they are asked for."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from ..diagnostics import Diagnostic, KeyPath
from . import lower, shape
from .lower import Origin

if TYPE_CHECKING:
    from .lower.fate import Destination


@dataclass(frozen=True)
class Compilation:
    """What a config compiles to.

    Attributes:
        diagnostics: every finding, sorted by place.
        foreign: the note that the file is no fine-tuning config, if it looks like none; one that
            compiles never does.

    """

    diagnostics: tuple[Diagnostic, ...]
    foreign: Diagnostic | None = None
    _lowered: lower.Lowered | None = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """Whether there is a payload: no diagnostic is an error."""
        return self._lowered is not None

    @cached_property
    def payload(self) -> dict[str, Any] | None:
        """The payload as plain values, or None if any diagnostic is an error."""
        if self._lowered is None:
            return None
        shape.require_payload(self._lowered.payload)
        return self._lowered.payload

    @cached_property
    def payload_bytes(self) -> bytes | None:
        """The payload as canonical JSON, or None."""
        from ..payloads import canonical  # a lint does without

        return None if self.payload is None else canonical.encode(self.payload)

    @cached_property
    def provenance(self) -> dict[str, Origin]:
        """Where each leaf of the payload came from, by its JSON Pointer; empty if none."""
        return self._lowered.provenance if self._lowered else {}

    def origin(self, path: KeyPath) -> Origin:
        """Return where the value at a path of the payload came from; it may be a whole array.

        Raises:
            ValueError: there is no payload, or no value at that path of it.

        """
        if self._lowered is None:
            raise ValueError("a config with errors has no payload")
        return lower.origin_of(path, self._lowered.origins)

    def key_for(self, path: KeyPath) -> KeyPath:
        """Return the key path that a field of the payload is read from, set or not.

        Raises:
            ValueError: there is no payload.

        """
        if self._lowered is None:
            raise ValueError("a config with errors has no payload")
        return self._lowered.key_for(path)

    @cached_property
    def destinations(self) -> dict[KeyPath, "Destination"]:
        """Where each leaf of the config went, by its key path; empty if there is no payload."""
        return self._lowered.destinations if self._lowered else {}


class Mended(NamedTuple):
    """What the fixes of a config came to.

    Attributes:
        text: the config after them.
        applied: the diagnostics that they took away.
        diagnostics: those that remain.

    """

    text: str
    applied: tuple[Diagnostic, ...]
    diagnostics: tuple[Diagnostic, ...]
