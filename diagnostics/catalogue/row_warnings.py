"""4xx, warnings: a row that teaches nothing, or not what it seems to.

Sources: OpenAI's chat format and its validator, and what users of trainers ran into.
"""

from functools import partial

from .. import codes
from ..code import Code
from ..model import Severity

_code = partial(Code, language="json")
_GOOD = (
    '{"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}\n'
)
_ASKED = '{"messages": [{"role": "user", "content": "2+2?"}, '
_CALL = (
    '{"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "add", '
    '"arguments": "{\\"terms\\": [2, 2]}"}}]}, '
)
_ANSWER = '{"role": "tool", "tool_call_id": "a", "content": "4"}, '
_SAID = '{"role": "assistant", "content": "4"}]}\n'

CODES = (
    _code(
        codes.KEY_TWICE,
        "key-twice",
        Severity.WARNING,
        "{what} has the key `{key}` twice",
        why="JSON parsers disagree about which of the two counts",
        page="Most parsers keep the last value, some the first, and some reject the row.",
        bad='{"messages": [{"role": "user", "role": "assistant", "content": "hi"}]}\n',
        good='{"messages": [{"role": "assistant", "content": "hi"}]}\n',
    ),
    _code(
        codes.NO_ASSISTANT,
        "no-assistant",
        Severity.ERROR,
        "there is no assistant message",
        why="there is nothing to train on: the loss is on assistant messages",
        page="The row has no message with the role `assistant`. Trainers skip it, or stop.",
        bad='{"messages": [{"role": "user", "content": "2+2?"}]}\n',
        good=_GOOD,
    ),
    _code(
        codes.NOT_ENDING_WITH_ASSISTANT,
        "not-ending-with-assistant",
        Severity.WARNING,
        "the last message is not an assistant message",
        why="messages after the last assistant message are not trained on",
        page="The row ends with a question, or with a tool message.",
        bad=_GOOD.replace("]}", ', {"role": "user", "content": "And 2+3?"}]}'),
        good=_GOOD,
    ),
    _code(
        codes.EMPTY_TURN,
        "empty-turn",
        Severity.ERROR,
        "{what} is an assistant message without content",
        why="it trains the model to answer with nothing",
        page="The message has no content (or only white space), no tool call and no reasoning. A "
        "legacy `function_call` counts as a tool call.",
        bad='{"messages": [{"role": "assistant", "content": ""}]}\n',
        good='{"messages": [{"role": "assistant", "content": "hi"}]}\n',
    ),
    _code(
        codes.ROW_TOO_LARGE,
        "row-too-large",
        Severity.WARNING,
        "the row is {megabytes} MB long",
        why="it exceeds every model's context; the trainer truncates it or runs out of memory",
        page="The row is longer than 10 MB (10,000,000 bytes).",
    ),
    _code(
        codes.ROW_TWICE,
        "row-twice",
        Severity.WARNING,
        "the row is a duplicate of line {first}",
        why="it counts twice in training",
        page="The two lines are identical byte for byte, apart from surrounding white space. "
        "Duplicate detection remembers the first 1.5 million distinct rows of a file.",
        bad=_GOOD + _GOOD,
        good=_GOOD,
    ),
    _code(
        codes.UNKNOWN_ROLE,
        "unknown-role",
        Severity.WARNING,
        "{what} is `{role}`, which chat templates do not know",
        why="most chat templates reject an unknown role, some drop the message",
        page="The known roles are `system`, `developer`, `user`, `assistant`, `tool` and "
        "`function`. Any other role needs a chat template of your own.",
        bad='{"messages": [{"role": "narrator", "content": "It rains."}, {"role": "assistant", '
        '"content": "So it does."}]}\n',
        good='{"messages": [{"role": "user", "content": "It rains."}, {"role": "assistant", '
        '"content": "So it does."}]}\n',
    ),
    _code(
        codes.ARGUMENTS_OF_TWO_KINDS,
        "arguments-of-two-kinds",
        Severity.WARNING,
        "`arguments` are a string in line {strings}, but an object in line {objects}",
        why="chat templates render the two differently, so the model learns two formats of a "
        "call (prime-rl #885)",
        page="Arguments are an object or a JSON string. Readers that infer one type per column, "
        "such as Arrow, fail on a file with both.",
        bad=_ASKED
        + _CALL
        + _ANSWER
        + _SAID
        + _ASKED.replace("2+2", "2+3")
        + _CALL.replace('"{\\"terms\\": [2, 2]}"', '{"terms": [2, 3]}')
        + _ANSWER.replace("4", "5")
        + _SAID.replace("4", "5"),
        good=_ASKED + _CALL + _ANSWER + _SAID,
        hint="use one of the two throughout the file",
    ),
    _code(
        codes.CALL_WITHOUT_ANSWER,
        "call-without-answer",
        Severity.WARNING,
        "no tool message answers {what}",
        why="a model expects each call to be answered; the validators of OpenAI and others "
        "reject the row (microsoft-foundry/fine-tuning #23)",
        page="A tool call must be followed by a message with the role `tool` and the `id` of the "
        "call as `tool_call_id`. For a call in the last message of a row, see `ends-with-call`.",
        bad=_ASKED + _CALL + '{"role": "user", "content": "And?"}, ' + _SAID,
        good=_ASKED + _CALL + _ANSWER + _SAID,
    ),
    _code(
        codes.ANSWER_WITHOUT_CALL,
        "answer-without-call",
        Severity.WARNING,
        "{what} answers no call",
        why="a tool message must answer a tool call; otherwise, templates and validators reject "
        "the row",
        page="A message with the role `tool` or `function` must follow an assistant message with "
        "`tool_calls`, one message per call.",
        bad=_ASKED + _ANSWER + _SAID,
        good=_ASKED + _CALL + _ANSWER + _SAID,
    ),
    _code(
        codes.ANSWER_TO_ANOTHER_ID,
        "answer-to-another-id",
        Severity.WARNING,
        "{what} answers the call `{found}`, which is not in the row",
        why="it is unknown which call it answers (microsoft-foundry/fine-tuning #23)",
        page="The `tool_call_id` of a tool message must be exactly the `id` of an earlier call.",
        bad=_ASKED + _CALL + _ANSWER.replace('"a"', '"b"') + _SAID,
        good=_ASKED + _CALL + _ANSWER + _SAID,
    ),
    _code(
        codes.INTEGER_BEYOND_64_BITS,
        "integer-beyond-64-bits",
        Severity.WARNING,
        "{what} has an integer beyond 64 bits",
        why="many parsers round it, or reject the row",
        page="JSON sets no limit, but Arrow, pandas and most other readers store integers in 64 "
        "bits. Write long identifiers as strings.",
        bad='{"messages": [{"role": "assistant", "content": "hi"}], "metadata": {"id": '
        "123456789012345678901234567890}}\n",
        good='{"messages": [{"role": "assistant", "content": "hi"}], "metadata": {"id": '
        '"123456789012345678901234567890"}}\n',
        hint="put it in quotes",
    ),
    _code(
        codes.ROLE_TWICE_IN_A_ROW,
        "role-twice-in-a-row",
        Severity.NOTE,
        "{what} has the same role as the message before it, `{role}`",
        why="some chat templates reject it, others render two messages",
        page="Llama's template renders both messages; Mistral's and Gemma's require that `user` "
        "and `assistant` alternate.",
        bad='{"messages": [{"role": "user", "content": "Hello."}, {"role": "user", "content": '
        '"2+2?"}, ' + _SAID,
        good='{"messages": [{"role": "user", "content": "Hello. 2+2?"}, ' + _SAID,
        hint="merge the two messages",
    ),
    _code(
        codes.LATE_SYSTEM_TURN,
        "late-system-turn",
        Severity.NOTE,
        "{what} has the role `{role}`, but is not at the start",
        why="chat templates expect it at the start; elsewhere, they drop it, move it or reject "
        "the row",
        page="Most templates accept only one `system` message, the first of the conversation.",
        bad=_ASKED + '{"role": "system", "content": "Be brief."}, ' + _SAID,
        good='{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", '
        '"content": "2+2?"}, ' + _SAID,
    ),
    _code(
        codes.ENDS_WITH_CALL,
        "ends-with-call",
        Severity.NOTE,
        "the row ends with an unanswered tool call",
        why="it teaches the model to call a tool, but not what to do with the answer",
        page="Rows that teach which tool to call end like this on purpose. If the conversation "
        "went on, the rest is missing.",
        bad=_ASKED + _CALL.removesuffix(", ") + "]}\n",
        good=_ASKED + _CALL + _ANSWER + _SAID,
    ),
)
