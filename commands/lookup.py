"""``sftc rule`` and ``sftc schema``: what there is to read about codes and formats."""

import sys
from typing import Annotated

import typer

from .. import report, schemas
from . import codes
from .streams import put, show, usage, width


def rule(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[CODE|WORDS]...",
            help="A code (SFT211), its name (global-batch-mismatch), the start of several "
            "(SFT2), or words to search for. Without any, every code is listed.",
        ),
    ] = [],  # noqa: B006 - typer copies it
    all_: Annotated[
        bool, typer.Option("--all", help="Print the page of every code, as Markdown.")
    ] = False,
) -> None:
    """Explain a finding's code, or search all codes.

    `sftc rule SFT211` prints the page of one code: what it means, an example that has the
    finding, and the same example corrected. `sftc rule SFT2` lists the codes of a group.
    `sftc rule global batch` lists the codes that mention all of these words; if only one does,
    it prints its page. The exit code is 2 if there is no such code.
    """
    if all_ and words:
        usage("--all prints every page; leave out the code, or leave out --all")
    if all_:
        show(report.book(), sys.stdout)
        return
    from ..diagnostics.catalogue import CODES

    exact = [codes.named(word) for word in words]
    if words and all(exact):  # codes, their names, or groups
        found = list({code.code: code for group in exact for code in group}.values())
    elif len(words) == 1 and words[0].upper().startswith("SFT"):
        usage(codes.unknown(words[0]))
    else:
        found = report.matching_codes(words) if words else list(CODES.values())
    if not found:
        alone = len(words) == 1
        usage(codes.unknown(words[0]) if alone else f"no code mentions all of: {' '.join(words)}")
    paged = len(found) == 1 or (bool(words) and all(len(group) == 1 for group in exact))
    if paged:
        show("\n".join(map(report.page, found)), sys.stdout)
    else:
        show(report.listed_codes(found, width=width(sys.stdout)), sys.stdout)


def schema(
    name: Annotated[
        schemas.Name,
        typer.Argument(metavar="NAME", help=f"The format: {', '.join(schemas.Name)}."),
    ],
) -> None:
    """Print a JSON Schema, for editors and tools.

    Each format that sftc reads or writes has one: configs, settings, payloads, dataset rows and
    everything that --format json prints.
    """
    put(schemas.text(name).decode())
