"""One side of a comparison: a payload, and where each of its values stands in the TOML.

A side is a payload as a file has it, or a config that is compiled on the fly. Pure: who reads
files or asks git is elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from ..compiler import Compilation, compile_config
from ..compiler.inspection import FromConfig, FromDefault, FromOption, places
from ..diagnostics import Aim, Diagnostic, KeyPath, Span
from ..payloads import kept_pins
from .payloads import is_payload, read_payload

if TYPE_CHECKING:
    from ..compiler.inspection import Places


class Source(NamedTuple):
    """Where the value of a payload leaf comes from.

    Attributes:
        origin: the key, default or option; None in a payload without its config.
        file: the file that says so: a config, or a schema.
        span: where in the config, if it is there.

    """

    origin: FromConfig | FromDefault | FromOption | None
    file: str
    span: Span | None = None

    def __str__(self) -> str:
        """Return the place in short, for people."""
        match self.origin:
            case FromConfig():
                return (
                    f"{self.file}:{self.span.line}:{self.span.column}" if self.span else self.file
                )
            case FromDefault():
                return "default"
            case FromOption(option):
                return f"--{option}"
            case None:
                return self.file


@dataclass(frozen=True)
class Side:
    """One side.

    Attributes:
        name: the file, as it was named.
        payload: the payload.
        text: the config, if it is one.
        compiled: what the config compiled to, if it is one.

    """

    name: str
    payload: dict[str, Any]
    text: str | bytes = ""
    compiled: Compilation | None = field(default=None, repr=False)

    @cached_property
    def places(self) -> "Places":
        """Where each key and value of the config stands."""
        return places(self.text, self.name)

    def source(self, path: KeyPath) -> Source:
        """Return where the leaf at a path of the payload comes from."""
        if self.compiled is None:
            return Source(None, self.name)
        origin = self.compiled.origin(path)
        if isinstance(origin, FromConfig):
            return Source(origin, origin.document, self.places.span(origin.path, Aim.VALUE))
        if isinstance(origin, FromDefault):
            return Source(origin, f"{origin.schema}.schema.json#{origin.pointer}")
        return Source(origin, self.name)


def read_side(
    data: bytes, name: str, *, artifact: Mapping[str, Any] | None = None
) -> Side | tuple[Diagnostic, ...]:
    """Return a side, or the findings that say why there is none.

    Args:
        data: the bytes of a payload, or of a config.
        name: its name in diagnostics.
        artifact: the payload that a config has in the repository, whose pins it keeps.

    """
    if is_payload(data, name):
        payload = read_payload(data, name)
        return payload if isinstance(payload, tuple) else Side(name, payload)
    compiled = compile_config(data, filename=name)
    if compiled.payload is None:
        return compiled.diagnostics
    pins = kept_pins(compiled.payload, artifact) if artifact else {}
    if pins:
        compiled = compile_config(data, filename=name, pins=pins)
    return Side(name, compiled.payload or {}, data, compiled)
