"""Chat templates rendered as transformers renders them, in jinja's sandbox.

A template is a program that a stranger wrote. What it may take is bounded here by what it
writes; by time and memory, where it is run.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, NamedTuple, NoReturn

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.parser
import jinja2.sandbox
import jinja2.utils

from .errors import TokenizerError

_MARKER: Final = re.compile(r"\{%-?\s*generation\s*-?%\}")
_MOST: Final = 64 * 1024 * 1024
"""Characters that a template may write for one row."""
_REASONING: Final = ("reasoning_content", "thinking", "reasoning")
"""The names of a message's reasoning; a template may read any of them."""
_OF_DICT: Final = frozenset(dir(dict))


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
        environment = _Environment(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[_Generation, jinja2.ext.loopcontrols],
        )
        environment.filters["tojson"] = _tojson
        environment.globals |= {
            "raise_exception": _raise,
            "strftime_now": _now,
            "dict": _Dict(),
            "namespace": _Namespace,
            _Generation.MARKS: self._marks,
        }
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


class _Environment(jinja2.sandbox.ImmutableSandboxedEnvironment):
    """The sandbox; what it does most, looking up a key of a message, it does first."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        # An attribute comes before a key; no other attribute of a dict can hide this key.
        if type(obj) is dict and attribute not in _OF_DICT and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if type(obj) is dict and type(argument) is str and argument in obj:
            return obj[argument]
        return super().getitem(obj, argument)


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


class _Dict:
    """``dict`` for templates, without what leads out of the sandbox."""

    def __call__(self, *args: Any, **named: Any) -> dict[Any, Any]:
        return dict(*args, **named)

    def fromkeys(self, *args: Any) -> dict[Any, Any]:
        return dict.fromkeys(*args)


class _Namespace(jinja2.utils.Namespace):
    """``namespace`` for templates, without names that lead out of the sandbox."""

    def __init__(*args: Any, **named: Any) -> None:
        self, *rest = args
        values = dict(*rest, **named)
        for name in values:
            _checked(name)
        jinja2.utils.Namespace.__init__(self, values)

    def __setitem__(self, name: str, value: Any) -> None:
        _checked(name)
        super().__setitem__(name, value)


def _checked(name: Any) -> None:
    if isinstance(name, str) and name.startswith("_"):
        raise jinja2.exceptions.SecurityError(f"a namespace cannot hold {name!r}")


def _tojson(  # its arguments may come by place
    value: Any,
    ensure_ascii: bool = False,  # noqa: FBT001
    indent: int | str | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,  # noqa: FBT001
) -> str:
    # Not jinja's own, which escapes what HTML needs escaped.
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )


def _raise(message: str) -> NoReturn:
    raise jinja2.TemplateError(message)


def _now(shape: str) -> str:
    return datetime.now().strftime(shape)  # noqa: DTZ005 - templates mean the local day


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, jinja2.TemplateError):
        return text
    return f"{type(error).__name__}: {text}"
