"""What ``sftc init`` writes beside a config: its schema, settings, attributes, hooks, CI."""

import os
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from .. import schemas
from ..diagnostics import printable
from .streams import usage

if TYPE_CHECKING:
    from ..workspace.scopes import Scope

SHARED_SCHEMA: Final = "sftc-config.schema.json"
"""The schema at the top of a repository, where ``config.schema.json`` might be anybody's."""

_ATTRIBUTES: Final = Path(".gitattributes")
_HOOKS: Final = ".pre-commit-config.yaml"


class Ci(StrEnum):
    """Where CI runs."""

    GITHUB = "github"
    GITLAB = "gitlab"


class Placed(NamedTuple):
    """What is written beside a config.

    Attributes:
        wanted: the files, by path.
        schema: where the config's schema is, seen from the config.
        advice: what is to be done by hand.
        has_settings: whether settings hold for the config.

    """

    wanted: dict[Path, bytes]
    schema: str
    advice: tuple[str, ...]
    has_settings: bool


def placed(
    config: Path | None, *, repository: bool, hooks: bool, ci: Ci | None, force: bool
) -> Placed:
    """Return what is written beside a config; exit with 2 if something else is in the way.

    Args:
        config: the config; None: it stays as it is.
        repository: whether settings, a schema for all configs and attributes are wanted.
        hooks: whether hooks for pre-commit are wanted.
        ci: for which CI a job is wanted.
        force: whether the schema may be overwritten. Files that people edit never are.

    """
    from ..workspace.scopes import Scopes

    scope = Scopes().of(str(config) if config else "")
    for problem in scope.settings.problems:
        usage(f"{printable(problem.file)}:{problem.span.line}: {problem.message}")
    wanted: dict[Path, bytes] = {}
    advice: list[str] = []
    schema = ""
    if config is not None:
        place = _known_schema(config, scope)
        if place is None:
            place = Path(SHARED_SCHEMA) if repository else config.with_name(_SCHEMA)
            _check_free(place, schemas.text("config"), force=force)
            wanted[place] = schemas.text("config")
        schema = _seen_from(place, config.parent)
    if repository:
        wanted |= _settings(scope, force=force)
        if scope.settings.file:
            advice.append(f"{printable(os.path.relpath(scope.settings.file))} has the settings.")
        wanted |= _attributes()
    top = Path(os.path.relpath(scope.top)) if scope.top else Path()
    if hooks:
        _add(_hooks(top), wanted, advice)
    if ci is not None:
        _add(_job(ci, top), wanted, advice)
    settled = bool(scope.settings.file) or repository
    return Placed(wanted, schema, tuple(advice), settled)


_SCHEMA: Final = schemas.file_name("config")


def _known_schema(config: Path, scope: "Scope") -> Path | None:
    """Return the schema that configs around this one have: beside it, or in a folder above it."""
    top = Path(scope.top or (Path.cwd() if _is_below(config, Path.cwd()) else config.parent))
    text = schemas.text("config")
    folder = config.parent.absolute()
    for above in (folder, *folder.parents):
        if (shared := above / SHARED_SCHEMA).is_file():
            return shared
        if (own := above / _SCHEMA).is_file() and own.read_bytes() == text:
            return own
        if above == top.absolute():
            return None
    return None


def _is_below(path: Path, folder: Path) -> bool:
    return path.absolute().is_relative_to(folder)


def _seen_from(place: Path, folder: Path) -> str:
    path = Path(os.path.relpath(place, folder)).as_posix()
    return path if path.startswith("../") else f"./{path}"


def _check_free(place: Path, text: bytes, *, force: bool) -> None:
    same = place.is_file() and place.read_bytes() == text
    if place.exists() and not force and not same:
        usage(f"{place} exists; --force overwrites it")


def _settings(scope: "Scope", *, force: bool) -> Mapping[Path, bytes]:
    """Return the settings and their schema; none if there are settings already."""
    from ..starter import settings

    if scope.settings.file:
        return {}
    schema = Path(schemas.file_name("settings"))
    _check_free(schema, schemas.text("settings"), force=force)
    return {Path("sftc.toml"): settings().encode(), schema: schemas.text("settings")}


def _attributes() -> Mapping[Path, bytes]:
    """Return .gitattributes with the lines that it lacks; nothing if it has them."""
    from ..starter import ATTRIBUTES

    known = _read(_ATTRIBUTES)
    patterns = {line.split()[0] for line in known.splitlines() if line.strip()}
    lacking = [line.encode() for line in ATTRIBUTES if line.split()[0].encode() not in patterns]
    gap = b"\n" if known and not known.endswith(b"\n") else b""
    return (
        {_ATTRIBUTES: known + gap + b"".join(b"%b\n" % line for line in lacking)} if lacking else {}
    )


def _read(path: Path) -> bytes:
    """Return what a file holds, nothing if there is none; exit with 2 if it is another thing."""
    if not os.path.lexists(path):
        return b""
    if path.is_symlink() or not path.is_file():
        usage(f"{path} is not a regular file")
    return path.read_bytes()


class _File(NamedTuple):
    """A file that people go on editing.

    Attributes:
        path: where it is.
        text: what it holds if it is new.
        lines: what to add by hand to one that is there.
        marks: what such a file has in it if nothing needs to be added.
        advice: what is to be done by hand once it is written.

    """

    path: Path
    text: str
    lines: str
    marks: str
    advice: str = ""


def _add(files: Iterator[_File], wanted: dict[Path, bytes], advice: list[str]) -> None:
    """Add files that are not there yet, and advice about those that are."""
    for file in files:
        lines = _read(file.path).decode("utf-8", "replace").splitlines()
        if not file.path.exists():
            wanted[file.path] = file.text.encode()
            advice += [file.advice] if file.advice else []
        elif not any(file.marks in line.partition("#")[0] for line in lines):
            advice.append(f"{file.path} exists, and is left as it is. Add to it:\n{file.lines}")


def _hooks(top: Path) -> Iterator[_File]:
    from .init_texts import HOOKS, HOOKS_FILE

    yield _File(top / _HOOKS, HOOKS_FILE, HOOKS, "sftc-lint")


def _job(ci: Ci, top: Path) -> Iterator[_File]:
    from .init_texts import INCLUDE, MIRROR, github, gitlab

    if ci is Ci.GITHUB:
        path = top / ".github" / "workflows" / "sftc.yml"
        advice = (
            f"Replace {MIRROR} in {path} with the repository that your organisation has sftc in."
        )
        yield _File(path, github(), github(), "sftc@", advice)
        return
    advice = "Set the CI variable SFTC to what pip installs sftc from."
    yield _File(top / ".gitlab" / "sftc.yml", gitlab(), gitlab(), "sftc lint", advice)
    yield _File(top / ".gitlab-ci.yml", INCLUDE, INCLUDE, ".gitlab/sftc.yml")
