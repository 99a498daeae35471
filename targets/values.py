"""Which values a field of a payload takes, and what another system's value is as one.

The schemas say it: the payload's, and of hyperparameters beyond it, what a trainer takes.
"""

from typing import Any, Final

from .. import schemas
from ..diagnostics import KeyPath, value_text
from ..payloads import fields
from ..schemas.accepting import key_acceptor
from .paths import ABSENT, leaves

_FORWARDED: Final = "forwarded"
_PAYLOAD: Final = "payload"
_LONGEST: Final = 40
"""Characters of the longest text that is read as a number."""


_BEYOND: Final = {(*fields.HYPERPARAMETERS, "packing"): bool}
"""What our own trainer refuses, and a payload may ask others for."""


def fits(field: KeyPath, value: Any) -> bool:
    """Whether a field of the payload takes a value."""
    if field in _BEYOND:
        return type(value) is _BEYOND[field]
    if schemas.key_schema(field, _PAYLOAD):
        return key_acceptor(field, _PAYLOAD)(value)
    name = field[len(fields.HYPERPARAMETERS) :]
    known = schemas.load(_FORWARDED)["properties"]
    return len(name) == 1 and name[0] in known and key_acceptor(name, _FORWARDED)(value)


def as_field(field: KeyPath, value: Any) -> Any:
    """Return another system's value as one that the field takes; ``ABSENT`` if there is none.

    Where the field takes numbers, a text that writes one is one, as it is to the systems, which
    read YAML 1.1: it has no number ``2e-5``. Where it takes integers, ``3.0`` is one.
    """
    for candidate in _readings(value):
        if fits(field, candidate) and _is_of_a_config(candidate):
            return candidate
    return ABSENT


def _is_of_a_config(value: Any) -> bool:
    """Whether TOML has a value, with all that is in it: no null, no integer beyond 64 bits."""
    return all(
        leaf is not None and (type(leaf) is not int or -(2**63) <= leaf < 2**63)
        for _, leaf in leaves(value)
    )


def _readings(value: Any) -> list[Any]:
    readings = [value]
    if isinstance(value, str) and len(value) <= _LONGEST and fits_number(value):
        value = float(value)
        readings.append(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        readings.append(int(value))
    return readings


def fits_number(text: str) -> bool:
    """Whether a text writes a finite number."""
    try:
        return abs(float(text)) < float("inf") and "_" not in text
    except ValueError:
        return False


def key_of(field: KeyPath) -> str:
    """Return the key of a config that a field is routed from, or the field's own name."""
    keys: dict[KeyPath, str] = {
        fields.TRAINING_PATH: "job.data",
        fields.VALIDATION_PATH: "data.validation_path",
    }
    return keys.get(field, str(field[-1]))


def shown(value: Any) -> str:
    """Return a value of any system in short."""
    return "null" if value is None else value_text(value)
