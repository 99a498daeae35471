r"""TOML text to plain values; and, only when asked, where each key and value stands.

The first stage: it knows TOML and nothing of configs.
"""

import re
from typing import Any, Final

import tomli

from ...diagnostics import Finding, Span, codes
from ...diagnostics.limits import DEEPEST
from ...diagnostics.lines import Lines
from ...diagnostics.mistaken import check_text

__all__ = ["DEEPEST", "decode", "parse"]

LARGEST: Final = 4 * 1024 * 1024
"""Bytes (of a ``str``, code points) of the largest config that is read."""

_ENDLESS_INTEGER: Final = re.compile(r"(?:0[xob])?[0-9A-Fa-f_]{2000,}")
"""More digits than Python shows of an integer; in hexadecimal it reads them all the same."""
_LARGEST_SHOWN: Final = 2**8192


def decode(raw: bytes | str, document: str) -> tuple[str, list[Finding]]:
    r"""Return the text with ``\n`` for every line end, and what stands against reading it.

    Args:
        raw: the TOML; bytes are UTF-8.
        document: its name.

    Raises:
        TypeError: it is neither text nor bytes.

    """
    check_text(raw, "the config")
    if len(raw) > LARGEST:
        return "", [Finding(codes.TOO_LARGE, words={"limit": f"{LARGEST // 1024**2} MiB"})]
    data = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data.decode("utf-8", "replace"), [_not_utf8(data, error, document)]
    text = text.replace("\r\n", "\n")
    if text.startswith("\ufeff"):
        return text, [Finding(codes.BYTE_ORDER_MARK, span=Span(1, 1, 1, 2, document))]
    return text, []


def _not_utf8(data: bytes, error: UnicodeDecodeError, document: str) -> Finding:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Finding(codes.NOT_UTF8, words={"reason": "it looks like UTF-16"})
    before = data[: error.start].decode("utf-8")
    span = Lines(before, document).span(len(before), len(before))
    reason = f"byte 0x{data[error.start]:02x} at offset {error.start:,}"
    return Finding(codes.NOT_UTF8, words={"reason": reason}, span=span)


def parse(text: str, document: str) -> tuple[dict[str, Any] | None, list[Finding]]:
    """Return the values of a TOML 1.1 text, or None and the finding that stopped the reading."""
    try:
        if "\r\n" in text:  # of CR CR LF; tomli would take it for a line end
            raise tomli.TOMLDecodeError("Invalid statement", text, text.index("\r\n"))  # noqa: TRY301
        values = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        from .syntax import explain  # only a wrong text needs it

        return None, [explain(text, document, error.msg, error.pos)]
    except RecursionError:
        return None, [_too_deep(text, document)]
    except ValueError:  # Python converts no more than some thousand digits to an integer
        return None, [_endless_integer(text, document)]
    # Counting the marks of nesting is far cheaper than a walk, and nearly always enough.
    if sum(map(text.count, "[{.")) >= DEEPEST and _nests_too_deep(values):
        return None, [_too_deep(text, document)]
    if _ENDLESS_INTEGER.search(text) and _holds_an_endless_integer(values):
        return None, [_endless_integer(text, document)]
    return values, [] if values else [Finding(codes.EMPTY_CONFIG)]


def _holds_an_endless_integer(value: Any) -> bool:
    if type(value) is dict:
        return any(map(_holds_an_endless_integer, value.values()))
    if type(value) is list:
        return any(map(_holds_an_endless_integer, value))
    return type(value) is int and not -_LARGEST_SHOWN < value < _LARGEST_SHOWN


def _nests_too_deep(values: dict[str, Any]) -> bool:
    level: list[Any] = [values]
    for _ in range(DEEPEST):
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) in (dict, list)
        ]
        if not level:
            return False
    return True


def _too_deep(text: str, document: str) -> Finding:
    from ...diagnostics.toml_places import Places  # only a wrong text needs it

    places = Places(text, document)
    span = places.lines.span(*places.too_deep) if places.too_deep else None
    return Finding(codes.NESTED_TOO_DEEP, words={"limit": str(DEEPEST)}, span=span)


def _endless_integer(text: str, document: str) -> Finding:
    digits = _ENDLESS_INTEGER.search(text)
    start, end = digits.span() if digits else (0, 0)
    words = {"key": f"{text[start : start + 10]}…"}
    span = Lines(text, document).span(start, end)
    return Finding(codes.INTEGER_TOO_LARGE, words=words, span=span)
