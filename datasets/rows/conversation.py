"""Conversations, the kind of row that the API takes: ``messages``, and maybe ``tools``."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ...diagnostics import Finding, KeyPath, codes
from ..reading.exact import as_text
from .accelerator import Sifted, chosen
from .explaining import convertible, explain
from .grouping import Familiar, Kind
from .kind import RowKind, Turns
from .shape import is_row
from .turns import Conversation
from .verdict import Judged, LargeVerdict

if TYPE_CHECKING:
    from ..reading.blocks import LargeLine

ALLOWED_BY_REFERENCE: Final = frozenset(
    {
        codes.MISSPELT_ROLE,
        codes.ROLE_OF_ANOTHER_FORMAT,
        codes.EMPTY_USER_TURN,
        codes.ARGUMENTS_NOT_JSON,
        codes.WEIGHT_NOT_0_OR_1,
        codes.NOTHING_WEIGHTED,
        codes.NO_ASSISTANT,
        codes.EMPTY_TURN,
        codes.CALL_OF_UNKNOWN_TOOL,
        codes.TOOL_TWICE,
    }
)
"""What the reference client does not look for: the errors, and what it cannot know of tools."""

CONTENT, CALLS, ROLES = "content-keys", "legacy-calls", "roles"
"""What of a row may be repaired: a key for ``content``, legacy calls of functions, roles."""

_INSTRUCTIONS: Final = ("system", "developer")
"""Roles of turns that many rows have in common."""

_TELLING: Final = 80
"""Characters of JSON from which on equal answers are no coincidence: some words."""

_sift = chosen()


class _Conversations(RowKind):
    tolerated = ALLOWED_BY_REFERENCE
    repairs = frozenset((CONTENT, CALLS, ROLES))

    def is_row(self, value: Any) -> bool:
        return is_row(value)

    def explain(self, value: Any) -> Iterator[Finding]:
        return explain(value, "row", ())

    def judge(self, row: Any, familiar: Familiar) -> Judged:
        conversation = Conversation()
        findings: list[Finding] = []
        counted: Counter[Kind] = Counter()
        for index, message in enumerate(row["messages"]):
            path = ("messages", index)
            plain = conversation.plain(message)
            kinds = plain and conversation.turn_again(plain, path, familiar)
            if kinds is None:
                found = list(conversation.turn(message, path))
                findings += found
                if plain:
                    familiar.remember(plain, found, conversation.state)
            elif kinds:
                counted.update(kinds)
        for index, tool in enumerate(row.get("tools") or ()):
            findings += conversation.tool(tool, ("tools", index))
        findings += conversation.end()
        return Judged(findings, conversation.contents, counted)

    def sequenced(self, row: Mapping[str, Any]) -> Turns:
        return Turns(row["messages"], row.get("tools"))

    def sift(self, text: bytes) -> Sifted:
        return _sift(text)

    def validate_large(
        self, line: "LargeLine", most: int | None, allowed: frozenset[str]
    ) -> LargeVerdict:
        # Imported here because few datasets have such a row.
        from .large import validate_large_row

        return validate_large_row(line, most, allowed=allowed)

    def pairing(self, row: Any) -> Sequence[Any]:
        """Return the turns before the assistant's last, all of the user's, all of the assistant's.

        The last are left out if they are short. Of rows without messages it is
        the same ``prompt`` that counts.
        """
        messages = row.get("messages") if isinstance(row, dict) else None
        if not isinstance(messages, list):
            return (row.get("prompt") or None) if isinstance(row, dict) else None, None, None
        roles = [turn.get("role") if isinstance(turn, dict) else None for turn in messages]
        last = len(roles)
        if "assistant" in roles:
            last = len(roles) - 1 - roles[::-1].index("assistant")
        of_role = {
            role: [turn for turn, own in zip(messages, roles, strict=True) if own == role]
            for role in ("user", "assistant")
        }
        before = messages[:last] if "user" in roles[:last] else None
        answers = of_role["assistant"]
        telling = len(as_text(answers)) >= _TELLING
        return before, of_role["user"] or None, answers if telling else None

    def summary(self, row: Any) -> str | None:
        messages = row.get("messages") if isinstance(row, dict) else None
        if not isinstance(messages, list) or not all(isinstance(turn, dict) for turn in messages):
            return None
        said = [turn for turn in messages if turn.get("role") not in _INSTRUCTIONS] or messages
        return " ".join(map(_summary, said))

    def speaker(self, path: KeyPath, value: Any) -> str | None:
        role = value.get("role") if path == ("messages",) and isinstance(value, dict) else None
        return role if isinstance(role, str) else None

    def convertible(self, row: Mapping[str, Any]) -> str | None:
        return convertible(row)


CONVERSATIONS: Final[RowKind] = _Conversations()


def _summary(turn: dict[str, Any]) -> str:
    said = turn.get("content")
    if not isinstance(said, str):
        said = as_text({key: value for key, value in turn.items() if key != "role"})
    return f"{turn.get('role')}: {said}"
