"""Arguments and options shared by several commands."""

from pathlib import Path
from typing import Annotated

import typer

from ..report import FINDINGS, FindingsFormat, TextOrJson

Configs = Annotated[
    list[str],
    typer.Argument(
        metavar="[CONFIG]...",
        help="TOML configs or folders; `-` reads standard input. Default: the configs that the "
        "nearest settings name, otherwise all in the repository.",
    ),
]
OutDir = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Folder of the artifacts: a/b.toml compiles to DIR/a/b.job.json."
    ),
]
Findings = Annotated[
    FindingsFormat,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help=f"Format of the findings: {', '.join(FINDINGS)}.",
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")]
DataRoot = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Also allow datasets below DIR, outside the repository.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Number of cores to use. Default: all."),
]
TokenizerName = Annotated[
    str | None,
    typer.Option(
        "--tokenizer",
        metavar="MODEL",
        help="Count tokens with this tokenizer: a folder, or a model on the Hugging Face Hub.",
    ),
]
ChatTemplate = Annotated[
    Path | None,
    typer.Option(
        "--chat-template", metavar="FILE", help="Use this chat template instead of the tokenizer's."
    ),
]
TargetName = Annotated[
    str | None,
    typer.Option(
        "--target", metavar="SYSTEM", help="Write the job in the format of another system."
    ),
]
Source = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="SYSTEM",
        help="The system whose config this is. Default: recognised by its keys.",
    ),
]
FindingsAs = Annotated[
    TextOrJson, typer.Option("--findings", help="Format of the findings on standard error.")
]
