"""A kind of row that is not ours, in a module of its own: processes import it by its name."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sftc.datasets.rows.grouping import Familiar
from sftc.datasets.rows.kind import RowKind, Text
from sftc.datasets.rows.verdict import Contents, Judged
from sftc.diagnostics import Finding, codes


class PromptCompletion(RowKind):
    """A text and what is learned to follow it."""

    def is_row(self, value: Any) -> bool:
        return isinstance(value, dict) and all(
            isinstance(value.get(key), str) for key in ("prompt", "completion")
        )

    def explain(self, value: Any) -> Iterator[Finding]:
        for key in ("prompt", "completion"):
            if not isinstance(value, dict) or not isinstance(value.get(key), str):
                yield Finding(codes.MISSING_ROW_KEY, (), {"what": "the row", "key": key})

    def judge(self, row: Any, familiar: Familiar) -> Judged:
        del familiar  # it is quick enough
        said = bool(row["completion"].strip())
        wrong = [] if said else [Finding(codes.EMPTY_TURN, ("completion",), {"what": "it"})]
        return Judged(wrong, Contents(Counter(("prompt", "completion"))))

    def sequenced(self, row: Mapping[str, Any]) -> Text:
        text = row["prompt"] + row["completion"]
        return Text(text, ((len(row["prompt"]), len(text)),))

    def pairing(self, row: Any) -> Sequence[Any]:
        return (row.get("prompt"),)

    def summary(self, row: Any) -> str | None:
        return f"{row['prompt']} → {row['completion']}"
