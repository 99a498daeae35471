"""What a repository settles once for every command: ``sftc.toml``, or ``[tool.sftc]``.

The file is looked for from the current directory upwards, up to the top of the git repository.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .artifacts import Rule

NAMES: Final = ("sftc.toml", "pyproject.toml")


class SettingsError(Exception):
    """The settings cannot be used; the message says why, on one line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a repository.

    Attributes:
        root: the folder of the file that has them, seen from the current directory.
        configs: the folders and files of the configs, below the root.
        out_dir: the folder of the artifacts, below the root; None: beside their configs.
        pin: whether artifacts have pins.
        strict: whether warnings fail.
        select: codes or prefixes that `lint` reports; empty: all.
        ignore: codes or prefixes that `lint` does not report.

    """

    root: Path = Path()
    configs: tuple[str, ...] = (".",)
    out_dir: str | None = None
    pin: bool = False
    strict: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def rule(self, out_dir: Path | None = None) -> Rule:
        """Return where artifacts are; ``out_dir`` comes before the settings'."""
        if out_dir is None and self.out_dir is not None:
            out_dir = self.root / self.out_dir
        return Rule(self.root, out_dir)

    @property
    def places(self) -> list[str]:
        """The folders and files of the configs, seen from the current directory."""
        return [os.path.normpath(self.root / place) for place in self.configs]


def load() -> Settings:
    """Return the settings that hold in the current directory; the defaults where none do.

    Raises:
        SettingsError: the file cannot be read, or has a key or a value that is none.

    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        for name in NAMES:
            table = _table(folder / name)
            if table is not None:
                return _settings(table, folder, Path(os.path.relpath(folder / name)))
        if (folder / ".git").exists():
            break
    return Settings()


def _table(file: Path) -> Mapping[str, Any] | None:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"cannot read {file.name}: {error.strerror}") from None
    if file.name != NAMES[0] and b"sftc" not in data:
        return None
    import tomli  # few folders have settings

    try:
        found: Any = tomli.loads(data.decode())
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {os.path.relpath(file)}: {error}") from None
    if file.name != NAMES[0]:
        tools = found.get("tool")
        found = tools.get("sftc") if isinstance(tools, dict) else None
    return found if isinstance(found, dict) else None


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


_KEYS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "configs": (_is_texts, "an array of paths"),
    "out-dir": (_is_text, "a path"),
    "pin": (_is_boolean, "a boolean"),
    "strict": (_is_boolean, "a boolean"),
    "select": (_is_texts, "an array of codes"),
    "ignore": (_is_texts, "an array of codes"),
}


def _settings(table: Mapping[str, Any], folder: Path, file: Path) -> Settings:
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            raise SettingsError(f"{file}: {_unknown(key)}")
        fits, expected = _KEYS[key]
        if not fits(value):
            raise SettingsError(f"{file}: `{key}` must be {expected}")
        found[key.replace("-", "_")] = tuple(value) if isinstance(value, list) else value
    for path in (*found.get("configs", ()), *filter(None, [found.get("out_dir")])):
        if ".." in Path(os.path.relpath(folder / path, folder)).parts:
            raise SettingsError(f"{file}: `{path}` is outside the repository")
    return Settings(Path(os.path.relpath(folder)), **found)


def _unknown(key: str) -> str:
    from ..diagnostics.suggest import nearest  # only a slip needs it

    meant = nearest(key, _KEYS)
    hint = f"did you mean `{meant}`?" if meant else f"there are {', '.join(_KEYS)}"
    return f"there is no setting `{key}`; {hint}"
