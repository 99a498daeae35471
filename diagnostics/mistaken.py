"""A path given where the text of a document belongs: told by what was given, never by the disk."""

from collections.abc import Mapping
from typing import Any, Final

_ENDS: Final = (".toml", ".json", ".jsonl", ".yaml", ".yml")
_LONGEST: Final = 80
"""Characters of what was given that a message repeats."""


def is_path(text: str | bytes) -> bool:
    """Return whether a text is one line that ends as a file's name does, and no document."""
    line = text if isinstance(text, str) else text[:4096].decode("utf-8", "replace")
    return line.strip().lower().endswith(_ENDS) and not set("\n#={[\"'") & set(line.strip())


def check_text(given: Any, what: str, *, values: bool = False) -> None:
    """Refuse what is neither text nor, where they are taken, the values of a document.

    Args:
        given: what a program passed.
        what: what belongs there, such as ``the config``.
        values: whether a mapping is taken as well.

    Raises:
        TypeError: it is of another type, such as a path.

    """
    if isinstance(given, str | bytes) or (values and isinstance(given, Mapping)):
        return
    kinds = "str, bytes or a mapping" if values else "str or bytes"
    hint = "; pass what the file holds: path.read_text()" if hasattr(given, "__fspath__") else ""
    raise TypeError(f"{what} must be {kinds}, not {type(given).__name__}{hint}")


def check_no_path(given: Any, what: str) -> None:
    """Refuse a text that is the path of a document.

    Raises:
        ValueError: it is.

    """
    if isinstance(given, str | bytes) and is_path(given):
        raise ValueError(
            f"{what} is the path of a file, {given[:_LONGEST]!r}; "
            "pass what the file holds: Path(…).read_text()"
        )
