"""``sftc init``."""

from pathlib import Path
from typing import Annotated

import typer

from .. import schemas
from ..disk.writing import is_stream
from ..starter import Kind
from .streams import say, say_written, usage, write

_ATTRIBUTES = Path(".gitattributes")


def init(
    path: Annotated[Path, typer.Argument(metavar="[FILE]", help="The config to write.")] = Path(
        "sft.toml"
    ),
    kind: Annotated[Kind, typer.Option(help="The flavour of fine-tuning.")] = Kind.QLORA,
    repository: Annotated[
        bool,
        typer.Option(
            "--repository",
            help="Also write sftc.toml here, its schema, and .gitattributes, where they lack.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the files.")] = False,
) -> None:
    """Write a commented config to start from, and beside it the schema for your editor."""
    from ..starter import starter
    from ..writer import SCHEMA_FILE

    if is_stream(path):  # nothing to overwrite, and no place for a schema beside it
        write(path, starter(kind).encode())
        return
    wanted = {path: starter(kind).encode(), path.with_name(SCHEMA_FILE): schemas.text("config")}
    if repository and path.exists() and not force:  # the rest is for a repository that has configs
        wanted = {}
    for target, text in wanted.items():
        own = target.suffix == ".toml"
        if target.exists() and not force and (own or target.read_bytes() != text):
            usage(f"{target} exists; --force overwrites it")
    if repository:
        wanted |= {target: text for target, text in _settled().items() if not target.exists()}
        wanted |= _attributes()
    for target, text in wanted.items():
        write(target, text)
    say_written(list(wanted))
    if path in wanted:
        say(f"Name your data in it, then run: sftc lint {path}")


def _settled() -> dict[Path, bytes]:
    """Return the settings and their schema; none if they are in ``pyproject.toml`` already."""
    from ..starter import settings
    from ..workspace.scopes import Scopes

    if Scopes().of_folder("").settings.file:
        return {}
    schema = Path(schemas.file_name("settings"))
    return {Path("sftc.toml"): settings().encode(), schema: schemas.text("settings")}


def _attributes() -> dict[Path, bytes]:
    """Return .gitattributes with the lines that it lacks; nothing if it has them."""
    from ..starter import ATTRIBUTES

    known = _ATTRIBUTES.read_text("utf-8") if _ATTRIBUTES.exists() else ""
    lacking = [line for line in ATTRIBUTES if line.split()[0] not in known]
    gap = "\n" if known and not known.endswith("\n") else ""
    text = known + gap + "".join(f"{line}\n" for line in lacking)
    return {_ATTRIBUTES: text.encode()} if lacking else {}
