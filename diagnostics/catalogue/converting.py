"""47x: rows converted from other formats."""

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
        page="`sftc data convert --from` sets the format of the file, and every row must have "
        "it. The hint says which format the row seems to have. Such rows are not written, and "
        "`-o` writes no file unless `--skip-errors` is given.",
    ),
    _code(
        codes.KEPT_ASIDE,
        "kept-aside",
        Severity.NOTE,
        "`{key}` is not part of a conversation: it is kept in {where}",
        page="Converted rows keep every key of their source. A key that does not belong to the "
        "conversation is moved to `metadata`; a key of a message, or of a row that already has "
        "`messages`, stays where it is. It is not trained on.",
    ),
    _code(
        codes.NOT_CARRIED_OVER,
        "not-carried-over",
        Severity.WARNING,
        "`{key}` is {holds}, which the row format cannot express: it is kept in {where}",
        why="it is not trained on, though the trainer it was written for uses it",
        page="Trainers use some keys of other formats: images, a rejected answer, a system "
        "prompt, a weight of the row. Converted rows keep the value, but training ignores it. "
        "Check that the rows still teach what they should.",
    ),
    _code(
        codes.NOT_CONVERTIBLE,
        "not-convertible",
        Severity.ERROR,
        "{what} cannot be converted: {reason}",
        page="Converting the row would be a guess: two keys contradict each other, or a text "
        "that should be JSON is not. Such rows are not written, and `-o` writes no file unless "
        "`--skip-errors` is given.",
    ),
    _code(
        codes.ALREADY_OURS,
        "already-ours",
        Severity.NOTE,
        "nothing to convert: no row has functions or function calls",
        page="The file already has `messages`, and no key of OpenAI's legacy format. Use it as "
        "it is; `sftc data` validates it.",
    ),
)
