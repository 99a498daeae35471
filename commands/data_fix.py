"""``sftc data fix``."""

from typing import Annotated

import typer

from ..report import Format
from .kinds import Kind, refuse_others
from .rewriting import Abandon, MostErrors, SourceFile, Summary, target, tell, writer
from .streams import exit_code


def fix(
    name: SourceFile,
    out: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The new file to write; `-` is standard output."
        ),
    ],
    max_errors: MostErrors = 20,
    form: Summary = Format.TEXT,
) -> None:
    """Repair what is safe to repair.

    Corrects misspelt roles and roles of other formats, turns legacy function calls into tool
    calls, moves text under other keys to `content`, splits a JSON array into lines, and removes
    trailing commas, CRLF, byte-order marks and UTF-16. No row is dropped, and valid rows stay as
    they are, byte for byte.

    Exit codes: 0 the new file is valid; 1 errors are left; 2 wrong usage or unreadable input.
    """
    refuse_others([name], Kind.DATASET, Kind.PAYLOAD, folders=False)
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
    raise typer.Exit(exit_code(result.diagnostics, [name], failed=not result.valid))
