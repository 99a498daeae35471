"""The datasets of a payload: where they may be, whether they are sound, and as reviewed."""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, TypeAlias

from .. import datasets
from ..diagnostics import Diagnostic, Finding, KeyPath, Severity, codes
from ..diagnostics.json_places import json_span
from ..disk.gate import Gate, OutsideError, RefusedError
from ..payloads import Payload, fields
from .errors import DatasetError, told
from .requests import Source

Bar: TypeAlias = Callable[[str, int | None], AbstractContextManager[Callable[[int], None] | None]]
"""Gives, for a title and a number of bytes, what is told how many are done."""

USES: Final = ("training", "validation")


def sources(
    payload: Payload, chosen: Mapping[str, str], root: Path, bar: Bar
) -> tuple[dict[str, Source], list[Diagnostic]]:
    """Return the datasets to upload by use, and the warnings about them.

    Args:
        payload: what names and pins them.
        chosen: paths that the user gives in place of the payload's, by use.
        root: the folder that files named by the payload must be in.
        bar: shows how far the reading of a file is.

    Raises:
        DatasetError: one is missing, outside, bad, or not as pinned; or there is none to
            train on.

    """
    found: dict[str, Source] = {}
    errors: list[Diagnostic] = []
    warnings: list[Diagnostic] = []
    for use in USES:
        named = payload.files.get(use, {})
        path = chosen.get(use) or named.get("path")
        if path is None:
            continue
        where: KeyPath = (*fields.FILES, use, "path")
        try:
            real = _resolved(path, use, where, None if chosen.get(use) else root)
            found[use] = _measured(path, real, use, named, bar, warnings)
        except _Refused as refused:
            errors += [
                item if isinstance(item, Diagnostic) else _at(payload, item) for item in refused.why
            ]
    if (
        not errors
        and "training" not in found
        and fields.value_at(payload.value, fields.TRAINING_FILE_ID) is None
    ):
        errors.append(_at(payload, Finding(codes.NO_TRAINING_DATA, fields.TRAINING_FILE_ID)))
    if errors:
        raise DatasetError(errors)
    return found, warnings


class _Refused(Exception):  # noqa: N818 - what it carries are findings
    def __init__(self, *why: Finding | Diagnostic) -> None:
        super().__init__()
        self.why = why


def _at(payload: Payload, finding: Finding) -> Diagnostic:
    return told(finding, json_span(payload.text, payload.name, finding.path))


def _resolved(path: str, use: str, where: KeyPath, root: Path | None) -> Path:
    """Return the file that a path leads to, if it is a regular file, and below the root.

    Without a root the user named it, and it may be anywhere.
    """
    words = {"use": use, "path": path, "what": f"the {use} dataset `{path}`"}
    real = os.path.realpath(path) if "\0" not in path else path
    try:
        real = Gate(str(root)).resolve(path) if root is not None else real
    except OutsideError:
        outside = {**words, "root": str(root), "folder": os.path.dirname(real)}  # noqa: PTH120
        raise _Refused(Finding(codes.OUTSIDE_DATA_ROOT, where, outside)) from None
    except RefusedError as refused:
        unopened = {**words, "reason": f"it {refused}"}
        raise _Refused(Finding(codes.UNREADABLE_DATASET, where, unopened)) from None
    except OSError:
        pass  # the reason is told below
    if os.path.exists(real) and not os.path.isfile(real) and not os.path.isdir(real):  # noqa: PTH110, PTH112, PTH113
        # To open a pipe would wait for its writer.
        special = {**words, "reason": "it is not a regular file"}
        raise _Refused(Finding(codes.UNREADABLE_DATASET, where, special))
    if unreadable := datasets.unreadable(path):
        raise _Refused(
            Finding(unreadable.code, where, {**unreadable.words, **words}, hint=unreadable.hint)
        )
    return Path(real)


def _measured(
    path: str,
    real: Path,
    use: str,
    named: Mapping[str, Any],
    bar: Bar,
    warnings: list[Diagnostic],
) -> Source:
    head = named.get("head")
    with bar(f"checking {path}", datasets.size(str(real))) as progress:
        measured = datasets.measure(str(real), head=head, progress=progress)
    pin, found = measured.pin, [item.renamed(path) for item in measured.diagnostics]
    if pin is None:
        raise _Refused(*(item for item in found if item.severity is Severity.ERROR))
    warnings += found
    facts = {"sha256": pin.sha256, "bytes": pin.bytes, "examples": pin.examples}
    other = [name for name, fact in facts.items() if named.get(name, fact) != fact]
    if other:
        differences = "; ".join(
            f"{name} pinned {named[name]}, here {facts[name]}" for name in other
        )
        where = (*fields.FILES, use, other[0])
        words = {"use": use, "path": path, "differences": differences}
        raise _Refused(Finding(codes.PIN_DIFFERS, where, words))
    return Source(
        use, path, real, pin.sha256, pin.bytes, pin.examples, head, pinned="sha256" in named
    )
