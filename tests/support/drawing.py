"""What Hypothesis draws does not depend on which modules happen to be loaded."""

import ast
from functools import cache
from pathlib import Path
from typing import Any, Final

from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants, ConstantVisitor

_NOT_SHIPPED: Final = ("tests", "tools", "benchmarks", "examples", "build")


def pin_constants(root: Path) -> None:
    """Let strategies draw constants of all our modules, instead of those loaded so far.

    Hypothesis mixes constants of local modules into what it draws, so that the same seed gives
    other examples when other tests ran before in the process. It has no setting for this.
    """
    # Looked up at each call, by this name; an error here means that Hypothesis has renamed it.
    assert callable(providers._get_local_constants)  # noqa: SLF001
    pinned = cache(lambda: _constants(root))
    providers._get_local_constants = pinned  # noqa: SLF001


def _constants(root: Path) -> Constants:
    """Collect constants as Hypothesis does, from each module that it would take them of."""
    empty: Any = providers._local_constants  # noqa: SLF001
    found = empty
    for path in sorted(root.rglob("*.py")):
        inside = path.relative_to(root).parts
        if inside[0] in _NOT_SHIPPED or any(part.startswith(".") for part in inside):
            continue
        found = found | _constants_of(path)
    return found  # type: ignore[no-any-return]


def _constants_of(path: Path) -> Constants:
    visitor = ConstantVisitor(limit=False)
    visitor.visit(ast.parse(path.read_bytes()))
    return visitor.constants
