"""``sftc data fix``."""

from typing import Annotated

import typer

from ..report import Format
from .rewriting import Abandon, MostErrors, SourceFile, Summary, target, tell, writer


def fix(
    name: SourceFile,
    out: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="OUT", help="The new file to write; `-` is standard output."
        ),
    ],
    max_errors: MostErrors = 20,
    form: Summary = Format.TEXT,
) -> None:
    """Fix what is safe to fix in a dataset, and write it to a new file.

    Misspelt roles and those of other formats become ours; legacy function calls, tool calls; text
    under another key, `content`; a JSON array, lines. Trailing commas, CRLF, byte-order marks and
    UTF-16 go. No row is dropped, and good rows stay as they are, byte for byte. The exit code is 1
    if errors are left.
    """
    from ..datasets import size
    from ..datasets.repairing import fix as fix_file
    from ..report import conversion
    from .progress import progress

    path = target(name, out)
    with writer(path) as write:
        with progress(name, size(name)) as bar:
            result = fix_file(
                name, write, to=str(path) if path else None, most=max_errors, progress=bar
            )
        if result.measured is None:
            raise Abandon
    facts = result.facts()
    text = conversion.repaired(facts, [change.said for change in result.changes])
    tell(
        form,
        path,
        facts,
        text,
        result.diagnostics,
        result.unseen,
        written=result.measured is not None,
    )
    raise typer.Exit(0 if result.valid else 1)
