"""Tries mutants: each in a fork of a process that has collected the tests.

A plugin of pytest. In the fork the code of one function is changed in memory, then the tests run
that run its line, the quickest of each file first, up to the first that fails.
"""

import ast
import gc
import json
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import _lru_cache_wrapper, cache
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final, NamedTuple, NoReturn

import pytest

from .forking import commands_forked, loaded
from .mutants import Mutant, compiled, functions, mutated
from .recording import PACKAGES, Record, few_examples

_MEMORY: Final = 6 * 1024**3
_SPARE: Final = 10.0
"""Seconds that a test may take beside ten times what it took."""
_UNFIT: Final = "tests/compiler/test_new_keys.py"
"""Changes schemas that the process has loaded already: it fails here without a mutant, too."""
_SURVIVED, _KILLED, _BROKEN = 0, 1, 3


class Tried(NamedTuple):
    """What came of a mutant.

    Attributes:
        mutant: which.
        verdict: killed, survived, timeout; untested: no test runs its line; or out of reach: a
            constant of which only other constants are made, as the module is loaded.
        tests: how many tests run its line.
        by: the test that killed it.
        seconds: how long that took.

    """

    mutant: Mutant
    verdict: str
    tests: int
    by: str
    seconds: float


class Trying:
    """Tries mutants in place of running the tests."""

    def __init__(
        self, root: Path, recorded: Path, todo: Sequence[Mutant], into: Path, jobs: int
    ) -> None:
        """Try mutants.

        Args:
            root: of the repository.
            recorded: which tests run which lines.
            todo: the mutants.
            into: the file that a line is added to for each.
            jobs: how many at once.

        """
        self._root, self._todo, self._into, self._jobs = root, todo, into, jobs
        self._record = Record(recorded.read_text())
        self._folder = into.with_suffix(".forks")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try each mutant, a few at a time."""
        loaded()
        few_examples(session.items)
        self._items = {item.nodeid: item for item in session.items}
        self._functions = _functions_of_ours()
        _forget()
        self._session = session
        running: dict[int, tuple[Mutant, int, float]] = {}
        waiting = list(reversed(self._todo))
        while waiting or running:
            while waiting and len(running) < self._jobs:
                mutant = waiting.pop()
                tests = self._tests(mutant)
                if not tests:
                    verdict = "untested" if _lines(self._root, mutant) else "out of reach"
                    self._note(Tried(mutant, verdict, 0, "", 0.0))
                    continue
                running[self._begun(mutant, tests)] = mutant, len(tests), time.monotonic()
            if not running:
                break
            process, status = os.wait()
            if process not in running:
                continue
            with_rest = running.pop(process)
            self._ended(process, status, *with_rest)
        return True

    def _ended(self, process: int, status: int, mutant: Mutant, tests: int, since: float) -> None:
        _kill_group(process)
        folder = self._folder / str(process)
        said = folder / "by"
        by = said.read_text() if said.exists() else ""
        shutil.rmtree(folder, ignore_errors=True)
        if os.WIFSIGNALED(status):
            timed = os.WTERMSIG(status) == signal.SIGALRM
            verdict = "timeout" if timed else "killed"
        else:
            code = os.WEXITSTATUS(status)
            verdict = {_SURVIVED: "survived", _KILLED: "killed"}.get(code, "broken")
        self._note(Tried(mutant, verdict, tests, by, round(time.monotonic() - since, 2)))

    def _note(self, tried: Tried) -> None:
        line = {**tried.mutant._asdict(), **tried._asdict()}
        del line["mutant"]
        with self._into.open("a") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _tests(self, mutant: Mutant) -> list[tuple[str, float]]:
        """Return the tests that run the mutated line, the quickest of each file first."""
        known = self._record.lines
        met = (
            known.get(path, {}).get(line, ())
            for path, lines in _lines(self._root, mutant).items()
            for line in lines
        )
        by_file: dict[str, list[tuple[float, str]]] = {}
        for name in set().union(*met):
            if name in self._items and name not in self._record.failed and _UNFIT not in name:
                seconds = self._record.seconds[name]
                by_file.setdefault(name.partition("::")[0], []).append((seconds, name))
        rows = zip_longest(*map(sorted, by_file.values()))
        quick = [(name, seconds) for row in rows for seconds, name in filter(None, row)]
        return sorted(quick, key=lambda test: test[1] > 1)

    def _begun(self, mutant: Mutant, tests: list[tuple[str, float]]) -> int:
        process = os.fork()
        if process:
            return process
        try:
            self._tried(mutant, tests)
        finally:
            os._exit(_BROKEN)

    def _tried(self, mutant: Mutant, tests: list[tuple[str, float]]) -> NoReturn:
        os.setsid()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        folder = self._folder / str(os.getpid())
        folder.mkdir(parents=True)
        if not os.environ.get("MUTATION_SHOWS"):
            for stream in (1, 2):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        config = self._session.config
        factory: Any = config._tmp_path_factory  # type: ignore[attr-defined]  # noqa: SLF001
        factory._basetemp, factory._given_basetemp = None, folder / "temporary"  # noqa: SLF001
        commands_forked(lambda: None)
        self._change(mutant)
        watch = _Watch(folder / "by", dict(tests))
        config.pluginmanager.register(watch)
        items = [self._items[name] for name, _ in tests]
        for at, item in enumerate(items):
            following = items[at + 1] if at + 1 < len(items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if watch.failed:
                os._exit(_KILLED)
        os._exit(_SURVIVED)

    def _change(self, mutant: Mutant) -> None:
        tree = mutated(self._root, mutant)
        name = str(self._root / mutant.path)
        code = functions(compiled(tree, name)).get(mutant.name)
        if code is None:
            _set_constant(tree, mutant)
            return
        found = self._functions.get((name, mutant.name), ())
        if not found:
            raise LookupError(mutant)
        for function in found:
            function.__code__ = _with_cells_of(function, code)


class _Watch:
    """Hears of failures, and ends the process that hangs."""

    def __init__(self, said: Path, seconds: Mapping[str, float]) -> None:
        self.failed = False
        self._said, self._seconds = said, seconds

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._said.write_text(nodeid)
        signal.setitimer(signal.ITIMER_REAL, _SPARE + 10 * self._seconds.get(nodeid, 0))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed


def _functions_of_ours() -> dict[tuple[str, str], list[FunctionType]]:
    """Return all functions by their file and their name."""
    found: dict[tuple[str, str], list[FunctionType]] = {}
    for each in gc.get_objects():
        if isinstance(each, FunctionType):
            code = each.__code__
            found.setdefault((code.co_filename, code.co_qualname), []).append(each)
    return found


def _with_cells_of(function: FunctionType, code: CodeType) -> CodeType:
    """Return code whose free variables are the function's: a method's `__class__`, if any."""
    return code.replace(co_freevars=function.__code__.co_freevars)


def _forget() -> None:
    """Empty all caches, in which results of the code as it was may be."""
    for each in gc.get_objects():
        if isinstance(each, _lru_cache_wrapper) and each.__module__.startswith("sftc."):
            each.cache_clear()


def _set_constant(tree: ast.Module, mutant: Mutant) -> None:
    """Evaluate a constant of a module anew, and put it wherever it was imported to."""
    home = sys.modules[
        f"sftc.{mutant.path.removesuffix('.py').replace('/', '.')}".removesuffix(".__init__")
    ]
    value = _assigned(tree, mutant.name)
    new = eval(compile(ast.Expression(value), mutant.path, "eval"), vars(home))  # noqa: S307
    old = vars(home)[mutant.name]
    for name, module in list(sys.modules.items()):
        if name.startswith("sftc.") and vars(module).get(mutant.name) is old:
            vars(module)[mutant.name] = new


def _assigned(tree: ast.Module, name: str) -> ast.expr:
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                return value
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if (
                found == name
            ):
                return value
    raise LookupError(name)


def _lines(root: Path, mutant: Mutant) -> dict[str, set[int]]:
    """Return the lines that a test must run to meet a mutant, by file.

    A mutant inside a statement of many lines is met by whoever runs the statement, and that of a
    constant by whoever runs a function that reads it.
    """
    tree = _parsed(root / mutant.path)
    if mutant.name in _constants(tree):
        paths = [path for package in PACKAGES for path in (root / package).rglob("*.py")]
        found = {str(path.relative_to(root)): _readers(path, mutant.name) for path in paths}
        return {path: lines for path, lines in found.items() if lines}
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= mutant.line <= (node.end_lineno or 0)
    ]
    inner = max(around, key=lambda node: node.lineno)
    body = getattr(inner, "body", None)
    last = body[0].lineno - 1 if body else inner.end_lineno or inner.lineno
    return {mutant.path: {*range(inner.lineno, last + 1), mutant.line}}


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def _readers(path: Path, name: str) -> set[int]:
    """Return the lines of functions that read a name."""
    return {
        node.lineno
        for function in ast.walk(_parsed(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in function.body
        for node in ast.walk(statement)
        if (isinstance(node, ast.Name) and node.id == name)
        or (isinstance(node, ast.Attribute) and node.attr == name)
    }


def _constants(tree: ast.Module) -> Iterator[str]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield statement.targets[0].id
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id


def _kill_group(process: int) -> None:
    """End what the tests of a mutant have left running: its session is its own."""
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:
        return
