"""The configs and artifacts of a workspace: what a command works on that names folders, or none.

In a git repository, git says which files there are, so that its ignore rules hold. Elsewhere
the folders are walked, but for those that hold other people's code.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..compiler import compile_config
from ..diagnostics import Diagnostic, Finding, codes
from ..disk.files import STDIN
from ..disk.gate import RefusedError
from .artifacts import PATTERNS, ending, is_config, spelled
from .asking import GitError
from .git import Git
from .reading import read_config
from .scopes import Scopes
from .settings import NAMES, is_below

_OTHERS = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})
"""Folders that nobody keeps configs in; hidden ones are left out anyway."""


def is_foreign(data: bytes) -> bool:
    """Whether a file is no fine-tuning config, though it is TOML."""
    return compile_config(data).foreign is not None


def is_foreign_file(name: str, scopes: Scopes) -> bool:
    """Whether there is such a file, found in a folder."""
    data = read_config(name, scopes.of(name).gate)
    return isinstance(data, bytes) and is_foreign(data)


@dataclass
class Found:
    """What there is, in the order in which it was found; paths as seen from here.

    Attributes:
        configs: TOML files; of those that were found in folders, some may be no configs.
        artifacts: artifacts that were named, or found in folders.
        named: the configs that were named; one that cannot be read, or is none, is an error.
        notes: what people should know of how files were found.
        problems: folders that may not be looked into.

    """

    configs: dict[str, None] = field(default_factory=dict)
    artifacts: dict[str, None] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)


def find(paths: Sequence[str], scopes: Scopes) -> Found:
    """Return the configs and artifacts at paths.

    Args:
        paths: files and folders; none: the places of the nearest settings, else the repository.
        scopes: what holds where.

    """
    found = Found()
    places = paths or scopes.places
    for path in places:
        if path != STDIN and os.path.isdir(path):
            _take(path, scopes, found)
        elif ending(path):
            found.artifacts[spelled(path)] = None
        elif not paths and not os.path.lexists(path):
            found.problems += _missing(path, scopes)
        elif (known := path if os.path.isabs(path) else spelled(path)) not in found.configs:
            found.configs[known] = None
            if paths:
                found.named.add(known)
    found.named |= found.artifacts.keys() & set(map(spelled, paths))
    for folder in _out_dirs(places, scopes, found):
        for path in _files(folder, scopes, found):
            if ending(path):
                found.artifacts[path] = None
    return found


def _is_left_out(path: str, scopes: Scopes) -> bool:
    """Whether a sparse checkout leaves out what is at a path, which git has."""
    top = scopes.of_folder("").top
    if top is None:
        return False
    repository = Git(top)
    try:
        absent = repository.absent(PATTERNS)
    except GitError:
        return False
    place = repository.path(path)
    return any(name == place or name.startswith(f"{place}/") for name in absent)


def _missing(path: str, scopes: Scopes) -> list[Diagnostic]:
    """Return the finding about a place that settings name, and that is nowhere."""
    if _is_left_out(path, scopes):
        return []
    from ..diagnostics.catalogue import diagnose  # few settings name what is not there

    settings = scopes.of_folder("").settings
    place = os.path.relpath(path, settings.root)
    words = {
        "key": "configs",
        "expected": "existing files and folders",
        "found": f"`{place}`",
    }
    return [diagnose(Finding(codes.NOT_A_CHOICE, words=words), settings.file)]


def _take(folder: str, scopes: Scopes, found: Found) -> None:
    """Take in what a folder holds, as the settings that hold in its parts say."""
    for path in _files(folder, scopes, found):
        scope = scopes.of(path)
        if ending(path):
            # Where the command says where artifacts go, those elsewhere are no business of it.
            if not scopes.is_overridden or scope.rule.config(path) is not None:
                found.artifacts[path] = None
        elif is_config(path) and os.path.basename(path) not in NAMES:
            inner = is_below(str(scope.settings.root), folder)
            if not inner or scope.settings.covers(path):
                found.configs[path] = None


def _out_dirs(places: Sequence[str], scopes: Scopes, found: Found) -> Iterator[str]:
    """Yield the folders, outside of those at places, that artifacts of their configs are in."""
    folders = [place for place in places if not os.path.isfile(place)]
    rules = {scope.rule for scope in map(scopes.of_folder, folders)}
    rules |= {scopes.of(config).rule for config in found.configs if config not in found.named}
    for rule in sorted(rules, key=str):
        if rule.out_dir is None:
            continue
        for folder in folders:
            if is_below(folder, str(rule.root)):  # a part of what the rule is about
                inside = os.path.relpath(folder, rule.root)
                yield os.path.normpath(os.path.join(rule.out_dir, inside))
            elif is_below(str(rule.root), folder):
                yield str(rule.out_dir)


def _files(folder: str, scopes: Scopes, found: Found) -> Iterator[str]:
    """Yield the configs and artifacts below a folder, sorted; nothing hidden, no dangling link."""
    scope = scopes.of_folder(folder)
    try:
        scope.gate.enter(folder)
    except RefusedError as refused:
        from .problems import unreadable  # few folders lead out

        found.problems.append(unreadable(folder, refused))
        return
    names: Iterable[str] = _walked(folder)
    if scope.top is not None and os.path.isdir(folder):
        try:
            names = _listed(Git(scope.top), os.path.realpath(folder)) or names
        except GitError as error:
            note = f"ignore rules are not applied: {error}"
            if note not in found.notes:
                found.notes.append(note)
    for name in names:
        path = spelled(os.path.join(folder, name))
        if os.path.isfile(path):
            yield path


def _listed(repository: Git, folder: str) -> list[str] | None:
    """Return what git knows in a folder; None if it ignores the folder itself."""
    names = repository.files(folder, PATTERNS)
    if not names and folder != repository.top and repository.ignores(folder):
        return None
    return [name for name in names if not is_hidden(name)]


def is_hidden(path: str) -> bool:
    """Whether a file, or a folder around it, begins with a dot; locks of editors do, too."""
    return any(part.startswith(".") for part in path.split("/"))


def _walked(folder: str) -> Iterator[str]:
    """Yield what stands in a folder, seen from it."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_closed(parent, name))
        inside = os.path.relpath(parent, folder)
        for name in sorted(names):
            if (is_config(name) or ending(name)) and not name.startswith("."):
                yield os.path.join(inside, name)


def _is_closed(parent: str, name: str) -> bool:
    """Whether a folder is not walked: hidden, of other people's code, or a repository itself."""
    if name.startswith(".") or name in _OTHERS:
        return True
    path = os.path.join(parent, name)
    marks = (".git", "pyvenv.cfg")
    return any(os.path.lexists(os.path.join(path, mark)) for mark in marks)
