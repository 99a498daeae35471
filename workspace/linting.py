"""One config of many: read, linted, and mended when that is asked for.

A lint also looks whether the datasets are there that a config names, which the compiler cannot.

Functions of a module, so that another process can be told to call them.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

from ..compiler import fix_config, lint_config
from ..diagnostics import Diagnostic, Finding, codes
from ..disk import files
from ..disk.gate import Gate, RefusedError, leads_out
from ..job import Job, Rule
from ..payloads import fields
from . import reading

_DATASETS: Final = (("training", fields.TRAINING_PATH), ("validation", fields.VALIDATION_PATH))


class Task(NamedTuple):
    """What is to be linted, and under which settings.

    Attributes:
        config: the path of the config, or ``-``.
        gate: opens it, if it was found in a folder; None if the user named it.
        select: codes or prefixes; of any others nothing is reported or mended; empty: all.
        ignore: codes or prefixes of which nothing is reported or mended.
        strict: whether warnings fail.
        data: find the datasets that the config names, each from a folder that its paths may start
            from; empty: nobody looks for them.

    """

    config: str
    gate: Gate | None = None
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    strict: bool = False
    data: Sequence[Gate] = ()


class Linted(NamedTuple):
    """What a lint of one config came to; the texts are empty where nothing needs them.

    Bytes that are not UTF-8 stand in the texts as ``surrogateescape`` has them.
    """

    config: str
    name: str
    diagnostics: tuple[Diagnostic, ...] = ()
    applied: tuple[Diagnostic, ...] = ()
    before: str = ""
    after: str = ""
    foreign: bool = False


def lint_file(task: Task, *, mend: bool, unsafe: bool) -> Linted:
    """Lint a config, and mend its text; nothing is written.

    That a file cannot be read is reported whatever codes are chosen: nothing else is known of it.

    Args:
        task: the config, and what is reported of it.
        mend: whether to apply fixes.
        unsafe: whether to apply those that change the meaning, too.

    """
    config, gate, select, ignore, _, gates = task
    name, data = files.shown_name(config), reading.read_config(config, gate)
    if isinstance(data, Diagnostic):
        return Linted(config, name, (data,))
    chosen = partial(is_chosen, select=select, ignore=ignore)
    linted = lint_config(
        data,
        filename=name,
        more=(*_optional(chosen), *_of_files(chosen, gates, named=gate is None)),
    )
    if gate is not None and any(one.code == codes.NOT_A_CONFIG for one in linted):
        return Linted(config, name, foreign=True)
    found = _chosen(linted, chosen)
    if not found and not mend:
        return Linted(config, name)
    text = data.decode("utf-8", "surrogateescape")
    if not mend or not any(diagnostic.fix for diagnostic in found):
        return Linted(config, name, found, (), text, text)
    mended = fix_config(text, filename=name, unsafe=unsafe, chosen=chosen)
    found = _chosen(mended.diagnostics, chosen)
    return Linted(config, name, found, mended.applied, text, mended.text)


def _optional(chosen: Callable[[str], bool]) -> Sequence[Rule]:
    """Return the rules that are asked only where somebody selects them."""
    if not any(map(chosen, codes.OPTIONAL)):
        return ()
    from ..job.planned import fits_its_gpu  # few lints ask it

    return (fits_its_gpu,)


def _of_files(
    chosen: Callable[[str], bool], gates: Sequence[Gate], *, named: bool
) -> Sequence[Rule]:
    """Return the rules that look at files."""
    if not gates or not any(map(chosen, codes.OF_FILES)):
        return ()
    return (partial(_datasets_are_there, gates=gates, named=named),)


def _datasets_are_there(job: Job, gates: Sequence[Gate], *, named: bool) -> Iterator[Finding]:
    """Yield which datasets are not there, of those whose paths stay inside the repository.

    Of a config that nobody named, a missing folder says nothing: CI checks out configs alone.
    """
    for use, path in _DATASETS:
        name = job.get(path)
        if name is None or not _is_sought(name) or not all(_lacks(gate, name) for gate in gates):
            continue
        if named or any(os.path.isdir(os.path.dirname(gate.path(name))) for gate in gates):
            yield Finding(codes.DATASET_NOT_FOUND, path, {"use": use, "path": name})


def _lacks(gate: Gate, name: str) -> bool:
    """Whether no file is there; what is elsewhere, or hidden, stays unsaid."""
    try:
        gate.resolve(name)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, RefusedError, ValueError):
        return False
    return False


def _is_sought(name: str) -> bool:
    """Whether a path may be told apart from others by whether a file is there.

    Addresses, variables and control characters have findings of their own.
    """
    return (
        bool(name.strip())
        and name == name.strip()
        and name.isprintable()
        and not leads_out(name)
        and not any(mark in name for mark in ("://", "$", "%", "\\", "~"))
    )


def _chosen(
    diagnostics: Iterable[Diagnostic], chosen: Callable[[str], bool]
) -> tuple[Diagnostic, ...]:
    return tuple(d for d in diagnostics if d.unreadable or chosen(d.code))


def is_chosen(code: str, *, select: Sequence[str], ignore: Sequence[str]) -> bool:
    """Whether a code begins with one that is selected, if any is, and with none that is ignored.

    Without a selection it is all codes but the optional ones.
    """
    code = code.upper()
    selected = (not select and code not in codes.OPTIONAL) or code.startswith(
        tuple(prefix.upper() for prefix in select)
    )
    return selected and not code.startswith(tuple(prefix.upper() for prefix in ignore))
