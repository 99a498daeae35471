"""One row as a model sees it: its tokens, what of them is learned, and what is odd about them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ..rows.conversation import CONVERSATIONS
from ..rows.kind import RowKind, Text, Turns
from .dropping import dropped
from .labels import Learned, Stretch, is_learned, learned
from .template import RefusedError, Template, conversation
from .tokenizer import DEFAULT, TOOL_USE, TokenizerFiles, encoder, special_tokens
from .words import Encoded, WordEncoder, WordTokens


@dataclass(frozen=True, slots=True)
class RowTokens:
    """A row as a model sees it.

    Attributes:
        text: the row as the template writes it; None if the template refuses it.
        amount: how many tokens it has; None as well.
        ids: the tokens; None as well, and where they were only counted.
        refused: why the template refuses it.
        offsets: where in the text each token stands.
        learned: stretches of tokens that are learned; None where that is unknown.
        why_unknown: why it is unknown what is learned.
        untaught: whether it has no turn of the assistant that is to be learned.
        dropped: what the template leaves out: ``tools``, ``calls``.
        special: special tokens that stand in the data.
        begins_twice: whether two tokens in a row begin the text.
        is_slow: whether it was refused because it took too long.

    """

    text: str | None = None
    amount: int | None = None
    ids: tuple[int, ...] | None = None
    refused: str | None = None
    offsets: tuple[Stretch, ...] = ()
    learned: tuple[Stretch, ...] | None = None
    why_unknown: str = ""
    untaught: bool = False
    dropped: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    begins_twice: bool = False
    is_slow: bool = False

    @property
    def is_odd(self) -> bool:
        """Whether there is something to say of it."""
        return bool(
            self.refused
            or self.why_unknown
            or self.untaught
            or self.dropped
            or self.special
            or self.begins_twice
        )

    def cut(self, length: int) -> "RowTokens":
        """Return its first so many tokens, as they are trained on."""
        if self.ids is None or self.text is None or len(self.ids) <= length:
            return self
        kept = [(start, min(stop, length)) for start, stop in self.learned or () if start < length]
        return replace(
            self,
            text=self.text[: self.offsets[length][0]],
            amount=length,
            ids=self.ids[:length],
            offsets=self.offsets[:length],
            learned=None if self.learned is None else tuple(kept),
        )


class RowReader:
    """Turns rows into tokens. It lives in the process that it is used in."""

    def __init__(self, files: TokenizerFiles, kind: RowKind = CONVERSATIONS) -> None:
        """Make the encoder and the templates of a tokenizer.

        Args:
            files: the tokenizer.
            kind: what the rows are.

        Raises:
            TokenizerError: the tokenizer is not usable.

        """
        self.kind = kind
        self._encoder = encoder(files)
        self._words = WordEncoder(self._encoder)
        self._templates = {
            name: Template(text, files.named) for name, text in files.templates.items()
        }
        begin = files.named.get("bos_token")
        self._begin = None if begin is None else self._encoder.token_to_id(begin)
        self._special = _Finder([token.content for token in special_tokens(self._encoder)])

    def read(self, row: Mapping[str, Any]) -> RowTokens:
        """Return a good row as tokens."""
        return self._read(row, self._words.whole)

    def count(self, row: Mapping[str, Any]) -> RowTokens:
        """Return the same without text, tokens and offsets, several times as fast."""
        return self._read(row, self._words.encode)

    def _read(
        self, row: Mapping[str, Any], encode: Callable[[str], WordTokens | Encoded]
    ) -> RowTokens:
        seen = self.kind.sequenced(row)
        try:
            written = self._rendered(seen) if isinstance(seen, Turns) else _as_it_is(seen)
            tokens = encode(written.text)
        except RefusedError as error:
            return RowTokens(refused=str(error))
        except UnicodeEncodeError:  # half a character, which the template made
            return RowTokens(refused="its output is not valid Unicode")
        spans = written.learned.spans
        each = tokens if isinstance(tokens, Encoded) else None
        return RowTokens(
            text=written.text if each else None,
            amount=tokens.amount,
            ids=each.ids if each else None,
            offsets=each.offsets if each else (),
            learned=None if spans is None else tuple(tokens.stretches(spans)),
            why_unknown=written.learned.reason,
            untaught=written.untaught,
            dropped=written.dropped,
            special=tuple(self._special.found(*seen)),
            begins_twice=self._begin is not None and tokens.begins == (self._begin, self._begin),
        )

    def _rendered(self, turns: Turns) -> "_Written":
        """Return a conversation as its template writes it."""
        tools = turns.tools
        messages = conversation(turns.messages)
        with_tools = tools is not None and TOOL_USE in self._templates
        template = self._templates[TOOL_USE if with_tools else DEFAULT]
        whole = template.render(messages, tools)
        return _Written(
            text=whole.text,
            learned=learned(template, messages, tools, whole),
            untaught=not any(map(is_learned, messages)),
            dropped=tuple(dropped(template, messages, tools)),
        )


class _Written(NamedTuple):
    """A row as text, before it is tokens; the fields are those of ``RowTokens``."""

    text: str
    learned: Learned
    untaught: bool
    dropped: tuple[str, ...] = ()


def _as_it_is(seen: Text) -> _Written:
    return _Written(seen.text, Learned(seen.learned), untaught=not seen.learned)


class _Finder:
    """Finds special tokens in what people wrote."""

    def __init__(self, tokens: list[str]) -> None:
        listed = sorted(filter(str.strip, tokens), key=len, reverse=True)
        # All of them begin with one of few pairs of characters, and most rows have none of those.
        pairs = sorted({text[:2] for text in listed})
        self._begins = re.compile("|".join(map(re.escape, pairs)))
        self._plain = all(map(_stands_in_repr, pairs))
        self._token = re.compile("|".join(map(re.escape, listed))) if listed else None

    def found(self, *values: Any) -> list[str]:
        """Return the special tokens in any text of values, each once."""
        if self._token is None or (self._plain and not self._begins.search(repr(values))):
            return []
        seen: dict[str, None] = {}
        for text in _texts(values):
            if self._begins.search(text):
                seen |= dict.fromkeys(self._token.findall(text))
        return list(seen)


def _stands_in_repr(text: str) -> bool:
    """Whether a text stands in the representation of every text that it is part of."""
    return text.isprintable() and not set(text).intersection("'\"\\")


def _texts(value: Any) -> Iterator[str]:
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, (list, tuple)):
            stack.extend(value)
