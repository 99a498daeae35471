"""What is kept of a row too large to be held: the keys that the rules look at."""

from typing import Any, Final, TypeAlias

Keys: TypeAlias = dict[str, Any]
"""What to keep of an object: its keys, each with None, with more keys, or for an array of parts
with the name of the part and what to keep of each."""

WHOLE: Final = "whole"
"""What to keep of a text that is looked at as a whole."""

NAME: Final = "name"
"""What to keep of a text of which enough is looked at to tell names apart."""

_FUNCTION: Final[Keys] = {"name": NAME, "description": None, "parameters": None}
_CALLED: Final[Keys] = {"name": NAME, "arguments": WHOLE}
_CALL: Final[Keys] = {"id": None, **_CALLED, "function": _CALLED}
_MESSAGE: Final[Keys] = {
    "role": None,
    "content": ("content", {"type": None, "text": None}),
    "tool_calls": ("tool_call", _CALL),
    "name": None,
    "reasoning": None,
    "raw_content": None,
    "function_call": _CALLED,
    "tool_call_id": None,
    "weight": None,
}
ROW: Final[Keys] = {
    "messages": ("message", _MESSAGE),
    "tools": ("tool", {**_FUNCTION, "function": _FUNCTION}),
    "metadata": None,
}
