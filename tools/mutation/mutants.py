"""Mutants of a module: each differs from it in one place, and compiles.

Only code that runs when it is called is mutated, and the constants of a module. Annotations,
docstrings, decorators, default arguments and the bodies of classes stay as they are: no test can be
held to them by mutating a function in memory.
"""

import ast
import copy
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Final, NamedTuple, TypeAlias

Change: TypeAlias = tuple[str, Callable[[ast.AST], ast.AST]]
"""What is changed, in words, and how: a node in, the node in its place out."""

_COMPARED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_COMPUTED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


class Mutant(NamedTuple):
    """A change of a module.

    Attributes:
        path: the module, from the root of the repository.
        name: the outermost function or method that it is in, or the constant.
        line: where.
        number: which of the changes at that name; with path and name it says which mutant this is.
        words: what is changed.

    """

    path: str
    name: str
    line: int
    number: int
    words: str


def mutants(root: Path, path: str) -> Iterator[Mutant]:
    """Yield all mutants of a module, in the order of its text."""
    tree = ast.parse((root / path).read_text("utf-8"))
    for name, holder in _holders(tree):
        for number, (node, words, _) in enumerate(_sites(holder)):
            placed = node.target if isinstance(node, ast.comprehension) else node
            line = getattr(placed, "lineno", holder.lineno)
            yield Mutant(path, name, line, number, words)


def mutated(root: Path, mutant: Mutant) -> ast.Module:
    """Return the module with the change of a mutant."""
    tree = ast.parse((root / mutant.path).read_text("utf-8"))
    holder = next(holder for name, holder in _holders(tree) if name == mutant.name)
    for number, (node, _, change) in enumerate(_sites(holder)):
        if number == mutant.number:
            _replace(holder, node, change(copy.deepcopy(node)))
            break
    return ast.fix_missing_locations(tree)


def compiled(tree: ast.Module, filename: str) -> CodeType:
    """Return the code of a module."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `is` with a literal, of a mutant
        return compile(tree, filename, "exec", dont_inherit=True)


def functions(code: CodeType) -> dict[str, CodeType]:
    """Return the code of the functions and methods of a module by their names."""
    found: dict[str, CodeType] = {}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found[constant.co_qualname] = constant
            if "<locals>" not in constant.co_qualname:
                found |= functions(constant)
    return found


def _holders(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Yield what is mutated of a module: functions, methods and constants."""
    seen: set[str] = set()
    for name, statement in _named(tree.body, ""):
        if name not in seen:  # an overload, or one of two ways to define it
            seen.add(name)
            yield name, statement


def _named(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.stmt]]:
    for statement in body:
        if isinstance(statement, _FUNCTIONS):
            yield prefix + statement.name, statement
        elif isinstance(statement, ast.ClassDef):
            yield from _named(statement.body, f"{prefix}{statement.name}.")
        elif not prefix and isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            if isinstance(target, ast.Name) and not target.id.startswith("__"):
                yield target.id, statement


