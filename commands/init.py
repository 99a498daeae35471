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
            help="Also write sftc.toml here, its schema, and a line of .gitattributes.",
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the files.")] = False,
) -> None:
    """Write a commented config to start from, and beside it the schema for your editor."""
    from ..starter import settings, starter
    from ..writer import SCHEMA_FILE

    if is_stream(path):  # nothing to overwrite, and no place for a schema beside it
        write(path, starter(kind).encode())
        return
    wanted = {path: starter(kind).encode(), path.with_name(SCHEMA_FILE): schemas.text("config")}
    if repository:
        wanted[Path("sftc.toml")] = settings().encode()
        wanted[Path(schemas.file_name("settings"))] = schemas.text("settings")
    for target, text in wanted.items():
        own = target.suffix == ".toml"
        if target.exists() and not force and (own or target.read_bytes() != text):
            usage(f"{target} exists; --force overwrites it")
    if repository and (attributes := _attributes()):
        wanted[_ATTRIBUTES] = attributes
    for target, text in wanted.items():
        write(target, text)
    say_written(list(wanted))
    say(f"Name your data in it, then run: sftc lint {path}")


def _attributes() -> bytes:
    """Return what .gitattributes should hold; nothing if it says something of artifacts."""
    from ..starter import ATTRIBUTES

    known = _ATTRIBUTES.read_bytes() if _ATTRIBUTES.exists() else b""
    if ATTRIBUTES.split()[0].encode() in known:
        return b""
    gap = b"\n" if known and not known.endswith(b"\n") else b""
    return known + gap + f"{ATTRIBUTES}\n".encode()
