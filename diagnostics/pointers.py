"""JSON Pointers (RFC 6901): how a place in a JSON document is written."""

from .words import KeyPath


def pointer(path: KeyPath) -> str:
    """Return the JSON Pointer of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def steps(text: str) -> tuple[str, ...]:
    """Return the steps of a JSON Pointer; indexes of arrays are texts, too."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:])