def _sites(holder: ast.stmt) -> Iterator[tuple[ast.AST, str, Callable[[ast.AST], ast.AST]]]:
    """Yield each node of a function or a constant with each of its changes."""
    if isinstance(holder, _FUNCTIONS):
        documented = ast.get_docstring(holder, clean=False) is not None
        roots: list[ast.AST] = list(holder.body[documented:])
    else:
        assert isinstance(holder, ast.Assign | ast.AnnAssign)  # noqa: S101 - as `_named` yields them
        assert holder.value  # noqa: S101 - as above
        roots = [holder.value]
    for root in roots:
        for node in _walk(root):
            for words, change in _changes(node):
                yield node, words, change


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and those below it that are code, in the order of the text."""
    if isinstance(node, ast.ClassDef | ast.Assert):
        return  # a class in a function is rare; an assertion is itself a test
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    yield node
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "args"} and not isinstance(
            node, ast.Call
        ):
            continue
        if isinstance(node, ast.Call) and _is_typing(node):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child)


def _is_typing(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in {"cast", "TypeVar"}


def _changes(node: ast.AST) -> Iterator[Change]:  # noqa: C901, PLR0912 - a table of operators
    match node:
        case ast.Compare(ops=operators):
            for at, operator in enumerate(operators):
                other = _COMPARED[type(operator)]
                yield f"{_mark(operator)} → {_mark(other())}", _compared(at, other)
        case ast.BoolOp(op=operator):
            swapped = ast.Or if isinstance(operator, ast.And) else ast.And
            yield f"{_mark(operator)} → {_mark(swapped())}", _with("op", swapped)
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator):
            if type(operator) in _COMPUTED:
                by = _COMPUTED[type(operator)]
                yield f"{_mark(operator)} → {_mark(by())}", _with("op", by)
        case ast.UnaryOp(op=ast.Not() | ast.USub() as operator):
            yield f"{_mark(operator)} taken away", lambda node: node.operand  # type: ignore[attr-defined]
        case ast.Constant(value=value):
            yield from _constants(value)
        case ast.If() | ast.While() | ast.IfExp():
            yield "condition negated", _negated
        case ast.comprehension(ifs=[_, *_]):
            yield "filter taken away", _with("ifs", list)
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield "returns None", _with("value", lambda: ast.Constant(None))
        case ast.Expr(value=ast.Call() | ast.Await()):
            yield "call taken away", lambda _: ast.Pass()
        case ast.Raise():
            yield "raise taken away", lambda _: ast.Pass()
        case ast.Continue():
            yield "continue → break", lambda _: ast.Break()
        case ast.Break():
            yield "break → continue", lambda _: ast.Continue()


def _constants(value: object) -> Iterator[Change]:
    match value:
        case bool():
            yield f"{value} → {not value}", _with("value", lambda: not value)
        case int():
            yield f"{value} → {value + 1}", _with("value", lambda: value + 1)
        case float():
            yield f"{value} → {value * 2 + 1}", _with("value", lambda: value * 2 + 1)
        case str():
            yield f"{_short(value)} → with XX around", _with("value", lambda: f"XX{value}XX")


def _short(value: str) -> str:
    return repr(value if len(value) <= 30 else f"{value[:29]}…")  # noqa: PLR2004 - of a table


def _with(name: str, made: Callable[[], object]) -> Callable[[ast.AST], ast.AST]:
    def change(node: ast.AST) -> ast.AST:
        setattr(node, name, made())
        return node

    return change


def _compared(at: int, other: type[ast.cmpop]) -> Callable[[ast.AST], ast.AST]:
    def change(node: ast.AST) -> ast.AST:
        node.ops[at] = other()  # type: ignore[attr-defined]
        return node

    return change


def _negated(node: ast.AST) -> ast.AST:
    node.test = ast.UnaryOp(ast.Not(), node.test)  # type: ignore[attr-defined]
    return node


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _mark(operator: ast.AST) -> str:
    """Return how an operator is written."""
    name = type(operator).__name__
    marks = {
        "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Eq": "==", "NotEq": "!=", "Is": "is",
        "IsNot": "is not", "In": "in", "NotIn": "not in", "And": "and", "Or": "or", "Not": "not",
        "Add": "+", "Sub": "-", "USub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%",
        "Pow": "**", "BitOr": "|", "BitAnd": "&", "LShift": "<<", "RShift": ">>",
    }  # fmt: skip
    return marks[name]


def _replace(holder: ast.AST, old: ast.AST, new: ast.AST) -> None:
    ast.copy_location(new, old)
    for node in ast.walk(holder):
        for name, value in ast.iter_fields(node):
            if value is old:
                setattr(node, name, new)
            elif isinstance(value, list):
                setattr(node, name, [new if child is old else child for child in value])
