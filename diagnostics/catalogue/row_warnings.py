"""4xx, what else there is to say of a row: it teaches nothing, or not what it seems to.

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
        why="readers of JSON disagree about which of the two counts",
        page="Most readers keep the last value, some the first, some refuse the row.",
        bad='{"messages": [{"role": "user", "role": "assistant", "content": "hi"}]}\n',
        good='{"messages": [{"role": "assistant", "content": "hi"}]}\n',
    ),
    _code(
        codes.NO_ASSISTANT,
        "no-assistant",
        Severity.ERROR,
        "no message is the assistant's",
        why="there is nothing to learn from: training is on the assistant's turns",
        page="The row has no message with the role `assistant`. A trainer passes over it, or "
        "stops.",
        bad='{"messages": [{"role": "user", "content": "2+2?"}]}\n',
        good=_GOOD,
    ),
    _code(
        codes.NOT_ENDING_WITH_ASSISTANT,
        "not-ending-with-assistant",
        Severity.WARNING,
        "the last message is not the assistant's",
        why="there is nothing to learn from what comes after the assistant's last turn",
        page="The row ends with a question, or with the answer of a tool.",
        bad=_GOOD.replace("]}", ', {"role": "user", "content": "And 2+3?"}]}'),
        good=_GOOD,
    ),
    _code(
        codes.EMPTY_TURN,
        "empty-turn",
        Severity.ERROR,
        "{what} is an assistant's turn that says nothing",
        why="training on it teaches to answer with nothing",
        page="The turn has no content but white space, no call of a tool, and no reasoning. A "
        "`function_call`, as older datasets have it, is a call.",
        bad='{"messages": [{"role": "assistant", "content": ""}]}\n',
        good='{"messages": [{"role": "assistant", "content": "hi"}]}\n',
    ),
    _code(
        codes.ROW_TOO_LARGE,
        "row-too-large",
        Severity.WARNING,
        "the row has {megabytes} MB",
        why="no model's context holds it; the trainer cuts it off or runs out of memory",
        page="A row of more than 10 MB (10,000,000 bytes).",
    ),
    _code(
        codes.ROW_TWICE,
        "row-twice",
        Severity.WARNING,
        "the row is the same as the one in line {first}",
        why="it counts twice in training",
        page="Two lines are the same, byte for byte, apart from white space around them. The "
        "first million and a half different rows of a file are remembered to find this.",
        bad=_GOOD + _GOOD,
        good=_GOOD,
    ),
    _code(
        codes.UNKNOWN_ROLE,
        "unknown-role",
        Severity.WARNING,
        "{what} is `{role}`, which chat templates do not know",
        why="most refuse an unknown role, some drop its turn",
        page="The roles are `system`, `developer`, `user`, `assistant`, `tool` and `function`. A "
        "role of your own needs a chat template of your own.",
        bad='{"messages": [{"role": "narrator", "content": "It rains."}, {"role": "assistant", '
        '"content": "So it does."}]}\n',
        good='{"messages": [{"role": "user", "content": "It rains."}, {"role": "assistant", '
        '"content": "So it does."}]}\n',
    ),
    _code(
        codes.ARGUMENTS_OF_TWO_KINDS,
        "arguments-of-two-kinds",
        Severity.WARNING,
        "`arguments` are a string in line {strings}, and an object in line {objects}",
        why="a chat template writes the two differently, so the model learns two forms of a call "
        "(prime-rl #885)",
        page="Arguments are an object, or a string of JSON; readers that infer one type for a "
        "column, such as Arrow, fail on a file with both.",
        bad=_ASKED
        + _CALL
        + _ANSWER
        + _SAID
        + _ASKED.replace("2+2", "2+3")
        + _CALL.replace('"{\\"terms\\": [2, 2]}"', '{"terms": [2, 3]}')
        + _ANSWER.replace("4", "5")
        + _SAID.replace("4", "5"),
        good=_ASKED + _CALL + _ANSWER + _SAID,
        hint="write all of them in one way",
    ),
    _code(
        codes.CALL_WITHOUT_ANSWER,
        "call-without-answer",
        Severity.WARNING,
        "nothing in the row answers {what}",
        why="models see a call followed by its answer; OpenAI's and others' validators refuse "
        "the row (microsoft-foundry/fine-tuning #23)",
        page="A call of a tool is followed by a message with the role `tool` and the call's `id` "
        "as its `tool_call_id`. The last turn of a row is another matter: see "
        "`ends-with-call`.",
        bad=_ASKED + _CALL + '{"role": "user", "content": "And?"}, ' + _SAID,
        good=_ASKED + _CALL + _ANSWER + _SAID,
    ),
    _code(
        codes.ANSWER_WITHOUT_CALL,
        "answer-without-call",
        Severity.WARNING,
        "{what} answers no call",
        why="a tool answers what the assistant called; without the call, templates and validators "
        "refuse the row",
        page="A message with the role `tool` or `function` follows a turn of the assistant with "
        "`tool_calls`, one message for each call.",
        bad=_ASKED + _ANSWER + _SAID,
        good=_ASKED + _CALL + _ANSWER + _SAID,
    ),
    _code(
        codes.ANSWER_TO_ANOTHER_ID,
        "answer-to-another-id",
        Severity.WARNING,
        "{what} answers the call `{found}`, which is not in the row",
        why="nobody can tell which call it answers (microsoft-foundry/fine-tuning #23)",
        page="The `tool_call_id` of an answer is the `id` of a call before it, letter by letter.",
        bad=_ASKED + _CALL + _ANSWER.replace('"a"', '"b"') + _SAID,
        good=_ASKED + _CALL + _ANSWER + _SAID,
    ),
    _code(
        codes.INTEGER_BEYOND_64_BITS,
        "integer-beyond-64-bits",
        Severity.WARNING,
        "{what} holds an integer beyond 64 bits",
        why="many readers round it, or refuse the row",
        page="JSON sets no limit, but Arrow, pandas and most other readers keep integers in 64 "
        "bits. Identifiers of that length are texts.",
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
        "{what} has the role of the turn before it, `{role}`",
        why="some chat templates refuse it, others write two turns",
        page="Templates differ: Llama's writes both turns, Mistral's and Gemma's demand that "
        "`user` and `assistant` alternate.",
        bad='{"messages": [{"role": "user", "content": "Hello."}, {"role": "user", "content": '
        '"2+2?"}, ' + _SAID,
        good='{"messages": [{"role": "user", "content": "Hello. 2+2?"}, ' + _SAID,
        hint="join the two turns",
    ),
    _code(
        codes.LATE_SYSTEM_TURN,
        "late-system-turn",
        Severity.NOTE,
        "{what} has the role `{role}`, and is not at the start",
        why="chat templates look for it at the start: others drop it, move it or refuse the row",
        page="Most templates take one `system` turn, the first of the conversation.",
        bad=_ASKED + '{"role": "system", "content": "Be brief."}, ' + _SAID,
        good='{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", '
        '"content": "2+2?"}, ' + _SAID,
    ),
    _code(
        codes.ENDS_WITH_CALL,
        "ends-with-call",
        Severity.NOTE,
        "the row ends with a call that nothing answers",
        why="that teaches to call a tool, but not what to do with its answer",
        page="Rows that teach which tool to call end so on purpose. If the conversation went on, "
        "the rest of it is missing.",
        bad=_ASKED + _CALL.removesuffix(", ") + "]}\n",
        good=_ASKED + _CALL + _ANSWER + _SAID,
    ),
)
