"""47x: rows of other formats, made into ours."""

from functools import partial

from .. import codes
from ..code import Code
from ..model import Severity

_code = partial(Code, language="json")

CODES = (
    _code(
        codes.NOT_OF_FORMAT,
        "not-of-format",
        Severity.ERROR,
        "{what} is not {format}: it has no `{key}`",
        page="`sftc data convert --from` names the format of the file, and each row must have it. "
        "The hint says which format the row looks like. Nothing is written for such a row, and "
        "`-o` writes no file unless `--skip-errors` is given.",
    ),
    _code(
        codes.KEPT_ASIDE,
        "kept-aside",
        Severity.NOTE,
        "`{key}` is no part of a conversation: it is kept in {where}",
        page="A converted row keeps every key of its source. A key that has no place in the "
        "conversation goes to the row's `metadata`; a key of a message, or of a row that already "
        "has `messages`, stays where it was. Nothing is learned from it.",
    ),
    _code(
        codes.NOT_CARRIED_OVER,
        "not-carried-over",
        Severity.WARNING,
        "`{key}` holds {holds}, which our rows have no place for: it is kept in {where}",
        why="nothing is learned from it, though the trainer it was written for uses it",
        page="Trainers act on some keys of other formats: images, a rejected answer, a system "
        "prompt, a weight of the row. A converted row keeps the value, but training ignores it. "
        "Decide whether the rows still teach what they should.",
    ),
    _code(
        codes.NOT_CONVERTIBLE,
        "not-convertible",
        Severity.ERROR,
        "{what} cannot be converted: {reason}",
        page="The row could only be converted by guessing: two keys say the same thing "
        "differently, or a text that should hold JSON does not. Nothing is written for such a row, "
        "and `-o` writes no file unless `--skip-errors` is given.",
    ),
    _code(
        codes.ALREADY_OURS,
        "already-ours",
        Severity.NOTE,
        "no row has functions or function calls: nothing had to be converted",
        page="The file has `messages` already, and none of the keys of OpenAI's legacy format. "
        "`sftc data` checks it as it is.",
    ),
)
