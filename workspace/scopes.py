"""What holds where: for each folder its settings, its repository, and the gate to its files.

Each is looked up once, by the folder, however many files there are.
"""

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..disk.gate import Gate
from .artifacts import Rule
from .asking import top_of
from .settings import Settings, is_below, read

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Scope:
    """What holds for the files in a folder.

    Attributes:
        settings: the nearest settings; the defaults where there are none.
        rule: where artifacts are.
        top: the top of the git repository, an absolute path; None outside of any.
        gate: opens the files that documents name.
        data: opens the datasets of artifacts, whose paths start from the folder of the settings,
            or the top; they may be elsewhere if the user says where.

    """

    settings: Settings
    rule: Rule
    top: str | None
    gate: Gate
    data: Gate


class Scopes:
    """The scopes of folders."""

    def __init__(self, out_dir: Path | None = None, data_root: Path | None = None) -> None:
        """Look nothing up yet.

        Args:
            out_dir: the folder of the artifacts, which comes before the settings'.
            data_root: a folder that datasets may be in, besides the repository.

        """
        self._out_dir, self._data_root = out_dir, data_root
        self._here = os.getcwd()
        self._by_folder: dict[str, Scope] = {}
        self._known: dict[tuple[str | None, str | None, str], Scope] = {}
        self._settings: dict[str, Settings | None] = {}

    def of(self, file: str) -> Scope:
        """Return what holds for a file."""
        return self.of_folder(os.path.dirname(file))

    def rule_of(self, file: str) -> Rule:
        """Return where the artifacts of a config are."""
        return self.of(file).rule

    def of_folder(self, folder: str) -> Scope:
        """Return what holds for the files in a folder."""
        found = self._by_folder.get(folder)
        if found is None:
            path = os.path.normpath(os.path.join(self._here, folder))
            found = self._by_folder[folder] = self._scope(path)
        return found

    @property
    def is_overridden(self) -> bool:
        """Whether the artifacts are not where the settings say."""
        return self._out_dir is not None

    @property
    def places(self) -> list[str]:
        """Where configs are, for a command that names none, seen from the current directory."""
        scope = self.of_folder("")
        if scope.settings.file or scope.top is None:
            return scope.settings.places
        return [os.path.relpath(scope.top, self._here)]

    @property
    def problems(self) -> "list[Diagnostic]":
        """Why settings that were asked for cannot be used."""
        return [problem for scope in self.known for problem in scope.settings.problems]

    @property
    def known(self) -> Collection[Scope]:
        """The scopes that were asked for."""
        return self._known.values()

    def _scope(self, folder: str) -> Scope:
        top = top_of(folder)
        settled, found = self._nearest(folder, top)
        root = top or settled or (self._here if is_below(folder, self._here) else folder)
        known = (top, settled, root)
        if known not in self._known:
            rule = found.rule(self._out_dir)
            more = [str(self._data_root)] if self._data_root else []
            data = _gate(top, root, *more, base=settled or root)
            self._known[known] = Scope(found, rule, top, _gate(top, root), data)
        return self._known[known]

    def _nearest(self, folder: str, top: str | None) -> tuple[str | None, Settings]:
        """Return the nearest folder with settings, up to the top of the repository, and these."""
        while True:
            if folder not in self._settings:
                self._settings[folder] = read(folder, _gate(top, top or folder))
            found = self._settings[folder]
            if found is not None:
                return folder, found
            parent = os.path.dirname(folder)
            if parent in (folder, top and os.path.dirname(top)):
                return None, Settings()
            folder = parent


def _gate(top: str | None, root: str, *more: str, base: str = "") -> Gate:
    return Gate(root, *more, called="the repository" if top else "", base=base)
