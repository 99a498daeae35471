"""4xx: a dataset that cannot be read, or a row that is malformed."""

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
        page="The dataset does not exist, is a directory, or you have no permission to read it. "
        "A relative path starts from the current directory.",
    ),
    _code(
        codes.NOT_JSONL,
        "not-jsonl",
        Severity.ERROR,
        "the file is {what}, not JSONL",
        why="the backend expects one JSON object per line",
        page="The first bytes show that the file has another format. Reading stops there, so "
        "that there is one finding instead of one per line.",
        bad='[\n  {"messages": [{"role": "user", "content": "2+2?"}]}\n]\n',
        good=_GOOD,
    ),
    _code(
        codes.NO_ROWS,
        "no-rows",
        Severity.ERROR,
        "the file has no rows",
        why="there is nothing to train on",
        page="The file is empty, or contains only blank lines.",
        bad="\n",
        good=_GOOD,
    ),
    _code(
        codes.CHANGED_WHILE_READ,
        "changed-while-read",
        Severity.ERROR,
        "the file changed while it was being read",
        why="the digest would not match any state of the file",
        page="The size, the modification time or the file itself changed between the start and "
        "the end of reading. Some process is still writing to it.",
        hint="wait until the file is complete",
    ),
    _code(
        codes.DAMAGED_COMPRESSION,
        "damaged-compression",
        Severity.ERROR,
        "the file cannot be decompressed: {reason}",
        page="The name ends in `.gz` or `.zst`, but the data is truncated, corrupt, or not in "
        "that format.",
    ),
    _code(
        codes.DATASET_BYTE_ORDER_MARK,
        "dataset-byte-order-mark",
        Severity.ERROR,
        "the file begins with a byte-order mark",
        why="JSON does not allow one, and many parsers reject the first row",
        page="The file starts with the invisible character U+FEFF, which some programs on "
        'Windows add. Write it as UTF-8 without BOM; in Python, with `encoding="utf-8"` instead '
        "of `utf-8-sig`.",
        bad="\ufeff" + _GOOD,
        good=_GOOD,
        hint="run `sftc data fix FILE -o OUT`",
    ),
    _code(
        codes.ROW_NOT_UTF8,
        "row-not-utf8",
        Severity.ERROR,
        "the row is not UTF-8: byte 0x{byte} at offset {offset} of the file",
        page="JSON must be UTF-8. The row was written in another encoding, or cut in the middle "
        "of a character. The offset is in bytes from the start of the (decompressed) file.",
    ),
    _code(
        codes.ROW_NOT_JSON,
        "row-not-json",
        Severity.ERROR,
        "the row is not JSON: {problem}",
        page="The line is not one complete JSON value. The column is where parsing stopped; the "
        "cause is there or just before it.",
        bad="{'messages': []}\n",
        good=_GOOD,
    ),
    _code(
        codes.CUT_OFF,
        "cut-off",
        Severity.ERROR,
        "the last line is truncated",
        why="the file does not end with a line break, so it was not written, copied or "
        "downloaded completely",
        page="The last line has no line break, and is not a complete JSON value.",
        bad=_GOOD + '{"messages": [{"role": "us',
        good=_GOOD,
    ),
    _code(
        codes.ROW_NOT_FINITE,
        "row-not-finite",
        Severity.ERROR,
        "`{found}` is not JSON",
        why="Python writes and reads it, but other JSON parsers reject the row",
        page="Numbers in JSON are finite. Python's `json.dumps` writes `NaN` and `Infinity` "
        "unless it is called with `allow_nan=False`.",
        bad='{"messages": [{"role": "user", "content": "hi"}], "metadata": {"score": NaN}}\n',
        good='{"messages": [{"role": "assistant", "content": "a"}], "metadata": {"score": null}}\n',
        hint="write null, or remove the key",
    ),
    _code(
        codes.LONE_SURROGATE,
        "lone-surrogate",
        Severity.ERROR,
        "{what} contains a lone surrogate: the escape \\u{point} is half of a pair",
        why="it is not valid Unicode, and cannot be encoded as UTF-8",
        page="JSON escapes a character beyond U+FFFF as a pair of surrogates. Here one of them "
        "is missing, usually because the text was cut between the two.",
        bad='{"messages": [{"role": "assistant", "content": "\\ud83d"}]}\n',
        good='{"messages": [{"role": "assistant", "content": "\\ud83d\\ude42"}]}\n',
    ),
    _code(
        codes.ROW_NESTED_TOO_DEEP,
        "row-nested-too-deep",
        Severity.ERROR,
        "the row is nested too deep to be parsed",
        page="Arrays and objects are nested about a thousand levels deep. No dataset needs that, "
        "and JSON parsers have a depth limit.",
    ),
    _code(
        codes.MISSING_ROW_KEY,
        "missing-row-key",
        Severity.ERROR,
        "{what} has no `{key}`",
        page="A row is an object with `messages`. Each message needs a `role`; each tool and "
        "each tool call needs a name.",
        bad='{"messages": [{"content": "hi"}]}\n',
        good='{"messages": [{"role": "assistant", "content": "hi"}]}\n',
    ),
    _code(
        codes.WRONG_ROW_TYPE,
        "wrong-row-type",
        Severity.ERROR,
        "{what} must be {expected}, not {found}",
        page="The value has the wrong JSON type.",
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
        page="A role or the name of a tool is empty or contains only white space.",
        bad='{"messages": [{"role": " ", "content": "hi"}]}\n',
        good='{"messages": [{"role": "assistant", "content": "hi"}]}\n',
    ),
    _code(
        codes.MISSPELT_ROW_KEY,
        "misspelt-row-key",
        Severity.ERROR,
        "{what} has `{found}`; did you mean `{key}`?",
        page="A required key is missing, and there is a key with nearly the same name, or with "
        "the name that another dataset format uses.",
        bad='{"mesages": [{"role": "assistant", "content": "hi"}]}\n',
        good='{"messages": [{"role": "assistant", "content": "hi"}]}\n',
    ),
)
