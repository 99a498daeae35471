"""The turns of a conversation: what they hold, and what is wrong with them.

They come one after another, so that a row need not be in memory as a whole. Their shape is
right: ``shape`` and ``explaining`` see to that.
"""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from ...diagnostics import Aim, Finding, KeyPath, codes
from ..reading.integers import LongInteger
from .calls import Calls, arguments
from .explaining import found, named
from .garbling import garbled
from .grouping import Familiar, Kind
from .roles import meant_role, role_finding
from .tools import Tools
from .verdict import Contents

_IMAGES: Final = ("image", "image_url")
"""Types of a part of a content that is an image."""
_TEXTS: Final = ("text", "input_text", "output_text")
INSTEAD: Final = ("contents", "text", "value", "message")
"""Keys that people write for ``content``."""
_ANSWERING: Final = frozenset(("tool", "function"))
_ROLE_AND_CONTENT: Final = 2
_LONGEST_ROLE: Final = 40
"""Characters of a role in a turn that is remembered."""
_State: TypeAlias = tuple[str, bool, bool, bool, bool, bool, bool]
_Plain: TypeAlias = tuple[str, bool, _State]
"""The role of a turn, whether it says anything, and the state before it."""
_ALTERNATING: Final = frozenset(("system", "developer", "user", "assistant"))


class Conversation:
    """The turns of one row so far."""

    def __init__(self) -> None:
        """Begin with no turn.

        Attributes:
            contents: what the turns hold.
            tools: the tools, and the calls of them.

        """
        self.contents = Contents()
        self.tools = Tools()
        self._calls = Calls()
        self._last: KeyPath = ()
        self._role = ""  # of the last turn, as it was meant
        self._calling = False  # whether the last turn calls a tool
        self._begun = False  # whether a turn was other than the system's
        self._asked = self._greeted = False  # by the user; by the assistant, before the user
        self._taught = self._weighted = False

    @property
    def state(self) -> _State:
        """What of the turns so far matters to others, apart from calls."""
        so_far = self._asked, self._greeted, self._taught, self._weighted
        return (*self.before, *so_far)

    def plain(self, message: dict[str, Any]) -> _Plain | None:
        """Return all that matters of a turn and of those before it, if it only says something."""
        content, role = message.get("content"), message["role"]
        if len(message) != _ROLE_AND_CONTENT or type(content) is not str:
            return None
        if not content.isascii() or len(role) > _LONGEST_ROLE or meant_role(role) in _ANSWERING:
            return None
        return role, bool(content.strip()), self.state

    def turn_again(
        self, plain: _Plain, path: KeyPath, familiar: Familiar
    ) -> tuple[Kind, ...] | None:
        """Take a plain turn, and return the kinds of its findings; None: it is to be judged."""
        known = familiar.parts.get(plain)
        if known is None:
            return None
        kinds, state = known
        self.contents.roles[plain[0]] += 1
        self._last = path
        self._role, self._calling, self._begun, *so_far = state
        self._asked, self._greeted, self._taught, self._weighted = so_far
        return kinds

    @property
    def before(self) -> tuple[str, bool, bool]:
        """What of the turns so far matters to the next one, apart from calls."""
        return self._role, self._calling, self._begun

    @property
    def answers(self) -> bool:
        """Whether the last turn is the answer to a call."""
        return self._role in _ANSWERING

    def repeat(self, role: str, path: KeyPath) -> None:
        """Take a turn like an earlier one, which neither called nor answered."""
        self.contents.roles[role] += 1
        self._last, self._role, self._calling = path, meant_role(role), False

    def turn(self, message: dict[str, Any], path: KeyPath) -> Iterator[Finding]:
        """Take the next turn, and yield what is wrong with it."""
        role = message["role"]
        self.contents.roles[role] += 1
        wrong = role_finding(role, path)
        if wrong:
            yield wrong
            role = meant_role(role)
        yield from self._order(role, path)
        self._last, self._role, self._calling = path, role, False
        content = message.get("content")
        if not isinstance(content, str):
            self.contents.images |= has_image(content)
        self.contents.reasoning |= says(message.get("reasoning"))
        yield from garbled(content, (*path, "content"))
        yield from self._arguments(message, path)
        self.tools.call(message, path)
        if role == "assistant":
            yield from self._answer(message, path)
        elif message.get("tool_calls") or _calls_legacy(message):
            words = {"what": named(path), "role": self._role}
            yield Finding(codes.CALL_OF_ANOTHER_ROLE, path, words)
        if role == "user" and not says(content):
            yield _empty_question(message, path)
        elif role in ("system", "developer") and not says(content):
            yield Finding(codes.EMPTY_SYSTEM_TURN, path, {"what": named(path), "role": role})
        elif role in _ANSWERING:
            astray = self._calls.answered(message, path)
            if astray:
                yield astray
        if message.get("weight") is not None:
            yield from _weight(message["weight"], (*path, "weight"))

    def tool(self, tool: dict[str, Any], path: KeyPath) -> Iterator[Finding]:
        """Take the next tool, and yield what is wrong with it."""
        self.contents.tools = True
        twice = self.tools.define(tool, path)
        if twice:
            yield twice

    def end(self) -> Iterator[Finding]:
        """Yield what is wrong with the row as a whole."""
        messages: KeyPath = ("messages",)
        if not self._taught:
            yield Finding(codes.NO_ASSISTANT, messages)
        elif not self._weighted:
            yield Finding(codes.NOTHING_WEIGHTED, messages)
        elif self._role != "assistant":
            yield Finding(codes.NOT_ENDING_WITH_ASSISTANT, messages)
        yield from self._calls.unanswered(self._last)
        yield from self.tools.undefined()

    def _order(self, role: str, path: KeyPath) -> Iterator[Finding]:
        path = (*path, "role")
        if role in ("system", "developer"):
            if self._begun:
                words = {"what": named(path[:-1]), "role": role}
                yield Finding(codes.LATE_SYSTEM_TURN, path, words)
        else:
            self._begun = True
        self._greeted |= role == "assistant" and not self._asked
        if role == "user" and not self._asked:
            self._asked = True
            if self._greeted:
                yield Finding(codes.ASSISTANT_SPEAKS_FIRST, path, {"what": named(path[:-1])})
        if role == self._role and role in _ALTERNATING and not self._calling:
            words = {"what": named(path[:-1]), "role": role}
            yield Finding(codes.ROLE_TWICE_IN_A_ROW, path, words)

    def _arguments(self, message: dict[str, Any], path: KeyPath) -> Iterator[Finding]:
        for index, call in enumerate(message.get("tool_calls") or ()):
            yield from self.written(call, (*path, "tool_calls", index))
        legacy = message.get("function_call")
        if isinstance(legacy, dict):
            yield from self.written(legacy, (*path, "function_call"))

    def written(self, call: dict[str, Any], path: KeyPath) -> Iterator[Finding]:
        """Note how the arguments of a call are written, and yield what is wrong with them."""
        way, wrong = arguments(call, path)
        if way:
            self.contents.arguments.add(way)
        if wrong:
            yield wrong

    def _answer(self, message: dict[str, Any], path: KeyPath) -> Iterator[Finding]:
        """Take a turn of the assistant, which is what a row teaches."""
        self._taught = True
        weight = message.get("weight")
        self._weighted |= weight is None or weight != 0
        calls = message.get("tool_calls") or ()
        for index, call in enumerate(calls):
            twice = self._calls.called(call, (*path, "tool_calls", index))
            if twice:
                yield twice
        if _calls_legacy(message):
            self._calls.called({}, (*path, "function_call"))
        self._calling = bool(calls) or _calls_legacy(message)
        said = (message.get(key) for key in ("content", "reasoning", "raw_content"))
        if not self._calling and not any(map(says, said)):
            yield Finding(codes.EMPTY_TURN, path, {"what": named(path)})


