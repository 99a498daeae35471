"""Values compared to the bit, leaf by leaf."""

import struct
from typing import Any

from layouts import children


def exact(value: Any) -> Any:
    """Return a value so that ``==`` compares types and bits too."""
    match value:
        case bool() | str() | None:
            return (type(value).__name__, value)
        case int():
            return ("int", value)
        case float():
            return ("float", struct.pack(">d", value))
        case list():
            return ("list", [exact(child) for child in value])
        case _:
            return ("dict", {key: exact(child) for key, child in value.items()})


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], Any]:
    """Return each scalar and each empty container, by its path."""
    found = {p: v for key, child in children(value) for p, v in leaves(child, (*path, key)).items()}
    return found or {path: value}


def at_pointer(document: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document
