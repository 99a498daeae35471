"""YAML as we write it: block style, one way for each value, a comment behind what has one.

The subset that YAML 1.1 and 1.2 read alike: no anchors, no tags, no plain scalar that one of them
takes for something else. A library would decide by its version what the bytes are.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..diagnostics import KeyPath

_PLAIN: Final = re.compile(r"[A-Za-z_/.][A-Za-z0-9_./+-]*\Z")
_WORDS: Final = re.compile(r"(?i:y|n|yes|no|on|off|true|false|null|~|\.nan|[-+]?\.inf|\.+|---)\Z")
"""Plain scalars that are no texts."""
_NUMBER: Final = re.compile(r"[-+.]?[0-9][0-9_.:eE+-]*\Z")
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def write_yaml(tree: Mapping[str, Any], comments: Mapping[KeyPath, str], heading: str) -> str:
    """Return a tree as YAML.

    Args:
        tree: mappings, lists, texts, numbers, booleans and null.
        comments: what stands behind the key or item at a path, on one line.
        heading: lines of a comment at the top.

    """
    lines = [f"# {line}".rstrip() for line in heading.splitlines()]
    return "\n".join([*lines, *_block(tree, (), "", comments)]) + "\n"


def _block(
    value: Any, path: KeyPath, indent: str, comments: Mapping[KeyPath, str]
) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _entry(f"{indent}{scalar(key)}:", below, (*path, key), indent, comments)
        return
    for index, below in enumerate(value):
        at = (*path, index)
        if isinstance(below, (Mapping, list)) and below:
            first, *rest = _block(below, at, f"{indent}  ", comments)
            yield f"{indent}- {first.removeprefix(indent + '  ')}"
            yield from rest
        else:
            yield from _entry(f"{indent}-", below, at, indent, comments)


def _entry(
    head: str, value: Any, path: KeyPath, indent: str, comments: Mapping[KeyPath, str]
) -> Iterator[str]:
    comment = f"  # {comments[path]}" if path in comments else ""
    if isinstance(value, (Mapping, list)) and value:
        yield head + comment
        yield from _block(value, path, f"{indent}  ", comments)
    elif isinstance(value, str) and _is_text_of_lines(value):
        yield f"{head} |{comment}"
        yield from (f"{indent}  {line}".rstrip() for line in value.splitlines())
    else:
        yield f"{head} {scalar(value)}{comment}"


def _is_text_of_lines(value: str) -> bool:
    """Whether a text can stand as a block: lines that begin and end visibly, one end at its end."""
    lines = value.split("\n")
    return (
        len(lines) > 2  # noqa: PLR2004 - two lines and what follows the last end
        and lines[-1] == ""
        and all(line == line.rstrip() and not _UNSAFE.search(line) for line in lines)
        and lines[0][:1] not in ("", " ")
        and lines[-2] != ""
    )


def scalar(value: Any) -> str:
    """Return a value on one line; a container is empty.

    Raises:
        TypeError: YAML 1.2 and 1.1 have no common way to write it.

    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case str():
            return value if _is_plain(value) else _quoted(value)
        case {} | []:
            return "{}" if isinstance(value, Mapping) else "[]"
        case _:
            raise TypeError(f"{type(value).__name__} is no value of a config")


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.match(text)) and not _WORDS.match(text) and not _NUMBER.match(text)


def _float(value: float) -> str:
    """Return a float that YAML 1.1 reads as one: with a point, and a sign in its exponent."""
    mantissa, e, exponent = repr(value).partition("e")
    if "n" in mantissa:
        raise TypeError("a config cannot contain nan or infinity")
    mantissa = mantissa if "." in mantissa else f"{mantissa}.0"
    return f"{mantissa}e{exponent if exponent[0] in '+-' else '+' + exponent}" if e else mantissa


def _quoted(text: str) -> str:
    plain = json.dumps(text, ensure_ascii=False)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", plain)
