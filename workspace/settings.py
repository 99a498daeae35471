"""What a repository, or a part of it, settles once for every command.

Settings are in ``sftc.toml`` or in ``[tool.sftc]`` of ``pyproject.toml``. The nearest ones above
a config hold for it, and no others; the search ends at the top of its git repository.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..disk.gate import Gate, RefusedError, leads_out
from .artifacts import Rule

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic

NAMES: Final = ("sftc.toml", "pyproject.toml")

_TABLES: Final[Mapping[str, tuple[str, ...]]] = {NAMES[0]: (), NAMES[1]: ("tool", "sftc")}
"""Where the settings stand in each of these files."""

_LARGEST: Final = 1024 * 1024
"""Bytes of a file with settings at most; a ``pyproject.toml`` has some kilobytes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that hold for the configs in a folder.

    Attributes:
        root: the folder of the file that has them, seen from the current directory.
        configs: the folders and files of the configs, below the root.
        out_dir: the folder of the artifacts, below the root; None: beside their configs.
        targets: the other systems that artifacts are kept for.
        pin: whether artifacts have pins.
        strict: whether warnings fail.
        select: codes or prefixes that `lint` reports; empty: all.
        ignore: codes or prefixes that `lint` does not report.
        plan: what `plan` knows besides the jobs: ``prices`` by GPU, and their ``currency``.
        file: the file that has them; empty where nothing is settled.
        problems: why there are settings that cannot be used; these are then the defaults.

    """

    root: Path = Path()
    configs: tuple[str, ...] = (".",)
    out_dir: str | None = None
    targets: tuple[str, ...] = ()
    pin: bool = False
    strict: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    plan: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    problems: "tuple[Diagnostic, ...]" = ()

    def rule(self, out_dir: Path | None = None) -> Rule:
        """Return where artifacts are; ``out_dir`` comes before the settings'."""
        if out_dir is None and self.out_dir is not None:
            out_dir = self.root / self.out_dir
        return Rule(self.root, out_dir)

    @property
    def places(self) -> list[str]:
        """The folders and files of the configs, seen from the current directory."""
        return [os.path.normpath(self.root / place) for place in self.configs]

    def covers(self, config: str) -> bool:
        """Whether a config is in one of the places, or is one of them."""
        return not self.file or any(is_below(config, place) for place in self.places)


def is_below(path: str, folder: str) -> bool:
    """Whether a path is a folder, or in it; both seen from the current directory."""
    if folder == os.curdir and not path.startswith((os.pardir, os.sep)):
        return True
    if path.startswith(folder + os.sep) and os.pardir not in path:
        return True
    inside = os.path.relpath(path, folder)
    return inside != os.pardir and not inside.startswith(os.pardir + os.sep)


def read(folder: str, gate: Gate) -> Settings | None:
    """Return the settings that a folder has; None where it has none.

    Args:
        folder: its absolute path.
        gate: what files with settings must be inside of.

    """
    for name in NAMES:
        path = os.path.join(folder, name)
        if os.path.lexists(path):
            found = _read(path, Path(os.path.relpath(folder)), gate)
            if found is not None:
                return found
    return None


def _read(path: str, root: Path, gate: Gate) -> Settings | None:
    shown = os.path.relpath(path)
    table = _TABLES[os.path.basename(path)]
    try:
        data = gate.read(path, _LARGEST + 1)
    except (RefusedError, OSError) as error:
        from .problems import unreadable  # few settings have any

        return Settings(root, file=shown, problems=(unreadable(shown, error),))
    if table and table[-1].encode() not in data:
        return None
    return _parsed(data, table, root, shown)


def _parsed(data: bytes, table: tuple[str, ...], root: Path, shown: str) -> Settings | None:
    import tomli  # few folders have settings

    from ..schemas.accepting import acceptor

    values: Any = None
    readable = len(data) <= _LARGEST
    try:
        values = tomli.loads(data.decode().replace("\r\n", "\n")) if readable else None
    except (ValueError, RecursionError):  # it is not TOML, or not UTF-8
        readable = False
    for key in table:
        values = values.get(key) if isinstance(values, dict) else None
    if readable and values is None:
        return None
    if readable and acceptor("settings")(values):
        found: dict[str, Any] = {
            key.replace("-", "_"): tuple(value) if isinstance(value, list) else value
            for key, value in values.items()
        }
        settings = Settings(root, file=shown, **found)
        if _fits(settings):
            return settings
    from .problems import explain  # few settings have any

    return Settings(root, file=shown, problems=explain(data, table, shown))


def _fits(settings: Settings) -> bool:
    """Whether paths and codes are what they should be, which the schema cannot tell."""
    paths = [*settings.configs, *filter(None, [settings.out_dir])]
    if any(map(leads_out, paths)):
        return False
    if settings.targets and not _are_targets(settings.targets):
        return False
    chosen = (*settings.select, *settings.ignore)
    if not chosen:
        return True
    from ..diagnostics.catalogue import begins_a_code  # few settings choose codes

    return all(map(begins_a_code, chosen))


def _are_targets(names: tuple[str, ...]) -> bool:
    from ..targets import names as known  # few settings name targets

    return set(names) <= set(known())
