"""48x: what rows of two datasets, or of one, have in common."""

from functools import partial

from .. import codes
from ..code import Code
from ..model import Severity

_code = partial(Code, language="json")
_ROW = (
    '{"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}\n'
)

CODES = (
    _code(
        codes.VALIDATION_ROW_IN_TRAINING,
        "validation-row-in-training",
        Severity.WARNING,
        "the row is also in the training dataset, in line {first}",
        why="the validation loss then measures what the model has memorised",
        page="Validation estimates how a model does on data that it has not seen. Rows are "
        "compared by content: the order of keys, escapes and white space between the values of "
        "JSON do not matter. Remove the row from one of the two files; drop duplicates before "
        "you split a dataset.",
    ),
    _code(
        codes.VALIDATION_ROW_NEARLY_IN_TRAINING,
        "validation-row-nearly-in-training",
        Severity.WARNING,
        "the row is also in the training dataset, in line {first}, apart from white space",
        why="the validation loss then measures what the model has memorised",
        page="The texts of the two rows are the same once each run of white space is one space, "
        "and there is none at their ends. Remove the row from one of the two files.",
    ),
    _code(
        codes.ROW_NEARLY_TWICE,
        "row-nearly-twice",
        Severity.WARNING,
        "the row is the same as the one in line {first}, apart from how it is written",
        why="it counts twice in training",
        page="The two rows differ in nothing but the order of keys, escapes and white space, "
        "that within their texts included. `sftc data --near-duplicates` looks for them; rows "
        "that are the same byte for byte are SFT445.",
        bad=_ROW + _ROW.replace("2+2?", "2+2?\\n"),
        good=_ROW,
    ),
    _code(
        codes.ROWS_NOT_COMPARED,
        "rows-not-compared",
        Severity.NOTE,
        "only the first {rows} {done}",
        page="What is remembered of rows takes memory, which is bounded: half a million rows of "
        "a validation dataset are looked for in the training dataset, and a million and a half "
        "different rows of one file are compared with those after them. Later rows may have "
        "duplicates that are not reported.",
    ),
)
