"""4xx: a dataset that cannot be read, a row that is no row, or one that teaches nothing."""

from functools import partial

from .. import codes
from ..code import Code
from ..model import Severity

_code = partial(Code, language="json")
_GOOD = (
    '{"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}\n'
)

CODES = (
    _code(
        codes.UNREADABLE_DATASET,
        "unreadable-dataset",
        Severity.ERROR,
        "cannot read {what}: {reason}",
        page="The dataset does not exist, is a directory, or may not be read by this user. A "
        "relative path starts from the directory in which sftc runs.",
    ),
    _code(
        codes.NOT_JSONL,
        "not-jsonl",
        Severity.ERROR,
        "the file is {what}, not JSONL",
        why="the backend reads one JSON object a line",
        page="The first bytes say that the file is something else than its name promises. "
        "Nothing more is read of it, so that one cause gives one finding and not one a line.",
        bad='[\n  {"messages": [{"role": "user", "content": "2+2?"}]}\n]\n',
        good=_GOOD,
    ),
    _code(
        codes.NO_ROWS,
        "no-rows",
        Severity.ERROR,
        "the file has no rows",
        why="there is nothing to train on",
        page="The file is empty, or holds nothing but blank lines.",
        bad="\n",
        good=_GOOD,
    ),
    _code(
        codes.CHANGED_WHILE_READ,
        "changed-while-read",
        Severity.ERROR,
        "the file changed while it was read",
        why="its digest would be that of a file that never was",
        page="The size, the time of the last change or the file itself differs between the "
        "start and the end of reading. Something is still writing to it.",
        hint="wait until the file is complete",
    ),
    _code(
        codes.DAMAGED_COMPRESSION,
        "damaged-compression",
        Severity.ERROR,
        "the file cannot be decompressed: {reason}",
        page="The name ends in `.gz` or `.zst`, but the bytes are cut off, damaged, or not "
        "compressed in that way.",
    ),
    _code(
        codes.DATASET_BYTE_ORDER_MARK,
        "dataset-byte-order-mark",
        Severity.ERROR,
        "the file begins with a byte-order mark",
        why="JSON has none, and many of its readers reject the first row",
        page="A program on Windows put the invisible character U+FEFF at the start of the file. "
        'Write it as UTF-8 without BOM; in Python, `encoding="utf-8"` and not `utf-8-sig`.',
        bad="\ufeff" + _GOOD,
        good=_GOOD,
        hint="run `sftc data fix FILE -o OUT`",
    ),
    _code(
        codes.ROW_NOT_UTF8,
        "row-not-utf8",
        Severity.ERROR,
        "the row is not UTF-8: byte 0x{byte} at offset {offset} of the file",
        page="JSON text is UTF-8. The row was written in another encoding, or cut in the middle "
        "of a character. The offset counts bytes from the start of the (decompressed) file.",
    ),
    _code(
        codes.ROW_NOT_JSON,
        "row-not-json",
        Severity.ERROR,
        "the row is not JSON: {problem}",
        page="The line is not one complete JSON value. The column is where reading had to stop; "
        "the cause is there or a little before it.",
        bad="{'messages': []}\n",
        good=_GOOD,
    ),
    _code(
        codes.CUT_OFF,
        "cut-off",
        Severity.ERROR,
        "the last line is cut off",
        why="the file has no line end there: it was not written, copied or downloaded completely",
        page="The last line has no line end and is no complete JSON value.",
        bad=_GOOD + '{"messages": [{"role": "us',
        good=_GOOD,
    ),
    _code(
        codes.ROW_NOT_FINITE,
        "row-not-finite",
        Severity.ERROR,
        "`{found}` is not JSON",
        why="Python writes it and reads it, other readers of JSON refuse the row",
        page="JSON's numbers are finite. Python's `json.dumps` writes `NaN` and `Infinity` "
        "unless it is called with `allow_nan=False`.",
        bad='{"messages": [{"role": "user", "content": "hi"}], "metadata": {"score": NaN}}\n',
        good='{"messages": [{"role": "assistant", "content": "a"}], "metadata": {"score": null}}\n',
        hint="write null, or leave the key out",
    ),
    _code(
        codes.LONE_SURROGATE,
        "lone-surrogate",
        Severity.ERROR,
        "{what} holds half a character: the escape \\u{point} has no partner",
        why="it is no Unicode text, and cannot be written as UTF-8",
        page="JSON writes a character beyond U+FFFF as two escapes. One of them stands alone, "
        "mostly because a text was cut between the two.",
        bad='{"messages": [{"role": "assistant", "content": "\\ud83d"}]}\n',
        good='{"messages": [{"role": "assistant", "content": "\\ud83d\\ude42"}]}\n',
    ),
    _code(
        codes.ROW_NESTED_TOO_DEEP,
        "row-nested-too-deep",
        Severity.ERROR,
        "the row is nested too deep to be read",
        page="Arrays and objects stand in each other about a thousand levels deep. No dataset "
        "needs that, and readers of JSON give up at a depth of their own.",
    ),
    _code(
        codes.MISSING_ROW_KEY,
        "missing-row-key",
        Severity.ERROR,
        "{what} has no `{key}`",
        page="A row is an object with `messages`; each message has a `role`; each tool and each "
        "call of one has a name.",
        bad='{"messages": [{"content": "hi"}]}\n',
        good='{"messages": [{"role": "assistant", "content": "hi"}]}\n',
    ),
    _code(
        codes.WRONG_ROW_TYPE,
        "wrong-row-type",
        Severity.ERROR,
        "{what} must be {expected}, not {found}",
        page="The value has another JSON type than this key of a row takes.",
        bad='{"messages": [{"role": "assistant", "content": 4}]}\n',
        good='{"messages": [{"role": "assistant", "content": "4"}]}\n',
    ),
    _code(
        codes.NO_MESSAGES,
        "no-messages",
        Severity.ERROR,
        "`messages` is empty",
        page="A row is a conversation of at least one message.",
        bad='{"messages": []}\n',
        good=_GOOD,
    ),
    _code(
        codes.BLANK_IN_ROW,
        "blank-in-row",
        Severity.ERROR,
        "{what} is blank",
        page="The string is empty or holds nothing but white space: a role, or the name of a tool.",
        bad='{"messages": [{"role": " ", "content": "hi"}]}\n',
        good='{"messages": [{"role": "assistant", "content": "hi"}]}\n',
    ),
    _code(
        codes.MISSPELT_ROW_KEY,
        "misspelt-row-key",
        Severity.ERROR,
        "{what} has `{found}`; did you mean `{key}`?",
        page="A key that a row cannot do without is missing, and there is one that is nearly "
        "the same word, or that another format of datasets uses for it.",
        bad='{"mesages": [{"role": "assistant", "content": "hi"}]}\n',
        good='{"messages": [{"role": "assistant", "content": "hi"}]}\n',
    ),
)
