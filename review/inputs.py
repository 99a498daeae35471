"""Reviews for programs and notebooks: of text in memory, or of values."""

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from ..diagnostics import InvalidInputError
from ..diagnostics.mistaken import check_no_path, check_text
from .comparison import Comparison
from .lifting import Lifted, lift_payload
from .payloads import read_payload
from .side import Side, read_side
from .source_map import SourceMap, resolve, source_map

Input: TypeAlias = str | bytes | Mapping[str, Any]
"""The text of a config or a payload, or the values of a payload."""


def diff(old: Input, new: Input, *, names: tuple[str, str] = ("old", "new")) -> Comparison:
    """Compare payloads, or what configs compile to, as ``sftc diff`` does.

    Args:
        old: the text of a config or of a payload, or the values of a payload.
        new: the same.
        names: the names of the two in reported locations.

    Raises:
        InvalidInputError: one of them has errors.
        TypeError: one of them has the wrong type.
        ValueError: one of them is the path of a file.

    """
    for given, name in zip((old, new), names, strict=True):
        check_text(given, name, values=True)
        check_no_path(given, name)
    before, after = map(_side, (old, new), names)
    return Comparison(before, after)


def explain(
    config: str | bytes, asked: str | None = None, *, filename: str = "config.toml"
) -> SourceMap:
    """Return where each field of a payload comes from, and where each key of its config went.

    Args:
        config: the text of the config.
        asked: only this field, a JSON Pointer, or this key, such as ``compute.gpu_type``.
        filename: the name of the config in diagnostics and places.

    Raises:
        InvalidInputError: the config has errors.
        KeyError: there is no such field or key.
        TypeError: ``config`` is neither text nor bytes.
        ValueError: it is a payload, which does not record where its values come from, or the path
            of a file.

    """
    check_text(config, "the config")
    check_no_path(config, "the config")
    side = _side(config, filename)
    if side.compiled is None:
        raise ValueError("a payload does not know where its values come from; its config does")
    found = source_map(side)
    part = found if asked is None else resolve(found, asked)
    if part is None:
        raise KeyError(asked)
    return part


def lift(payload: Input, *, name: str = "job.json", described: bool = False) -> Lifted:
    """Return the config that compiles to a payload, and what no config can express.

    Args:
        payload: its text, or its values.
        name: its name in diagnostics.
        described: whether each key has its description above it.

    Raises:
        InvalidInputError: it is not a payload.
        TypeError: it has the wrong type.
        ValueError: it is the path of a file.

    """
    check_text(payload, "the payload", values=True)
    check_no_path(payload, "the payload")
    return lift_payload(_payload(payload, name), name, described=described)


def _side(given: Input, name: str) -> Side:
    if isinstance(given, Mapping):
        return Side(name, _payload(given, name))
    side = read_side(given.encode() if isinstance(given, str) else given, name)
    if isinstance(side, tuple):
        raise InvalidInputError(side)
    return side


def _payload(given: Input, name: str) -> dict[str, Any]:
    text = json.dumps(dict(given)) if isinstance(given, Mapping) else given
    payload = read_payload(text.encode() if isinstance(text, str) else text, name)
    if isinstance(payload, tuple):
        raise InvalidInputError(payload)
    return payload
