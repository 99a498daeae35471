"""Datasets as programs and notebooks take them: plain frozen values that draw themselves."""

from dataclasses import dataclass, fields
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from .. import datasets, report
from ..datasets import MOST, Measured, Pin, Statistics, Tokens
from ..diagnostics import InvalidInputError, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "CheckedDataset",
    "DatasetStatistics",
    "check_dataset",
    "dataset_statistics",
    "pin",
]

File: TypeAlias = str | PathLike[str]


@dataclass(frozen=True)
class DatasetStatistics(Statistics):
    """What the good rows of a dataset hold. A notebook shows it with plots.

    Attributes:
        file: its name.
        rows: all rows, good or not.
        bytes: how many would be uploaded.
        tokens: what they are in tokens; None if no tokenizer was named.

    """

    file: str
    rows: int
    bytes: int
    tokens: Tokens | None

    def facts(self) -> dict[str, Any]:
        """Return them as plain values, in the form of ``sftc data``'s JSON."""
        whole = {"file": self.file, "rows": self.rows, "bytes": self.bytes}
        tokens = self.tokens.facts() if self.tokens else {}
        return {**whole, **super().facts(), **tokens}

    def _repr_html_(self) -> str:
        return report.dataset_fragment(self.facts(), ())


@dataclass(frozen=True)
class CheckedDataset(Measured):
    """What a dataset is, and what is wrong with it. A notebook shows it with plots."""

    @property
    def errors(self) -> int:
        """How many errors there are."""
        return self.counts.get(Severity.ERROR, 0)

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        return self.counts.get(Severity.WARNING, 0)

    def _repr_html_(self) -> str:
        return report.dataset_fragment(self.facts(), self.diagnostics)


def check_dataset(
    path: File,
    *,
    examples: int | None = None,
    max_errors: int | None = MOST,
    tokenizer: str | None = None,
    chat_template: File | None = None,
    sequence_length: int | None = None,
) -> CheckedDataset:
    """Check a dataset, as ``sftc data`` does.

    Args:
        path: the file; ``*.gz`` and ``*.zst`` are decompressed as they are read.
        examples: read only this many rows, from the start of the file.
        max_errors: how many findings of each severity to keep; None keeps all and groups none.
        tokenizer: also count tokens with this tokenizer: a folder, or the name of a model in the
            Hugging Face cache or on the Hub. Requires the extra ``sftc[tokens]``.
        chat_template: a file with a chat template, overriding the tokenizer's own.
        sequence_length: count what is truncated from rows with more tokens than this.

    Raises:
        TypeError: ``path`` is not a path.
        ValueError: an argument is invalid, or the tokenizer cannot be used.

    """
    _check_path(path)
    name = fspath(path)
    if name == datasets.STDIN:
        raise ValueError("name a file: standard input is for the command line")
    for option, value, least in (
        ("sequence_length", sequence_length, 1),
        ("max_errors", max_errors, 0),
    ):
        if value is not None and value < least:
            raise ValueError(f"{option} must be at least {least}")
    measure: Callable[..., Measured] = datasets.measure
    if tokenizer is not None:
        from ..datasets.tokens import load  # an extra, and `load` says if it is missing

        files = load(tokenizer, None if chat_template is None else Path(chat_template))
        from ..datasets.tokens import measure_tokens

        measure = partial(measure_tokens, files=files, length=sequence_length)
    elif chat_template is not None or sequence_length is not None:
        raise ValueError("chat_template and sequence_length need a tokenizer")
    return CheckedDataset(**_values(measure(name, head=examples, most=max_errors)))


def dataset_statistics(
    path: File,
    *,
    examples: int | None = None,
    tokenizer: str | None = None,
    chat_template: File | None = None,
    sequence_length: int | None = None,
) -> DatasetStatistics:
    """Return statistics of the valid rows of a dataset; ``check_dataset`` reports the others.

    Args:
        path: the file; ``*.gz`` and ``*.zst`` are decompressed as they are read.
        examples: read only this many rows, from the start of the file.
        tokenizer: also count tokens with this tokenizer: a folder, or the name of a model in the
            Hugging Face cache or on the Hub. Requires the extra ``sftc[tokens]``.
        chat_template: a file with a chat template, overriding the tokenizer's own.
        sequence_length: count what is truncated from rows with more tokens than this.

    Raises:
        InvalidInputError: the file cannot be read to its end.
        TypeError: ``path`` is not a path.
        ValueError: an argument is invalid, or the tokenizer cannot be used.

    """
    checked = check_dataset(
        path,
        examples=examples,
        tokenizer=tokenizer,
        chat_template=chat_template,
        sequence_length=sequence_length,
    )
    if checked.sha256 is None:
        raise InvalidInputError(checked.diagnostics)
    return DatasetStatistics(
        **_values(checked.statistics),
        file=checked.file,
        rows=checked.rows,
        bytes=checked.bytes,
        tokens=checked.tokens,
    )


def pin(
    path: File,
    *,
    examples: int | None = None,
    tokenizer: str | None = None,
    chat_template: File | None = None,
    sequence_length: int | None = None,
) -> Pin:
    """Return the pin of a dataset: its digest, size and row count.

    It is for ``compile_config(text, pins={"training": pin("train.jsonl")})``.

    Args:
        path: the file; ``*.gz`` and ``*.zst`` are decompressed as they are read.
        examples: read only this many rows, from the start of the file.
        tokenizer: also count tokens with this tokenizer: a folder, or the name of a model in the
            Hugging Face cache or on the Hub. Requires the extra ``sftc[tokens]``.
        chat_template: a file with a chat template, overriding the tokenizer's own.
        sequence_length: count what is truncated from rows with more tokens than this. Pass the
            config's value, so that the pin describes what the job trains on.

    Raises:
        InvalidInputError: the dataset has errors, or cannot be read.
        TypeError: ``path`` is not a path.
        ValueError: an argument is invalid, or the tokenizer cannot be used.

    """
    checked = check_dataset(
        path,
        examples=examples,
        tokenizer=tokenizer,
        chat_template=chat_template,
        sequence_length=sequence_length,
    )
    if checked.pin is None:
        raise InvalidInputError(checked.diagnostics)
    return checked.pin


def _check_path(given: Any) -> None:
    """Refuse what cannot be the path of a dataset, such as its rows."""
    if not isinstance(given, str | PathLike):
        raise TypeError(f"path must be the path of a dataset, not {type(given).__name__}")
    if isinstance(given, str) and ("\n" in given.strip() or given.lstrip()[:1] in {"{", "["}):
        raise ValueError("path must be the path of a dataset, not its rows")


def _values(of: Measured | Statistics) -> dict[str, Any]:
    """Return the fields of a value, as they are."""
    return {field.name: getattr(of, field.name) for field in fields(of)}
