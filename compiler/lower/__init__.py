"""Config to payload, by following the routes that the schema gives.

A small engine that knows no key of the format. For each field it sets it keeps which key or
default the value came from, and it reports each key that goes nowhere.
"""

from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from ... import schemas
from ...diagnostics import Aim, Finding, KeyPath, RelatedKey, codes, dotted
from ...diagnostics.pointers import pointer
from ...payloads import FORMAT_VERSION, fields
from ...schemas.accepting import key_acceptor
from .provenance import (
    FromConfig,
    FromDefault,
    FromOption,
    Origin,
    Target,
    origin_of,
    trace,
)
from .routes import config_routes, key_routed_to, known_targets, skeleton
from .walk import Claim, Walk

if TYPE_CHECKING:
    from .fate import Destination

__all__ = [
    "FromConfig",
    "FromDefault",
    "FromOption",
    "Lowered",
    "Origin",
    "Pins",
    "lower",
    "origin_of",
]

_FORMAT: Final = FromDefault(
    "payload", pointer((*(p for part in fields.FORMAT for p in ("properties", part)), "enum", 0))
)


class PinLike(Protocol):
    """What pins a file, such as ``datasets.Pin``.

    Attributes:
        tokens: how many tokens it has; None: nobody counted.
        sequence_length: rows were cut to so many tokens to count them; None: they were not.

    """

    @property
    def tokens(self) -> int | None: ...

    @property
    def sequence_length(self) -> int | None: ...

    def facts(self) -> Mapping[str, str | int]:
        """Return what a payload says beside the path of the file."""


Pins: TypeAlias = Mapping[str, Mapping[str, str | int] | PinLike | Finding]
"""What is known of dataset files, by use: the facts that pin one, or why there are none."""


@dataclass(frozen=True)
class Lowered:
    """What a config was lowered to.

    Attributes:
        claims: the fields of the payload, each before those inside it.
        flaws: what JSON cannot carry.
        unread: what goes nowhere, or not from where it stands.
        sets_known_fields: whether a key that its table does not know sets a field that is known.
        config: the values it was made from.

    """

    claims: list[Claim]
    flaws: list[Finding]
    unread: list[Finding]
    sets_known_fields: bool
    config: Mapping[str, Any]

    @cached_property
    def payload(self) -> dict[str, Any]:
        """The payload; complete only if nothing is reported as an error."""
        payload: dict[str, Any] = {}
        for target, value, _ in self.claims:
            table = payload
            for part in target[:-1]:
                table = table.setdefault(part, {})
            table[target[-1]] = deepcopy(value) if value == {} else value
        return payload

    @cached_property
    def origins(self) -> dict[KeyPath, Origin]:
        """Where each field came from; a field may hold a whole table or array."""
        return {target: origin for target, _, origin in self.claims}

    @property
    def provenance(self) -> dict[str, Origin]:
        """Where each leaf of the payload came from, by its JSON Pointer."""
        return trace(self.payload, self.origins)

    @property
    def destinations(self) -> dict[KeyPath, "Destination"]:
        """Where each leaf of the config went, by its key path."""
        from .fate import destinations  # to compile needs none of it

        return destinations(self.config, self.origins)

    def pinned(self, pins: Pins) -> tuple["Lowered", list[Finding]]:
        """Return the same with what is known of files beside their paths, and why some is not."""
        if not pins:
            return self, []
        claims, findings = list(self.claims), []
        files = schemas.dataset_files()
        for use, pin in pins.items():
            if use not in files or not self._has((*files[use], "path")):
                raise ValueError(f"pins: the config has no {use} dataset")
            file = files[use]
            if isinstance(pin, Finding):
                findings.append(replace(pin, path=self.key_of((*file, "path")) or ()))
            else:
                facts = pin if isinstance(pin, Mapping) else self._facts(use, pin)
                if facts and not key_acceptor(file, "payload")({"path": "x", **facts}):
                    raise ValueError(f"pins: the entry for the {use} dataset is not a pin")
                claims += (((*file, name), fact, FromOption("pin")) for name, fact in facts.items())
        return replace(self, claims=claims), findings

    def key_of(self, path: KeyPath) -> KeyPath | None:
        """Return the key path of what stands at a path of the payload; None if no key set it."""
        if not self._has(path):
            return None  # a table around fields
        origin = origin_of(path, self.origins)
        return origin.path if isinstance(origin, FromConfig) else None

    def _facts(self, use: str, pin: PinLike) -> Mapping[str, str | int]:
        if not hasattr(pin, "facts"):
            raise ValueError(f"pins: the entry for the {use} dataset is not a pin")
        length = fields.value_at(self.payload, fields.SEQUENCE_LENGTH)
        if pin.tokens is not None and pin.sequence_length != length:
            raise ValueError(
                f"pins: the tokens of the {use} dataset were counted with sequence length "
                f"{pin.sequence_length}, but the config has {length}"
            )
        return pin.facts()

    def _has(self, path: KeyPath) -> bool:
        return any(path[:length] in self.origins for length in range(len(path) + 1))

    def key_for(self, path: KeyPath) -> KeyPath:
        """Return the key path that a field of the payload is read from, set or not.

        Where no key is routed there, it is that of the nearest table around it or in it.
        """
        return self.key_of(path) or key_routed_to(path)


def lower(
    config: Mapping[str, Any],
    document: str,
    *,
    reported: Collection[KeyPath] = (),
    options: Mapping[str, str],
) -> Lowered:
    """Return what the payload of a config is made of.

    Args:
        config: the values of the TOML text.
        document: its name.
        reported: key paths that a finding says to belong elsewhere; that they go nowhere is
            not said again.
        options: values of command-line options that take the place of keys.

    """
    walk = Walk(document, reported, options)
    walk.table(config_routes(), config, ())
    taken: dict[Target, Claim] = {}
    for claim in (*walk.known, *walk.unknown):
        winner = taken.setdefault(claim[0], claim)
        if winner is not claim:
            walk.unread += _shadowed(claim, winner, reported)
    for claim in walk.defaults:
        taken.setdefault(claim[0], claim)
    sets_known_fields = any(target in known_targets() for target, _, _ in walk.unknown)
    claims = [*skeleton(), *taken.values()]
    if any(target[: len(fields.SFTC)] == fields.SFTC for target in taken):
        claims.append((fields.FORMAT, FORMAT_VERSION, _FORMAT))
    return Lowered(claims, walk.flaws, walk.unread, sets_known_fields, config)


def _shadowed(claim: Claim, winner: Claim, reported: Collection[KeyPath]) -> Iterator[Finding]:
    target, loser, first = claim[0], claim[2], winner[2]
    if isinstance(loser, FromConfig) and isinstance(first, FromConfig):
        words = {
            "key": dotted(loser.path),
            "winner": dotted(first.path),
            "target": pointer(target),
        }
        if loser.path not in reported:
            related = (RelatedKey(first.path),)
            yield Finding(codes.SHADOWED, loser.path, words, aim=Aim.KEY, related=related)
