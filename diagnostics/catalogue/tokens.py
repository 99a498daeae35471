"""46x: a dataset as a model sees it, through one tokenizer and its chat template."""

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
        "the chat template {template} refuses the row: {reason}",
        why="a trainer that applies the template stops here",
        page="The chat template raises an error for this conversation. Many templates take no "
        "`developer` turn, no two turns of one role in a row, no list as `content`, no call "
        "without `content`, or arguments only as an object, or only as a JSON string. The reason "
        "is the template's own. The same conversation fails in transformers, "
        "whose rendering is followed to the letter.",
        bad='{"messages": [{"role": "assistant", "tool_calls": [{"type": "function", "function": '
        '{"name": "f", "arguments": "{}"}}]}]}\n',
        good='{"messages": [{"role": "assistant", "content": "", "tool_calls": [{"type": '
        '"function", "function": {"name": "f", "arguments": {}}}]}]}\n',
    ),
    _code(
        codes.NOTHING_LEARNED,
        "nothing-learned",
        Severity.ERROR,
        "nothing of the row is learned: {reason}",
        why="it takes its share of the training and teaches nothing",
        page="Only what the assistant says is learned. The row has no such token left: no turn "
        "is the assistant's, all of them have `weight` 0, the template leaves them out, or they "
        "stand behind the sequence length. A trainer drops the row, or wastes a step on it.",
        bad='{"messages": [{"role": "user", "content": "2+2?"}]}\n',
        good='{"messages": [{"role": "user", "content": "2+2?"}, '
        '{"role": "assistant", "content": "4"}]}\n',
    ),
    _code(
        codes.ROWS_CUT,
        "rows-cut",
        Severity.WARNING,
        "{rows} of more than {length} tokens: {tokens} cut off",
        why="what is cut off, often the end of the answer, is not learned",
        page="Trainers keep the first tokens of a row, as many as the sequence length, and drop "
        "the rest without a word. Raise "
        "`sequence_length`, or shorten the rows.",
    ),
    _code(
        codes.LEARNED_UNTOLD,
        "learned-untold",
        Severity.WARNING,
        "labels of {rows} cannot be derived from the chat template {template}: {reason}",
        why="no labels are given rather than wrong ones",
        page="A template may mark what the assistant says, between `{% generation %}` and "
        "`{% endgeneration %}`. Where it does not, the conversation is rendered up to each turn "
        "of the assistant and once more with it, and the turn is what was added; but some "
        "templates write the beginning of a conversation in another way once it goes on: they "
        "end it with a token, or drop earlier reasoning. Then nobody can tell. Name a "
        "template with markers by `--chat-template`; TRL has such variants of common templates.",
    ),
    _code(
        codes.TOOLS_DROPPED,
        "tools-dropped",
        Severity.WARNING,
        "the chat template {template} leaves out {what} of {rows}",
        why="the model learns to answer without having seen them",
        page="The rendered text is without some tool or some call of these rows: the template "
        "has no place for them. Train another "
        "model, or name a template that knows tools by `--chat-template`.",
    ),
    _code(
        codes.SPECIAL_TOKEN_IN_DATA,
        "special-token-in-data",
        Severity.WARNING,
        "the data holds what the tokenizer takes for special: {tokens}",
        why="it becomes the token itself, not the text: a turn may end or begin there",
        page="A text of the row has the spelling of a special token of this tokenizer, so that "
        "it is encoded as that token. Text that was rendered once already, and put into a "
        "message, is the usual cause.",
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
        why="the model has never seen that, and answers worse",
        page="The first two tokens both are the tokenizer's `bos_token`: the template writes it, "
        "and so does the row.",
    ),
    _code(
        codes.ROW_NOT_TOKENIZED,
        "row-not-tokenized",
        Severity.WARNING,
        "the row has no tokens: {reason}",
        page="Rows of more than 10 MB (10,000,000 bytes) are not tokenized, nor is a row at which "
        "the template or the tokenizer fails so badly that its process ends. Counts are "
        "without it.",
    ),
    _code(
        codes.TEMPLATE_STUCK,
        "template-stuck",
        Severity.ERROR,
        "the chat template {template} takes too long: no row behind this one was tokenized",
        why="a template is a program, and may never end",
        page="Three rows close to each other took more than 10 seconds each to render, where a "
        "row takes a thousandth of a second. The rest of the file was not looked at.",
    ),
)
