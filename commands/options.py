"""Arguments and options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

from ..report import FindingsFormat, TextOrJson

Configs = Annotated[
    list[str],
    typer.Argument(
        metavar="[CONFIG]...",
        help="TOML configs, or folders of them; `-` is standard input. None: those that the "
        "nearest settings name, or else those of the repository.",
    ),
]
OutDir = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Where artifacts are: a/b.toml has DIR/a/b.job.json."),
]
Findings = Annotated[FindingsFormat, typer.Option("--format", help="How findings are written.")]
Strict = Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")]
DataRoot = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="A folder outside the repository that datasets may be in.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="How many cores share the work; by default all."),
]
TokenizerName = Annotated[
    str | None,
    typer.Option(
        "--tokenizer",
        metavar="DIR_OR_NAME",
        help="Count tokens: a folder, or a model in the Hugging Face cache or hub.",
    ),
]
ChatTemplate = Annotated[
    Path | None,
    typer.Option(
        "--chat-template", metavar="FILE", help="A chat template, in place of the tokenizer's."
    ),
]
TargetName = Annotated[
    str | None,
    typer.Option("--target", metavar="SYSTEM", help="Write the job as another system has it."),
]
Source = Annotated[
    str | None,
    typer.Option("--from", metavar="SYSTEM", help="Whose config it is, if it is no payload."),
]
FindingsAs = Annotated[
    TextOrJson, typer.Option("--findings", help="How findings are written to standard error.")
]
