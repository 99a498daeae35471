"""Configs compiled with the pins of their datasets: what joins the compiler with the datasets.

The compiler stays pure. It is asked which files a config names; they are measured; and it is
asked again with what was found.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeAlias

from .. import datasets
from ..compiler import Compilation, compile_config
from ..datasets.comparing import overlap
from ..diagnostics import Diagnostic, Finding, Severity, codes
from ..disk.gate import Gate, OutsideError, RefusedError
from ..payloads import dataset_files, fields, kept_pins
from ..payloads.pins import of_bytes, of_tokens

Measure: TypeAlias = Callable[..., datasets.Measured]
"""What measures a dataset by its path and, as ``head``, how many first rows of it."""

_BOTH: Final = ("training", "validation")


def compile_pinned(
    text: bytes,
    *,
    filename: str,
    dataset: str | None = None,
    validation: str | None = None,
    head: int | None = None,
    gate: Gate | None = None,
    measure: Measure = datasets.measure,
    count: Measure | None = None,
    before: Mapping[str, Any] | None = None,
) -> Compilation:
    """Compile a config and pin the dataset files that it names.

    The findings about the datasets follow those about the config; a dataset with errors
    leaves no payload.

    Args:
        text: the config.
        filename: its name in diagnostics.
        dataset: the path of the training dataset, in place of the config's.
        validation: the same for the validation dataset.
        head: take only this many first rows of the training dataset.
        gate: opens the files that the config names; None: it is the user's own, and may name any.
        measure: what measures a dataset, for those who measure each only once.
        count: measures a dataset with its tokens, which are pinned as well; it is told, as
            ``length``, to how many tokens the config has rows cut.
        before: the payload that this one is to replace. Where nobody counts tokens, its own are
            kept for a file that is the same, to the byte.

    """
    mine = {"training": dataset, "validation": validation}
    compiler = partial(compile_config, text, filename=filename, dataset=dataset)
    compiled = compiler(validation=validation)
    if count is not None:
        length = fields.value_at(compiled.payload or {}, fields.SEQUENCE_LENGTH)
        measure = partial(count, length=length)
    old = kept_pins(compiled.payload or {}, before or {})
    reals: dict[str, str] = {}
    pins: dict[str, Mapping[str, str | int] | Finding] = {}
    found: list[Diagnostic] = []
    for use, file in dataset_files(compiled.payload).items() if compiled.payload else ():
        path = file["path"]
        real = _readable(use, path, gate if mine.get(use) is None else None)
        if isinstance(real, Finding):
            pins[use] = real
            continue
        measured = measure(real, head=head if use == "training" else None)
        found += (diagnostic.renamed(path) for diagnostic in measured.diagnostics)
        pin = measured.pin.facts() if measured.pin else {}
        known = old.get(use, {})
        if pin:
            reals[use] = real
            if count is None and of_bytes(known) == pin:
                pin |= of_tokens(known)
        pins[use] = pin
    if len(reals) == len(_BOTH) and all(map(os.path.isfile, reals.values())):  # a pipe comes once
        shown = tuple(dataset_files(compiled.payload or {})[use]["path"] for use in _BOTH)
        found += overlap(*(reals[use] for use in _BOTH), head=head, shown=(shown[0], shown[1]))
    if pins:
        compiled = compiler(validation=validation, pins=pins)
    diagnostics = (*compiled.diagnostics, *found)
    if any(diagnostic.severity is Severity.ERROR for diagnostic in found):
        return Compilation(diagnostics)
    return replace(compiled, diagnostics=diagnostics)


def _readable(use: str, path: str, gate: Gate | None) -> str | Finding:
    """Return where a dataset really is, or why it cannot be read."""
    real = path
    if gate is not None:
        try:
            real = gate.resolve(path)
        except RefusedError as refused:
            words = {"name": path, "reason": str(refused), "done": "read"}
            hint = elsewhere(gate.path(path), refused)
            return Finding(codes.OUTSIDE_REPOSITORY, words=words, hint=hint)
        except OSError:
            real = gate.path(path)  # never `-`, which is standard input
    if finding := datasets.unreadable(real):
        what = {"what": f"the {use} dataset `{path}`"}
        return replace(finding, words={**finding.words, **what})
    return real


def elsewhere(path: str, refused: RefusedError) -> str | None:
    """Say how a dataset is read that is outside; None if that is not what is wrong with it."""
    if not isinstance(refused, OutsideError):
        return None
    folder = os.path.dirname(os.path.realpath(path))  # of a link, where it leads
    return f"if you trust the data, allow its folder with --data-root {folder}"
