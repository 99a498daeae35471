"""48x: duplicate rows in two datasets, or in one."""

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
        why="the validation loss then measures memorisation",
        page="Validation estimates how well a model does on data that it has not seen. Rows are "
        "compared by content, regardless of the order of keys, escapes and white space between "
        "JSON values. Remove the row from one of the files; deduplicate a dataset before you "
        "split it.",
    ),
    _code(
        codes.VALIDATION_ROW_NEARLY_IN_TRAINING,
        "validation-row-nearly-in-training",
        Severity.WARNING,
        "the row is also in the training dataset, in line {first}, apart from white space",
        why="the validation loss then measures memorisation",
        page="The texts of the two rows are equal after white space is collapsed and trimmed. "
        "Remove the row from one of the files.",
    ),
    _code(
        codes.ROW_NEARLY_TWICE,
        "row-nearly-twice",
        Severity.WARNING,
        "the row is a near duplicate of line {first}",
        why="it counts twice in training",
        page="The two rows differ only in the order of keys, escapes and white space, including "
        "white space in their texts. `sftc data --near-duplicates` finds them; rows that are "
        "identical byte for byte are SFT445.",
        bad=_ROW + _ROW.replace("2+2?", "2+2?\\n"),
        good=_ROW,
    ),
    _code(
        codes.ROWS_NOT_COMPARED,
        "rows-not-compared",
        Severity.NOTE,
        "only the first {rows} {done}",
        page="Comparison is limited to bound memory: it looks for the first 500,000 rows of a "
        "validation dataset in the training dataset, and for duplicates of the first 1.5 million "
        "distinct rows of a file. Duplicates of later rows are not reported.",
    ),
)
