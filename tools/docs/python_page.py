"""The reference of the Python API: each public name, as its source declares and documents it."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any, Final

import sftc

from .markdown import anchor, code, fenced, page

_FUNCTIONS: Final = """\
The functions of `import sftc`; [Python types](python-types.md) has what they return and raise. No \
other name of the package is public. `compile_config`, `lint_config`, `fix_config`, `plan`, \
`diff`, `explain` and `lift` read no files and reach no network."""
_TYPES: Final = "What the [functions of `import sftc`](python.md) return and raise."
_SECTIONS: Final = ("Args", "Attributes", "Returns", "Raises", "Yields")


def python() -> str:
    """Return the page about functions."""
    lines = (line for name in _names() if _is_function(name) for line in _function(name))
    return page("Python API", _FUNCTIONS, lines)


def python_types() -> str:
    """Return the page about types and errors."""
    lines = (line for name in _names() if not _is_function(name) for line in _class(name))
    return page("Python types", _TYPES, lines)


def _names() -> list[str]:
    return [name for name in sftc.__all__ if not name.startswith("_")]


def _is_function(name: str) -> bool:
    return inspect.isfunction(getattr(sftc, name))


def _link(name: str) -> str:
    return f"[`{name}`](#{anchor(name)})"


def _function(name: str) -> Iterator[str]:
    thing = getattr(sftc, name)
    tree = ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]
    yield f"## {name}"
    yield ""
    yield from fenced("text", _signature(tree, f"sftc.{name}"))
    yield from _documentation(thing)


def _class(name: str) -> Iterator[str]:
    thing = getattr(sftc, name)
    yield f"## {name}"
    yield ""
    if not inspect.isclass(thing):
        yield f"One of {', '.join(_link(each.__name__) for each in thing.__args__)}."
        yield ""
        return
    if issubclass(thing, Exception):
        bases = [base.__name__ for base in thing.__bases__]
        yield f"An exception; its base is {', '.join(map(code, bases))}."
        yield ""
    yield from _documentation(thing)
    tree: Any = ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]
    for each in tree.body:
        if isinstance(each, ast.FunctionDef) and not each.name.startswith("_"):
            is_property = any(
                isinstance(mark, ast.Name) and "property" in mark.id for mark in each.decorator_list
            )
            shown = each.name if is_property else _signature(each, each.name)
            said = (ast.get_docstring(each) or "").split("\n\n")[0]
            yield f"- {code(' '.join(shown.split()))}: {_plain(said)}"
    yield ""


def _signature(tree: Any, name: str) -> str:
    """Return a signature as the source has it; on a line for each parameter if it is long."""
    given = ast.unparse(tree.args)
    returns = f" -> {ast.unparse(tree.returns)}" if tree.returns else ""
    whole = f"{name}({given}){returns}"
    if len(whole) <= 88:  # noqa: PLR2004 - what fits on a page
        return whole
    lines = "".join(f"    {part},\n" for part in _parameters(tree.args))
    return f"{name}(\n{lines}){returns}"


def _parameters(given: ast.arguments) -> Iterator[str]:
    plain = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(plain) - len(given.defaults)) + list(given.defaults)
    for each, default in zip(plain, defaults, strict=True):
        yield _parameter(each, default)
    if given.vararg:
        yield "*" + _parameter(given.vararg, None)
    elif given.kwonlyargs:
        yield "*"
    for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield _parameter(each, default)


def _parameter(each: ast.arg, default: ast.expr | None) -> str:
    return ast.unparse(each) + (f" = {ast.unparse(default)}" if default else "")


def _documentation(thing: Any) -> Iterator[str]:
    """Yield a docstring as Markdown: its sections as lists."""
    for paragraph in (inspect.getdoc(thing) or "").split("\n\n"):
        head, _, rest = paragraph.partition("\n")
        if head.rstrip(":") in _SECTIONS and head.endswith(":"):
            yield f"**{head.rstrip(':')}**"
            yield ""
            yield from map(_item, re.split(r"\n(?=\S)", textwrap.dedent(rest)))
        else:
            yield _plain(paragraph)
        yield ""


def _item(text: str) -> str:
    name, colon, meaning = text.partition(":")
    if not colon or " " in name.strip():
        return f"- {_plain(text)}"
    return f"- {code(name.strip())}: {_plain(meaning)}"


def _plain(text: str) -> str:
    return " ".join(text.replace("``", "`").split())
