"""The datasets of a payload: where they may be, whether they are valid, and as reviewed."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .. import datasets
from ..client import Bar, DatasetError, diagnosed
from ..diagnostics import Diagnostic, Finding, KeyPath, Severity, Span, codes
from ..disk.gate import Gate, OutsideError, RefusedError
from ..payloads import Payload, dataset_files, fields
from .form import Source
from .requests import Prepared


class _Unfit(Exception):  # noqa: N818 - what it carries are findings
    def __init__(self, *why: Finding | Diagnostic) -> None:
        super().__init__()
        self.why = why


def pinned(payload: Mapping[str, Any], place: Callable[[KeyPath], Span | str]) -> Prepared:
    """Return a payload that has just been pinned; what is sent must have the pinned bytes."""
    found = {
        use: Source(use, path := file["path"], Path(path), _pin(file), pinned=True)
        for use, file in dataset_files(payload).items()
    }
    if finding := _no_training_data(payload, found):
        raise DatasetError([diagnosed(finding, place(finding.path))])
    return Prepared(payload, found, place)


def _pin(file: Mapping[str, Any]) -> datasets.Pin:
    return datasets.Pin(file["sha256"], file["bytes"], file["examples"], file.get("head"))


def _no_training_data(payload: Mapping[str, Any], found: Mapping[str, Source]) -> Finding | None:
    there = "training" in found or fields.value_at(payload, fields.TRAINING_FILE_ID)
    return None if there else Finding(codes.NO_TRAINING_DATA, fields.TRAINING_FILE_ID)


def sources(
    payload: Payload, chosen: Mapping[str, str | None], root: Path, bar: Bar
) -> tuple[dict[str, Source], list[Diagnostic]]:
    """Return the datasets to upload by use, and the warnings about them, or raise DatasetError."""
    found: dict[str, Source] = {}
    unfit: list[Finding | Diagnostic] = []
    warnings: list[Diagnostic] = []
    for use, mine in chosen.items():
        file = payload.files.get(use, {})
        path = mine or file.get("path")
        if path is None:
            continue
        try:
            real = _resolved(path, use, None if mine else root)
            found[use] = _measured(path, real, use, file, bar, warnings)
        except _Unfit as refused:
            unfit += refused.why
    if not unfit and (finding := _no_training_data(payload.value, found)):
        unfit.append(finding)
    if unfit:
        raise DatasetError(
            diagnosed(each, payload.span(each.path)) if isinstance(each, Finding) else each
            for each in unfit
        )
    return found, warnings


def _resolved(path: str, use: str, root: Path | None) -> Path:
    """Return the regular file that a path leads to; without a root it may be anywhere."""
    where: KeyPath = (*fields.FILES, use, "path")
    words = {"use": use, "path": path, "what": f"the {use} dataset `{path}`"}
    real = os.path.realpath(path) if "\0" not in path else path
    try:
        real = Gate(str(root)).resolve(path) if root is not None else real
    except OutsideError:
        outside = {**words, "root": str(root), "folder": os.path.dirname(real)}  # noqa: PTH120
        raise _Unfit(Finding(codes.OUTSIDE_DATA_ROOT, where, outside)) from None
    except RefusedError as refused:
        words["reason"] = f"it {refused}"
        raise _Unfit(Finding(codes.UNREADABLE_DATASET, where, words)) from None
    except OSError:
        pass  # the reason is told below
    if os.path.exists(real) and not os.path.isfile(real) and not os.path.isdir(real):  # noqa: PTH110, PTH112, PTH113
        # To open a pipe would wait for its writer.
        words["reason"] = "it is not a regular file"
        raise _Unfit(Finding(codes.UNREADABLE_DATASET, where, words))
    if bad := datasets.unreadable(path):
        raise _Unfit(Finding(bad.code, where, {**bad.words, **words}, hint=bad.hint))
    return Path(real)


def _measured(
    path: str,
    real: Path,
    use: str,
    file: Mapping[str, Any],
    bar: Bar,
    warnings: list[Diagnostic],
) -> Source:
    head = file.get("head")
    with bar(f"checking {path}", datasets.size(str(real))) as progress:
        measured = datasets.measure(str(real), head=head, progress=progress)
    pin, found = measured.pin, [item.renamed(path) for item in measured.diagnostics]
    if pin is None:
        raise _Unfit(*(item for item in found if item.severity is Severity.ERROR))
    warnings += found
    facts = {"sha256": pin.sha256, "bytes": pin.bytes, "examples": pin.examples}
    other = {name: fact for name, fact in facts.items() if file.get(name, fact) != fact}
    if other:
        differences = [f"{name} is {fact}, pinned {file[name]}" for name, fact in other.items()]
        words = {"use": use, "path": path, "differences": "; ".join(differences)}
        where = (*fields.FILES, use, next(iter(other)))
        raise _Unfit(Finding(codes.PIN_DIFFERS, where, words))
    return Source(use, path, real, pin, pinned="sha256" in file)
