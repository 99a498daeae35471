"""``sftc init``."""

from pathlib import Path
from typing import Annotated

import typer

from .. import schemas
from ..disk.writing import is_stream
from ..starter import Kind
from .streams import say, say_written, usage, write


def init(
    path: Annotated[Path, typer.Argument(metavar="[FILE]", help="The config to write.")] = Path(
        "sft.toml"
    ),
    kind: Annotated[Kind, typer.Option(help="The flavour of fine-tuning.")] = Kind.QLORA,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
) -> None:
    """Write a commented config to start from, and beside it the schema for your editor."""
    from ..starter import starter
    from ..writer import SCHEMA_FILE

    if is_stream(path):  # nothing to overwrite, and no place for a schema beside it
        write(path, starter(kind).encode())
        return
    wanted = {path: starter(kind).encode(), path.with_name(SCHEMA_FILE): schemas.text("config")}
    for target, text in wanted.items():
        if target.exists() and not force and (target == path or target.read_bytes() != text):
            usage(f"{target} exists; --force overwrites it")
    for target, text in wanted.items():
        write(target, text)
    say_written(list(wanted))
    say(f"Name your data in it, then run: sftc lint {path}")
