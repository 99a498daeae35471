"""``sftc init``."""

from pathlib import Path
from typing import Annotated

import typer

from .. import schemas
from ..diagnostics import printable
from ..starter import Kind
from .streams import say, usage, write


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

    wanted = {path: starter(kind).encode(), path.with_name(SCHEMA_FILE): schemas.text("config")}
    for target, text in wanted.items():
        if target.exists() and not force and (target == path or target.read_bytes() != text):
            usage(f"{target} exists; --force overwrites it")
    for target, text in wanted.items():
        write(target, text)
    say(f"Wrote {' and '.join(printable(str(target)) for target in wanted)}.")
    say(f"Name your data in it, then run: sftc lint {path}")
