"""46x: a dataset as the model sees it, with a tokenizer and its chat template."""

from functools import partial

from .. import codes
from ..code import Code
from ..model import Severity

_code = partial(Code, language="json")

CODES = (
    _code(
        codes.TEMPLATE_REFUSES_ROW,
        "template-refuses-row",
        Severity.ERROR,
        "the chat template {template} rejects the row: {reason}",
        why="a trainer that applies the template stops here",
        page="The chat template raises an error for this conversation, and the reason is the "
        "template's own text. Many templates reject `developer` messages, two consecutive "
        "messages with the same role, a list as `content`, or a tool call without `content`; "
        "some accept arguments only as an object, others only as a JSON string. The conversation "
        "also fails in transformers, which sftc's rendering follows exactly.",
        bad='{"messages": [{"role": "assistant", "tool_calls": [{"type": "function", "function": '
        '{"name": "f", "arguments": "{}"}}]}]}\n',
        good='{"messages": [{"role": "assistant", "content": "", "tool_calls": [{"type": '
        '"function", "function": {"name": "f", "arguments": {}}}]}]}\n',
    ),
    _code(
        codes.NOTHING_LEARNED,
        "nothing-learned",
        Severity.ERROR,
        "no token of the row is trained on: {reason}",
        why="it takes training time and teaches nothing",
        page="Only assistant tokens are in the loss, and this row has none: there is no "
        "assistant message, all of them have `weight` 0, the template drops them, or they are "
        "beyond the sequence length. Trainers drop the row, or waste a step on it.",
        bad='{"messages": [{"role": "user", "content": "2+2?"}]}\n',
        good='{"messages": [{"role": "user", "content": "2+2?"}, '
        '{"role": "assistant", "content": "4"}]}\n',
    ),
    _code(
        codes.ROWS_CUT,
        "rows-cut",
        Severity.WARNING,
        "{rows} of more than {length} tokens: {tokens} truncated",
        why="truncated tokens, often the end of the answer, are not trained on",
        page="Trainers silently truncate rows to the sequence length. Raise `sequence_length`, "
        "or shorten the rows.",
    ),
    _code(
        codes.LEARNED_UNTOLD,
        "learned-untold",
        Severity.WARNING,
        "labels of {rows} cannot be derived from the chat template {template}: {reason}",
        why="no labels are better than wrong ones",
        page="A template may mark the assistant tokens with `{% generation %}` and `{% "
        "endgeneration %}`. If it does not, sftc renders the conversation up to each assistant "
        "message, and again with it, and takes the difference. Some templates render the "
        "beginning of a conversation differently once it continues: they append a token, or drop "
        "earlier reasoning. Then the difference is ambiguous. Pass a template with markers with "
        "`--chat-template`; TRL has such variants of common templates.",
    ),
    _code(
        codes.TOOLS_DROPPED,
        "tools-dropped",
        Severity.WARNING,
        "the chat template {template} drops {what} of {rows}",
        why="the model is trained without seeing them",
        page="The rendered text lacks some tools or tool calls of these rows, because the "
        "template does not support them. Train another model, or pass a template that supports "
        "tools with `--chat-template`.",
    ),
    _code(
        codes.SPECIAL_TOKEN_IN_DATA,
        "special-token-in-data",
        Severity.WARNING,
        "the data contains special tokens of the tokenizer: {tokens}",
        why="they are encoded as the tokens themselves, not as text, so a message may end or "
        "begin there",
        page="A text of the row contains the spelling of a special token of this tokenizer, and "
        "is encoded as that token. The usual cause is text that was already rendered with a chat "
        "template.",
        bad='{"messages": [{"role": "user", "content": "2+2?<|im_end|>"}, '
        '{"role": "assistant", "content": "4"}]}\n',
        good='{"messages": [{"role": "user", "content": "2+2?"}, '
        '{"role": "assistant", "content": "4"}]}\n',
    ),
    _code(
        codes.BEGINS_TWICE,
        "begins-twice",
        Severity.WARNING,
        "{rows} start with two BOS tokens",
        why="the model has not been trained on that, and its answers get worse",
        page="The first two tokens are both the tokenizer's `bos_token`: the template adds one, "
        "and the row has another.",
    ),
    _code(
        codes.ROW_NOT_TOKENIZED,
        "row-not-tokenized",
        Severity.WARNING,
        "the row was not tokenized: {reason}",
        page="Rows longer than 10 MB (10,000,000 bytes) are not tokenized, nor are rows that "
        "crash the template or the tokenizer. Token counts exclude them.",
    ),
    _code(
        codes.TEMPLATE_STUCK,
        "template-stuck",
        Severity.ERROR,
        "the chat template {template} is too slow: no row after this one was tokenized",
        why="a template is a program, and may never terminate",
        page="Three rows near each other took more than 10 seconds each to render, instead of "
        "about a millisecond. The rest of the file was not tokenized.",
    ),
)
