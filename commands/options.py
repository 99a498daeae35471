"""Arguments and options that several commands take."""

from typing import Annotated

import typer

Configs = Annotated[
    list[str], typer.Argument(metavar="CONFIG", help="TOML configs; `-` is standard input.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Let warnings fail, as errors do.")]
