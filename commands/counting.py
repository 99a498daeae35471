"""The tokens of datasets for ``sftc data``: what is asked for, counted, and put into a report."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .. import report
from .configured import model_and_length
from .streams import refuse_inputs, usage, write
from .tokenizers import loaded, loaded_if_possible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..datasets import Measured
    from ..datasets.tokens import TokenizerFiles

_SAMPLE: Final = 8
"""Rows of a file that the report shows."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a command's options ask for.

    Attributes:
        tokenizer: whose tokens to count.
        chat_template: a template in place of its own.
        length: the sequence length.
        report: the file that the report goes to.
        config: the config that says what options do not.

    """

    tokenizer: str | None
    chat_template: Path | None
    length: int | None
    report: Path | None
    config: str | None = None

    def with_config(self, config: str | None) -> "Wanted":
        """Return the same with what a config says, where no option does."""
        if config is None:
            return self
        model, length = model_and_length(config)
        return replace(
            self, tokenizer=self.tokenizer or model, length=self.length or length, config=config
        )

    def counting(self, names: "Sequence[str]") -> "Counting | None":
        """Return how to count, if at all; exit with 2 if that cannot be done."""
        if self.tokenizer is None:
            given = {
                "--chat-template": self.chat_template,
                "--sequence-length": self.length,
                "--report": self.report,
            }
            for option, value in given.items():
                if value is not None:
                    usage(f"{option} needs --tokenizer or --config")
            return None
        if "-" in names:
            usage("tokens are counted in a second pass, but standard input comes once: name a file")
        if self.report is not None:
            if str(self.report) == "-":
                usage("--report names a file")
            refuse_inputs(self.report, self._inputs(names))
        return Counting(loaded(self.tokenizer, self.chat_template), self.length, self.report)

    def _inputs(self, names: "Sequence[str]") -> "Iterator[str | Path]":
        """Yield the files that are read."""
        yield from names
        yield from filter(None, (self.chat_template, self.config))
        tokenizer = Path(self.tokenizer or "")
        yield from (tokenizer.rglob("*") if tokenizer.is_dir() else [tokenizer])

    def counting_if_possible(self) -> "Counting | None":
        """Return how to count where nobody asked for it: if that cannot be done, say why."""
        files = None if self.tokenizer is None else loaded_if_possible(self.tokenizer)
        return None if files is None else Counting(files, self.length, None)


NOTHING_WANTED: Final = Wanted(None, None, None, None)
"""What options ask for that are not given."""


class Counting:
    """Counts tokens, file by file."""

    def __init__(self, files: "TokenizerFiles", length: int | None, to: Path | None) -> None:
        self._files, self._length, self._to = files, length, to
        self._reported: list[dict[str, Any]] = []

    def count(
        self,
        name: str,
        measured: "Measured",
        most: int | None,
        jobs: int | None,
        *,
        judged: bool,
    ) -> "Measured":
        """Return what was measured with its tokens, and the findings of both passes."""
        from ..datasets import size
        from ..datasets.tokens import count_tokens
        from .progress import progress

        if measured.sha256 is not None:  # else it could not be read to its end
            with progress(f"{name}: tokens", size(name)) as bar:
                counted = count_tokens(
                    name,
                    self._files,
                    length=self._length,
                    head=measured.head,
                    most=most,
                    judged=judged,
                    jobs=jobs,
                    progress=bar,
                )
            measured = counted.added_to(measured)
        if self._to is not None:
            found = measured.diagnostics
            sample = self._sample(name, measured.rows)
            self._reported.append({**measured.facts(), "findings": found, "sample": sample})
        return measured

    def finish(self) -> None:
        """Write the report, if one is wanted."""
        if self._to is not None:
            write(self._to, report.tokens_page(self._reported).encode())

    def _sample(self, name: str, rows: int) -> list[dict[str, Any]]:
        """Return the first rows of a file in parts, as the report shows them."""
        from ..datasets import Unreadable
        from ..datasets.tokens import shown_rows

        if not rows:
            return []
        try:
            return [
                {"line": row.line, "parts": row.parts(), "refused": row.refused}
                for row in shown_rows(name, self._files, 1, min(_SAMPLE, rows))
            ]
        except Unreadable:  # which has been said
            return []
