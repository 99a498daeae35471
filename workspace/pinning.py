"""Configs compiled with the pins of their datasets: what joins the compiler with the datasets.

The compiler stays pure. It is asked which files a config names; they are measured; and it is
asked again with what was found.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import TypeAlias

from .. import datasets
from ..compiler import Compilation, compile_config
from ..diagnostics import Diagnostic, Finding, Severity
from ..payloads import dataset_files

Measure: TypeAlias = Callable[..., datasets.Measured]
"""What measures a dataset by its path and, as ``head``, how many first rows of it."""


def compile_pinned(
    text: bytes,
    *,
    filename: str,
    dataset: str | None = None,
    head: int | None = None,
    measure: Measure = datasets.measure,
) -> Compilation:
    """Compile a config and pin the dataset files that it names.

    The findings about the datasets follow those about the config; a dataset with errors
    leaves no payload.

    Args:
        text: the config.
        filename: its name in diagnostics.
        dataset: the path of the training dataset, in place of the config's.
        head: take only this many first rows of the training dataset.
        measure: what measures a dataset, for those who measure each only once.

    """
    compiled = compile_config(text, filename=filename, dataset=dataset)
    pins: dict[str, Mapping[str, str | int] | Finding] = {}
    found: list[Diagnostic] = []
    for use, file in dataset_files(compiled.payload).items() if compiled.payload else ():
        path = file["path"]
        unreadable = _unreadable(use, path)
        pins[use] = unreadable or _pin(
            measure(path, head=head if use == "training" else None), found
        )
    if pins:
        compiled = compile_config(text, filename=filename, dataset=dataset, pins=pins)
    diagnostics = (*compiled.diagnostics, *found)
    if any(diagnostic.severity is Severity.ERROR for diagnostic in found):
        return Compilation(diagnostics)
    return replace(compiled, diagnostics=diagnostics)


def _unreadable(use: str, path: str) -> Finding | None:
    """Return why a file cannot be read."""
    finding = datasets.unreadable(path)
    if finding is None:
        return None
    return replace(finding, words={**finding.words, "what": f"the {use} dataset `{path}`"})


def _pin(measured: datasets.Measured, found: list[Diagnostic]) -> Mapping[str, str | int]:
    """Return what pins a file; add what is wrong with its rows."""
    found += measured.diagnostics
    pin = asdict(measured.pin) if measured.pin else {}
    return {name: fact for name, fact in pin.items() if fact is not None}
