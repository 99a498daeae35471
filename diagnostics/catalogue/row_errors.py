"""4xx, errors: roles, turns, calls, weights and numbers with which a row cannot be trained on.

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
        codes.MISSPELT_ROLE,
        "misspelt-role",
        Severity.ERROR,
        "{what} is `{found}`; did you mean `{role}`?",
        why="chat templates compare roles letter by letter, and refuse this one or drop its turn",
        page="The role is nearly one of `system`, `developer`, `user`, `assistant`, `tool` and "
        "`function`, but not to the letter: `Assistant`, `asistant`, `usr`.",
        bad='{"messages": [{"role": "user", "content": "2+2?"}, {"role": "asistant", "content": '
        '"4"}]}\n',
        good=_GOOD,
    ),
    _code(
        codes.ROLE_OF_ANOTHER_FORMAT,
        "role-of-another-format",
        Severity.ERROR,
        "{what} is `{found}`, a role of {format}",
        why="chat templates know `system`, `user`, `assistant` and `tool`; they refuse this role "
        "or drop its turn",
        page="ShareGPT, Gemini and others have roles of their own: `human`, `gpt`, `bot`, `model`. "
        "They come along when a dataset is converted key by key.",
        bad='{"messages": [{"role": "human", "content": "2+2?"}, {"role": "assistant", "content": '
        '"4"}]}\n',
        good=_GOOD,
    ),
    _code(
        codes.EMPTY_USER_TURN,
        "empty-user-turn",
        Severity.ERROR,
        "{what} is a user's turn that says nothing",
        why="the assistant would learn to answer a question that is not there",
        page="The turn has no `content`, or nothing but white space in it; often the text stands "
        "under another key, such as `contents` or `text`.",
        bad='{"messages": [{"role": "user", "text": "2+2?"}, {"role": "assistant", "content": '
        '"4"}]}\n',
        good=_GOOD,
    ),
    _code(
        codes.ARGUMENTS_NOT_JSON,
        "arguments-not-json",
        Severity.ERROR,
        "{what} must be an object or a string of JSON, not {found}",
        why="chat templates parse it, and fail on this row (LLaMA-Factory #7547)",
        page="The arguments of a call are an object, or that object written as a string of JSON, "
        "as OpenAI has it. Python's `str` of a dictionary, with its single quotes, is no JSON.",
        bad=_ASKED + _CALL.replace('{\\"terms\\": [2, 2]}', "{'terms': [2, 2]}") + _ANSWER + _SAID,
        good=_ASKED + _CALL + _ANSWER + _SAID,
    ),
    _code(
        codes.WEIGHT_NOT_0_OR_1,
        "weight-not-0-or-1",
        Severity.ERROR,
        "{what} must be 0 or 1, not {found}",
        why="a turn is trained on or it is not; OpenAI's validator refuses other weights",
        page="`weight` 0 leaves a turn of the assistant out of the loss; 1, or no `weight`, "
        "trains on it. Nothing lies between.",
        bad=_ASKED + _SAID.replace('"4"', '"4", "weight": 0.5'),
        good=_ASKED + _SAID.replace('"4"', '"4", "weight": 1'),
    ),
    _code(
        codes.NOTHING_WEIGHTED,
        "nothing-weighted",
        Severity.ERROR,
        "each of the assistant's turns has the weight 0",
        why="there is nothing to learn from: all of the row is masked",
        page="`weight` 0 leaves a turn out of the loss, and here all of them are left out "
        "(openai-cookbook #1270). A batch of such rows has a loss of NaN.",
        bad=_ASKED + _SAID.replace('"4"', '"4", "weight": 0'),
        good=_ASKED + _SAID.replace('"4"', '"4", "weight": 1'),
        hint="give the turns to learn from the weight 1, or take the row out",
    ),
    _code(
        codes.NUMBER_TOO_LONG,
        "number-too-long",
        Severity.ERROR,
        "{what} holds an integer of {digits} digits",
        why="Python's readers of JSON refuse the row: they stop at 4,300 digits",
        page="Python converts no integer of more than 4,300 digits "
        "(`sys.set_int_max_str_digits`), so no trainer reads the row.",
        hint="put it in quotes",
    ),
    _code(
        codes.EXPANDS_TOO_MUCH,
        "expands-too-much",
        Severity.ERROR,
        "the file is more than {ratio} times as large decompressed: over {megabytes} MB",
        why="text does not compress so well; a file that does is made to keep its reader busy",
        page="A few kilobytes of `.gz` or `.zst` can hold gigabytes. Reading stops where a file "
        "has grown beyond 16 MiB and beyond 200 times its compressed size. Real datasets of "
        "conversations shrink to a third or a tenth.",
        hint="decompress it, if it is what it should be",
    ),
)
