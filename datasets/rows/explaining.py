"""What the row schema does not allow, in the words of rows, messages and keys."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

from ...diagnostics import Aim, Finding, KeyPath, codes, dotted, key_text, quoted
from ...schemas.explaining import Miss, misses

Part: TypeAlias = Literal["row", "message", "tool", "tool_call"]
"""The parts of a row that can be judged alone."""

_TYPES: Final = {
    "array": "an array",
    "null": "null",
    "object": "an object",
    "string": "a string",
}
_ELSEWHERE: Final[Mapping[str, Mapping[str, str]]] = {
    "messages": {
        "conversations": "this is ShareGPT's format: run `sftc data convert --from sharegpt FILE "
        "-o OUT`",
        "conversation": "write `messages` of `role` and `content`",
        "dialog": "write `messages` of `role` and `content`",
        "dialogue": "write `messages` of `role` and `content`",
    },
    "role": {"from": "write `role` and `content` instead of ShareGPT's `from` and `value`"},
}
"""What other formats of datasets call a key, with what to do about it."""
_PREFERENCE: Final = ("chosen", "rejected")
_CONVERTED: Final = {
    "sharegpt": ("conversations",),
    "alpaca": ("instruction", "output"),
    "prompt-completion": ("prompt", "completion"),
}
"""The keys of rows that `sftc data convert` reads, by what its ``--from`` takes."""
_OTHER_FORMATS: Final = (
    ("instruction", "instructions are not supported; write `messages` of a user and an assistant"),
    ("prompt", "a prompt alone is not supported; write `messages` of a user and an assistant"),
    ("text", "plain text is not supported; write `messages` of a user and an assistant"),
    ("contents", "this is Gemini's format; write `messages` of `role` and `content`"),
)
_PARTS: Final = frozenset(("messages", "tools"))
_KEYS: Final = frozenset(("role", "content", "weight"))
_LONGEST_VALUE: Final = 40
_READABLE: Final = 4300
"""Digits of an integer that Python's readers take: ``sys.int_info`` has it."""


def explain(value: Any, part: Part, path: KeyPath) -> Iterator[Finding]:
    """Yield what the schema does not allow in a part of a row, one finding a cause.

    Args:
        value: the part, as JSON values.
        part: which part of a row it is.
        path: where in the row it stands.

    """
    seen: set[KeyPath] = set()
    for miss in misses("row", value, None if part == "row" else part):
        above = (*path, *miss.path)
        for key in miss.absent:
            if (*above, key) not in seen:
                seen.add((*above, key))
                yield _missing(miss.value, above, key)
        if not miss.absent and above not in seen:
            seen.add(above)
            yield _wrong(miss, above)


def convertible(row: Mapping[str, Any]) -> str | None:
    """Return the format that `sftc data convert --from` takes for a row, by its keys."""
    if "messages" in row or is_preference(row):
        return None
    return next((name for name, keys in _CONVERTED.items() if row.keys() >= {*keys}), None)


def is_preference(row: Mapping[str, Any]) -> bool:
    """Whether a row has answers to choose from, which teach nothing by themselves."""
    return any(key in row for key in _PREFERENCE)


def named(path: KeyPath) -> str:
    """Return what a path of a row leads to, as people say it."""
    # Most findings are about a part of a message, and written out a few times quicker.
    match path:
        case (str(part), int(index)) if part in _PARTS:
            return f"`{part}[{index}]`"
        case (str(part), int(index), str(key)) if part in _PARTS and key in _KEYS:
            return f"`{part}[{index}].{key}`"
        case ():
            return "the row"
        case _:
            return f"`{dotted(path)}`"


def _missing(value: Mapping[str, Any], path: KeyPath, key: str) -> Finding:
    # Imported here because only a bad row needs it.
    from ...diagnostics.suggest import nearest

    words = {"what": named(path), "key": key}
    for other, hint in _ELSEWHERE.get(key, {}).items():
        if other in value:
            words |= {"found": other}
            return Finding(codes.MISSPELT_ROW_KEY, (*path, other), words, Aim.KEY, hint)
    slip = nearest(key, value)
    if slip is not None:
        words |= {"found": key_text(slip)}
        return Finding(codes.MISSPELT_ROW_KEY, (*path, slip), words, Aim.KEY, f"write `{key}`")
    advice: str | None = None
    if key == "messages":
        advice = _advice(value)
    elif key == "name" and "tool_calls" in path:
        advice = "name the function in `function.name`, or in `name`"
    return Finding(codes.MISSING_ROW_KEY, path, words, hint=advice)


def _advice(row: Mapping[str, Any]) -> str | None:
    """Return what to do about a row without messages."""
    if is_preference(row):
        return "preference data is not supported: supervised fine-tuning needs `messages`"
    source = convertible(row)
    if source is not None:
        return f"run `sftc data convert --from {source} FILE -o OUT`"
    return next((hint for other, hint in _OTHER_FORMATS if other in row), None)


def _wrong(miss: Miss, path: KeyPath) -> Finding:
    if miss.keyword == "pattern":
        return Finding(codes.BLANK_IN_ROW, path, {"what": named(path)})
    if miss.keyword == "minItems":
        return Finding(codes.NO_MESSAGES, path)
    kinds = [miss.rule] if isinstance(miss.rule, str) else miss.rule
    names = [_TYPES[kind] for kind in kinds]
    expected = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    words = {"what": named(path), "expected": expected, "found": found(miss.value)}
    return Finding(codes.WRONG_ROW_TYPE, path, words, hint=_hint(path, miss.value))


def found(value: Any) -> str:
    """Return what type a value has, in words, and the start of a text."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            text = quoted(value[:_LONGEST_VALUE]) + ("…" if len(value) > _LONGEST_VALUE else "")
            return f"a string ({text})"
        case list():
            return "an array"
        case _:
            return "an object"


def _hint(path: KeyPath, value: Any) -> str | None:
    match path, value:
        case (), list():
            return 'wrap it in an object: {"messages": […]}'
        case (), str() if value:
            return "the row is a JSON string that contains JSON; write the object itself"
        case (*_, "content"), bool() | int() | float():
            return "put it in quotes"
        case (*_, "messages" | "tools" | "tool_calls"), dict():
            return "put it in brackets"
        case (*_, "messages" | "tools" | "tool_calls" | "parameters" | "metadata"), str() if value:
            return "it is a JSON string that contains JSON; write the value itself"
        case _:
            return None


def long_integer(digits: int, path: KeyPath) -> Finding:
    """Return what is wrong with an integer beyond 64 bits at a path."""
    words = {"what": named(path), "digits": f"{digits:,}"}
    code = codes.NUMBER_TOO_LONG if digits > _READABLE else codes.INTEGER_BEYOND_64_BITS
    return Finding(code, path, words)