def _calls_legacy(message: dict[str, Any]) -> bool:
    call = message.get("function_call")
    return isinstance(call, dict) and bool(call)


def has_image(content: Any) -> bool:
    """Whether a content has a part that is an image."""
    parts = content if isinstance(content, list) else [content]
    return any(isinstance(part, dict) and part.get("type") in _IMAGES for part in parts)


def says(content: Any) -> bool:
    """Whether a content says anything: text that is not blank, or a part that is not."""
    return any(map(_part_says, content)) if isinstance(content, list) else _part_says(content)


def _part_says(part: Any) -> bool:
    if isinstance(part, dict) and part.get("type") in _TEXTS and isinstance(part.get("text"), str):
        part = part["text"]
    match part:
        case str():
            return bool(part.strip())
        case list() | dict():
            return bool(part)
        case _:
            return part is not None


def _empty_question(message: dict[str, Any], path: KeyPath) -> Finding:
    instead = next((key for key in INSTEAD if says(message.get(key))), None)
    words = {"what": named(path)}
    if instead:
        hint = f"write `content` instead of `{instead}`"
        return Finding(codes.EMPTY_USER_TURN, (*path, instead), words, Aim.KEY, hint)
    return Finding(codes.EMPTY_USER_TURN, path, words)


def _weight(weight: Any, path: KeyPath) -> Iterator[Finding]:
    number = isinstance(weight, (int, float)) and not isinstance(weight, bool)
    if not number or weight not in (0, 1):
        plain = number and not isinstance(weight, LongInteger)
        shown = str(weight) if plain else found(weight)
        yield Finding(codes.WEIGHT_NOT_0_OR_1, path, {"what": named(path), "found": shown})
