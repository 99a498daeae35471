"""4xx, errors: roles, messages, tool calls, weights and numbers that make a row unusable.

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
        why="chat templates compare roles exactly, and reject this one or drop the message",
        page="The role is nearly, but not exactly, `system`, `developer`, `user`, `assistant`, "
        "`tool` or `function`: for example `Assistant`, `asistant` or `usr`.",
        bad='{"messages": [{"role": "user", "content": "2+2?"}, {"role": "asistant", "content": '
        '"4"}]}\n',
        good=_GOOD,
    ),
    _code(
        codes.ROLE_OF_ANOTHER_FORMAT,
        "role-of-another-format",
        Severity.ERROR,
        "{what} is `{found}`, a role of {format}",
        why="chat templates know `system`, `user`, `assistant` and `tool`; they reject this role "
        "or drop the message",
        page="ShareGPT, Gemini and other formats use roles such as `human`, `gpt`, `bot` or "
        "`model`. They remain if a dataset is converted by renaming keys only.",
        bad='{"messages": [{"role": "human", "content": "2+2?"}, {"role": "assistant", "content": '
        '"4"}]}\n',
        good=_GOOD,
    ),
    _code(
        codes.EMPTY_USER_TURN,
        "empty-user-turn",
        Severity.ERROR,
        "{what} is a user message without content",
        why="the model would learn to answer a question that is not there",
        page="The message has no `content`, or only white space. Often the text is under another "
        "key, such as `contents` or `text`.",
        bad='{"messages": [{"role": "user", "text": "2+2?"}, {"role": "assistant", "content": '
        '"4"}]}\n',
        good=_GOOD,
    ),
    _code(
        codes.ARGUMENTS_NOT_JSON,
        "arguments-not-json",
        Severity.ERROR,
        "{what} must be an object or a JSON string, not {found}",
        why="chat templates parse it, and fail on this row (LLaMA-Factory #7547)",
        page="The arguments of a tool call are an object, or the object serialized as a JSON "
        "string, as in OpenAI's format. Python's `str` of a dictionary, with single quotes, is "
        "not JSON.",
        bad=_ASKED + _CALL.replace('{\\"terms\\": [2, 2]}', "{'terms': [2, 2]}") + _ANSWER + _SAID,
        good=_ASKED + _CALL + _ANSWER + _SAID,
    ),
    _code(
        codes.WEIGHT_NOT_0_OR_1,
        "weight-not-0-or-1",
        Severity.ERROR,
        "{what} must be 0 or 1, not {found}",
        why="a message is trained on or not; OpenAI's validator rejects other weights",
        page="`weight` 0 excludes an assistant message from the loss; 1, the default, includes "
        "it. There are no weights in between.",
        bad=_ASKED + _SAID.replace('"4"', '"4", "weight": 0.5'),
        good=_ASKED + _SAID.replace('"4"', '"4", "weight": 1'),
    ),
    _code(
        codes.NOTHING_WEIGHTED,
        "nothing-weighted",
        Severity.ERROR,
        "every assistant message has weight 0",
        why="there is nothing to train on: the whole row is masked",
        page="`weight` 0 excludes a message from the loss, and here all are excluded "
        "(openai-cookbook #1270). A batch of such rows has a loss of NaN.",
        bad=_ASKED + _SAID.replace('"4"', '"4", "weight": 0'),
        good=_ASKED + _SAID.replace('"4"', '"4", "weight": 1'),
        hint="set weight 1 on the messages to train on, or remove the row",
    ),
    _code(
        codes.NUMBER_TOO_LONG,
        "number-too-long",
        Severity.ERROR,
        "{what} has an integer of {digits} digits",
        why="Python's JSON parser rejects the row: its limit is 4,300 digits",
        page="Python does not convert integers of more than 4,300 digits "
        "(`sys.set_int_max_str_digits`), so no trainer can read the row.",
        hint="put it in quotes",
    ),
    _code(
        codes.EXPANDS_TOO_MUCH,
        "expands-too-much",
        Severity.ERROR,
        "the file decompresses to more than {ratio} times its size: over {megabytes} MB",
        why="text does not compress that well; such a file is probably a decompression bomb",
        page="A few kilobytes of `.gz` or `.zst` can decompress to gigabytes. Reading stops when "
        "a file exceeds both 16 MiB and 200 times its compressed size. Real datasets compress to "
        "between a third and a tenth.",
        hint="if the file is genuine, decompress it",
    ),
)
