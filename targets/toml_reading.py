"""TOML as the systems read it, with places, and without what a hostile text could do."""

import math
from typing import Any

import tomli

from ..diagnostics import Span
from ..diagnostics.lines import Lines
from ..diagnostics.toml_places import Places
from .documents import LONGEST_NUMBER, Document, UnreadableError, require_bounded


def read_toml(text: str, name: str) -> Document:
    """Return what a text says; dates and times are texts.

    Raises:
        UnreadableError: it cannot be read.

    """
    start = Span(1, 1, 1, 1, name)
    try:
        tree = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise UnreadableError(error.msg, Lines(text, name).span(error.pos, error.pos)) from None
    except RecursionError:
        raise UnreadableError("it is nested too deeply", start) from None
    except ValueError:  # Python converts no more than some thousand digits to an integer
        raise UnreadableError("a number is too long", start) from None
    require_bounded(tree, start)
    return Document(name, _plain(tree, start), Places(text, name).span)


def _plain(value: Any, start: Span) -> Any:
    match value:
        case dict():
            return {key: _plain(below, start) for key, below in value.items()}
        case list():
            return [_plain(below, start) for below in value]
        case float() if not math.isfinite(value):
            raise UnreadableError(f"{value} is not a finite number", start)
        case bool():
            return value
        case int() if abs(value) >= 10**LONGEST_NUMBER:
            raise UnreadableError("a number is too long", start)
        case str() | int() | float():
            return value
        case _:  # a date, a time, or both
            return str(value)
