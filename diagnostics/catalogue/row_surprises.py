"""4xx, checks that other validators have, too: rows that chat templates or models handle badly.

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
        "{what} is the first user message, but an assistant message comes before it",
        why="some chat templates reject it, because the user must begin",
        page="A greeting is a legitimate reason. Mistral's and Gemma's templates require that "
        "`user` begins, and reject the row.",
        bad='{"messages": [{"role": "assistant", "content": "Hello!"}, {"role": "user", "content": '
        '"2+2?"}, ' + _SAID,
        good=_ASKED + _SAID,
    ),
    _code(
        codes.EMPTY_SYSTEM_TURN,
        "empty-system-turn",
        Severity.NOTE,
        "{what} has the role `{role}` but no content",
        why="templates render an empty system message, or substitute their default",
        page="Which of the two happens depends on the template, so the same row trains different "
        "models on different prompts. Converters leave such a message if the source had no "
        "system prompt.",
        bad='{"messages": [{"role": "system", "content": ""}, {"role": "user", "content": "2+2?"}, '
        + _SAID,
        good=_ASKED + _SAID,
        hint="remove the message",
    ),
    _code(
        codes.GARBLED_TEXT,
        "garbled-text",
        Severity.WARNING,
        "{what} has wrongly decoded text (mojibake): {found}",
        why="a model trained on such text generates it",
        page="Reading UTF-8 as Latin-1 or Windows-1252 turns `é` into `Ã©` and `’` into `â€™`. A "
        "byte-order mark (U+FEFF) inside a text shows where two files were concatenated. Read "
        "the source again with the right encoding.",
        bad='{"messages": [{"role": "user", "content": "Un cafÃ©?"}, '
        '{"role": "assistant", "content": "Oui."}]}\n',
        good='{"messages": [{"role": "user", "content": "Un café?"}, '
        '{"role": "assistant", "content": "Oui."}]}\n',
    ),
    _code(
        codes.CALL_ID_TWICE,
        "call-id-twice",
        Severity.WARNING,
        "{what} reuses the id `{found}` of an earlier call that is still unanswered",
        why="it is ambiguous which call a tool message answers",
        page="Each pending tool call needs an id of its own. An id may be reused after its call "
        "was answered.",
        bad=_ASKED + _CALLING.replace("]}, ", ", " + _CALL + "]}, ") + _ANSWER + _ANSWER + _SAID,
        good=_ASKED + _CALLING + _ANSWER + _CALLING + _ANSWER + _SAID,
    ),
    _code(
        codes.CALL_OF_ANOTHER_ROLE,
        "call-of-another-role",
        Severity.WARNING,
        "{what} has the role `{role}`, but calls a tool",
        why="only the assistant calls tools; templates drop the calls of other roles, so they "
        "are not trained on",
        page="`tool_calls` and `function_call` belong in messages with the role `assistant`.",
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
        "{what} calls `{found}`, which is not in the `tools` of the row",
        why="the model would learn to call tools that it was not given",
        page="Each name is reported once per row, at its first call. A row without `tools` may "
        "call any tool: the system prompt may describe them.",
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
        hint="add the tool to `tools`, or call one that is there",
    ),
    _code(
        codes.TOOL_TWICE,
        "tool-twice",
        Severity.WARNING,
        "{what} has the same name as {first}: `{found}`",
        why="it is ambiguous which of the two a call refers to",
        page="Templates render both, and other services may reject the row.",
        bad=_ASKED + _SAID.replace("]}\n", "], ") + f'"tools": [{_TOOL}, {_TOOL}]' + "}\n",
        good=_ASKED + _SAID.replace("]}\n", "], ") + f'"tools": [{_TOOL}]' + "}\n",
        hint="remove one of them, or rename it",
    ),
)
