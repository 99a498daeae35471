"""4xx, what other checkers of datasets look for, too: rows that templates and models take badly.

Sources: the rules of parallelogram and finelint, and OpenAI's validator.
"""

from functools import partial

from .. import codes
from ..code import Code
from ..model import Severity

_code = partial(Code, language="json")
_ASKED = '{"messages": [{"role": "user", "content": "2+2?"}, '
_CALL = '{"id": "a", "function": {"name": "add", "arguments": "{\\"terms\\": [2, 2]}"}}'
_CALLING = '{"role": "assistant", "tool_calls": [' + _CALL + "]}, "
_ANSWER = '{"role": "tool", "tool_call_id": "a", "content": "4"}, '
_TOOL = '{"type": "function", "function": {"name": "add"}}'
_SAID = '{"role": "assistant", "content": "4"}]}\n'

CODES = (
    _code(
        codes.ASSISTANT_SPEAKS_FIRST,
        "assistant-speaks-first",
        Severity.NOTE,
        "{what} is the user's first turn, and the assistant spoke before it",
        why="some chat templates refuse it: for them, the user begins",
        page="A greeting is a good reason for it. Mistral's and Gemma's templates demand that "
        "`user` begins, and refuse the row.",
        bad='{"messages": [{"role": "assistant", "content": "Hello!"}, {"role": "user", "content": '
        '"2+2?"}, ' + _SAID,
        good=_ASKED + _SAID,
    ),
    _code(
        codes.EMPTY_SYSTEM_TURN,
        "empty-system-turn",
        Severity.NOTE,
        "{what} has the role `{role}` and says nothing",
        why="templates render an empty system turn, or put their default in its place",
        page="Which of the two happens depends on the template, so the same row trains two models "
        "on two prompts. Conversions leave such a turn where the source had no system prompt.",
        bad='{"messages": [{"role": "system", "content": ""}, {"role": "user", "content": "2+2?"}, '
        + _SAID,
        good=_ASKED + _SAID,
        hint="leave the turn out",
    ),
    _code(
        codes.GARBLED_TEXT,
        "garbled-text",
        Severity.WARNING,
        "{what} has text that was decoded wrongly: {found}",
        why="a model that learns from such text writes such text",
        page="UTF-8 that a program reads as Latin-1 or as Windows' code page 1252 turns `é` into "
        "`Ã©` and `’` into `â€™`. A byte-order mark (U+FEFF) inside of a text is where two files "
        "were joined. Read the source again with the right encoding.",
        bad='{"messages": [{"role": "user", "content": "Un cafÃ©?"}, '
        '{"role": "assistant", "content": "Oui."}]}\n',
        good='{"messages": [{"role": "user", "content": "Un café?"}, '
        '{"role": "assistant", "content": "Oui."}]}\n',
    ),
    _code(
        codes.CALL_ID_TWICE,
        "call-id-twice",
        Severity.WARNING,
        "{what} has the id `{found}` of a call before it, which still waits for its answer",
        why="nobody can tell which of the two an answer belongs to",
        page="Each call that waits for an answer has an id of its own. An id that was answered "
        "may be used again.",
        bad=_ASKED + _CALLING.replace("]}, ", ", " + _CALL + "]}, ") + _ANSWER + _ANSWER + _SAID,
        good=_ASKED + _CALLING + _ANSWER + _CALLING + _ANSWER + _SAID,
    ),
    _code(
        codes.CALL_OF_ANOTHER_ROLE,
        "call-of-another-role",
        Severity.WARNING,
        "{what} has the role `{role}`, and calls a tool",
        why="calls are the assistant's: templates drop those of other roles, and nothing is "
        "learned from them",
        page="`tool_calls` and `function_call` belong into a turn of `assistant`.",
        bad='{"messages": [{"role": "user", "content": "2+2?", "tool_calls": ['
        + _CALL
        + "]}, "
        + _SAID,
        good=_ASKED + _CALLING + _ANSWER + _SAID,
    ),
    _code(
        codes.CALL_OF_UNKNOWN_TOOL,
        "call-of-unknown-tool",
        Severity.WARNING,
        "{what} calls `{found}`, which is not among the tools of the row",
        why="a model that learns from such a call learns to call tools that it was not given",
        page="Each name is reported once a row, at its first call. A row without `tools` may call "
        "any: its tools may be described in the system prompt.",
        bad=_ASKED
        + _CALLING
        + _ANSWER
        + _SAID.replace("]}\n", "], ")
        + '"tools": ['
        + _TOOL.replace("add", "sum")
        + "]}\n",
        good=_ASKED
        + _CALLING
        + _ANSWER
        + _SAID.replace("]}\n", "], ")
        + '"tools": ['
        + _TOOL
        + "]}\n",
        hint="add the tool to `tools`, or call one of them",
    ),
    _code(
        codes.TOOL_TWICE,
        "tool-twice",
        Severity.WARNING,
        "{what} has the name `{found}`, as {first} has",
        why="nobody can tell which of the two a call means",
        page="Templates render both, and a service that takes the row later may refuse it.",
        bad=_ASKED + _SAID.replace("]}\n", "], ") + f'"tools": [{_TOOL}, {_TOOL}]' + "}\n",
        good=_ASKED + _SAID.replace("]}\n", "], ") + f'"tools": [{_TOOL}]' + "}\n",
        hint="leave one of them out, or give it another name",
    ),
)
