"""``sftc data FILE…``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .. import __version__, report
from ..report import FINDINGS, FindingsFormat, Format
from .between import Between
from .configured import datasets_of
from .counting import NOTHING_WANTED, Wanted
from .kinds import Kind, refuse_others
from .options import ChatTemplate, Jobs, TokenizerName
from .streams import colour, exit_code, put, roots, show, usage

if TYPE_CHECKING:
    from ..datasets import Measured
    from ..diagnostics import Diagnostic


def check(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="[DATASET]...",
            help="JSONL files, also .gz or .zst; `-` reads standard input. Default: the datasets "
            "that --config names.",
        ),
    ] = [],  # noqa: B006 - typer copies it
    form: Annotated[
        FindingsFormat,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help=f"Format: {', '.join(FINDINGS)}. Text and JSON also describe each file; the "
            "others list findings only.",
        ),
    ] = Format.TEXT,
    max_errors: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            help="Show at most N errors, N warnings and N notes of each file; equal findings "
            "count once.",
        ),
    ] = 20,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Show every finding of every row."),
    ] = False,
    like: Annotated[
        Literal["reference"] | None,
        typer.Option(help="Accept what the reference client accepts, which is less strict."),
    ] = None,
    examples: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Check the first N rows only.")
    ] = None,
    jobs: Jobs = None,
    tokenizer: TokenizerName = None,
    chat_template: ChatTemplate = None,
    sequence_length: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Count the tokens cut off from rows longer than N tokens."
        ),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option(
            metavar="CONFIG",
            help="Take the tokenizer, the sequence length and, without DATASET, the datasets from "
            "this config.",
        ),
    ] = None,
    validation: Annotated[
        str | None,
        typer.Option(
            metavar="DATASET",
            help="Also check this validation dataset, and look for its rows in the others.",
        ),
    ] = None,
    near_duplicates: Annotated[
        bool,
        typer.Option(
            "--near-duplicates",
            help="Find rows that differ only in white space, escapes or key order.",
        ),
    ] = False,
    report_to: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Write an HTML report about the tokens."),
    ] = None,
) -> None:
    """Check, measure and pin datasets (the default).

    `sftc data train.jsonl` is short for `sftc data check train.jsonl`. With --tokenizer or
    --config, tokens are counted too: how many there are, how many are trained on, and how many
    are cut off.

    Exit codes: 0 all valid, warnings allowed; 1 a dataset has errors; 2 wrong usage or
    unreadable input.
    """
    refuse_others([*names, validation or ""], Kind.DATASET, Kind.PAYLOAD, folders=False)
    from ..datasets import ALLOWED_BY_REFERENCE, measure, size
    from .progress import progress

    most = None if everything else max_errors
    wanted = Wanted(tokenizer, chat_template, sequence_length, report_to)
    tokens_asked_for = bool(names) or wanted != NOTHING_WANTED
    wanted = wanted.with_config(config)
    if not names:
        names, validation = _named(config, validation)
    between = Between(names, validation, near_duplicates, examples, most)
    if tokens_asked_for:
        counting = wanted.counting([name for name, _ in between.files()])
    else:
        counting = wanted.counting_if_possible()
    valid = True
    findings: list[Diagnostic] = []
    allowed = ALLOWED_BY_REFERENCE if like else frozenset()
    files: list[str] = []
    for name, validates in between.files():
        head = None if validates else examples
        with progress(name, size(name)) as bar:
            measured = measure(
                name,
                head=head,
                most=most,
                allowed=allowed,
                jobs=jobs,
                progress=bar,
            )
        measured = between.compare(name, measured, validates=validates)
        if counting is not None:
            measured = counting.count(name, measured, most, jobs, judged=like is None)
        valid &= measured.valid
        findings += measured.diagnostics
        files.append(measured.file)
        _put(measured, form)
    if form is not Format.TEXT and form is not Format.JSON:
        # The texts of datasets are not kept, and no format that is left shows lines of them.
        texts = dict.fromkeys(files, "")
        put(report.render(form, findings, texts, version=__version__, roots=roots()))
    if counting is not None:
        counting.finish()
    named = [name for name, _ in between.files()]
    raise typer.Exit(exit_code(findings, named, failed=not valid))


def _put(measured: "Measured", form: FindingsFormat) -> None:
    """Write what is known of one file, as far as the format has it by files."""
    found, facts = measured.diagnostics, measured.facts()
    shown = ""
    if form is Format.TEXT:
        shown = report.render(form, found, {}, colour=colour(sys.stderr))
    if form is not Format.JSON:
        show(shown + report.unseen(measured.unseen, "--max-errors and --all"), sys.stderr)
    if form is Format.TEXT:
        show(report.dataset(form, facts, found, histogram=sys.stdout.isatty()), sys.stdout)
    elif form is Format.JSON:
        put(report.dataset(form, facts, found))


def _named(config: str | None, validation: str | None) -> tuple[list[str], str | None]:
    """Return the training datasets and the validation dataset where the command names no file."""
    if config is None:
        usage("name a dataset, as in `sftc data train.jsonl`, or a config with --config")
    training, theirs = datasets_of(config)
    return [training], theirs if validation is None else validation
