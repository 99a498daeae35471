"""Chat templates rendered as transformers renders them, in a sandbox.

A template is a program that a stranger wrote. What it may take is bounded here by what it
writes; by time and memory, where it is run.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.parser

from .errors import TokenizerError
from .sandbox import sandbox

_MARKER: Final = re.compile(r"\{%-?\s*generation\s*-?%\}")
_MOST: Final = 64 * 1024 * 1024
"""Characters that a template may write for one row."""
_REASONING: Final = ("reasoning_content", "thinking", "reasoning")
"""The names of a message's reasoning; a template may read any of them."""


class RefusedError(Exception):
    """A template does not take a conversation; the message says why."""


class Rendered(NamedTuple):
    """A conversation as a model sees it.

    Attributes:
        text: what is tokenized.
        marked: where in it the parts between generation markers are, in order.
        is_true: whether each of these places holds what the template wrote between markers.

    """

    text: str
    marked: tuple[tuple[int, int], ...] = ()
    is_true: bool = True


class Template:
    """One chat template of a tokenizer.

    Attributes:
        has_markers: whether it says itself what the assistant wrote.

    """

    def __init__(self, text: str, named: Mapping[str, str]) -> None:
        """Compile a template.

        Args:
            text: the template.
            named: the special tokens that it may name.

        Raises:
            TokenizerError: it is no template.

        """
        self.has_markers = _MARKER.search(text) is not None
        self._named = named
        self._marks = _Marks()
        environment = sandbox([_Generation, jinja2.ext.loopcontrols])
        environment.globals[_Generation.MARKS] = self._marks
        try:
            self._compiled = environment.from_string(text)
        except (jinja2.TemplateSyntaxError, RecursionError, ValueError) as error:
            line = getattr(error, "lineno", None)
            where = f", line {line}" if line else ""
            raise TokenizerError(f"the chat template is invalid{where}: {error}") from None
        # Copied for each text, which takes long for the chain of maps that it is.
        self._compiled.globals = dict(self._compiled.globals)

    def render(
        self, messages: Sequence[Mapping[str, Any]], tools: Any, *, prompts: bool = False
    ) -> Rendered:
        """Return a conversation as text.

        Args:
            messages: its turns, as ``conversation`` gives them.
            tools: what the row has for tools.
            prompts: whether the text ends where the assistant is to begin.

        Raises:
            RefusedError: the template does not take it.

        """
        with self._marks.kept() as marks:
            try:
                blocks = self._compiled.generate(
                    messages=messages,
                    tools=tools,
                    documents=None,
                    add_generation_prompt=prompts,
                    **self._named,
                )
                for block in blocks:
                    marks.write(block)
            except (RefusedError, TimeoutError):
                raise
            except Exception as error:  # noqa: BLE001 - a template may do anything
                raise RefusedError(_reason(error)) from None
            text = "".join(marks.blocks)
        is_true = all(text[start : start + len(said)] == said for start, said in marks.found)
        spans = tuple((start, start + len(said)) for start, said in marks.found)
        return Rendered(text, spans, is_true)


def conversation(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return messages as templates get them: no key is null, and reasoning has all its names."""
    turns = []
    for message in messages:
        turn = {key: value for key, value in message.items() if value is not None}
        reasoning = next((turn[key] for key in _REASONING if key in turn), None)
        if reasoning is not None:
            turn = {"thinking": reasoning, **turn, "reasoning_content": reasoning}
        turns.append(turn)
    return turns


class _Marks:
    """What was written so far, and what stood between markers."""

    def __init__(self) -> None:
        self.blocks: list[str] = []
        self.found: list[tuple[int, str]] = []
        self._length = 0

    @contextmanager
    def kept(self) -> Iterator["_Marks"]:
        """Begin a text."""
        self.blocks, self.found, self._length = [], [], 0
        yield self

    def write(self, block: str) -> None:
        """Add the next part of the text."""
        self._length += len(block)
        if self._length > _MOST:
            raise RefusedError(f"its output is longer than {_MOST:,} characters")
        self.blocks.append(block)

    def mark(self, said: str) -> None:
        """Remember what stood between markers, at the end of what is written."""
        self.found.append((self._length, said))


class _Generation(jinja2.ext.Extension):
    """The tag ``generation``: what is in it is what the assistant wrote."""

    MARKS: Final = "_sftc_marks"
    tags = {"generation"}  # noqa: RUF012 - as jinja has it

    def parse(self, parser: jinja2.parser.Parser) -> jinja2.nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        call = self.call_method("_write")
        return jinja2.nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _write(self, caller: jinja2.runtime.Macro) -> str:
        said: str = caller()
        marks: Any = self.environment.globals[self.MARKS]
        marks.mark(said)
        return said


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, jinja2.TemplateError):
        return text
    return f"{type(error).__name__}: {text}"
