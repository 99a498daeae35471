"""Payload to bytes: the same data, the same bytes, whatever the order it was written in.

What is reviewed, hashed and sent is what this gives.
"""

from typing import Any, Final

import orjson

# Not RFC 8785, which writes the float 1.0 as 1.
_OPTIONS: Final = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def encode(payload: Any) -> bytes:
    """Return canonical JSON.

    UTF-8, keys sorted by code point, two-space indent, one final newline; a float in the
    shortest form that reads back bit for bit and is always recognisable as a float.
    """
    return orjson.dumps(payload, option=_OPTIONS)
