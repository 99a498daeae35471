"""Train one job from its folder. The only package that imports torch."""

import logging
import os
import shutil
import sys
import time
import traceback
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from ...disk import writing
from ...jobfolder import Exit, JobFolder, JournalError, Kind
from ...payloads import Payload, read
from ..recipe import recipe_for
from ..rows import RowsError
from . import checkpoints, inputs
from .callbacks import Stop
from .failures import DivergedError, InterruptedTrainingError, JobError, named
from .journal import Journal
from .result import METRICS, told
from .training import train
from .world import rank, world

_PATIENCE: Final = 30.0
"""Seconds to wait for a trainer that is about to end."""


def run(folder: JobFolder, models: Path | None) -> Exit:
    """Train the job in a folder, and return how it ended. What happens is told to its journal.

    Args:
        folder: the job's.
        models: a folder of models by name.

    """
    first = rank() == 0
    lock = FileLock(folder.lock)
    try:
        if first:  # the others cannot train without it
            lock.acquire(timeout=_PATIENCE)
        journal = Journal(folder.journal, writes=first)
    except Timeout:
        return _printed(f"another trainer is running in {folder.root}", Exit.FAILED)
    except (JournalError, OSError) as error:
        return _printed(f"{folder.root}: {error}", Exit.FAILED)
    try:
        return _told(folder, models, journal)
    finally:
        lock.release()


def _told(folder: JobFolder, models: Path | None, journal: Journal) -> Exit:
    """Train, and tell the end whatever it is."""
    try:
        return _ended(folder, models, journal)
    except InterruptedTrainingError:
        journal.tell(
            Kind.INTERRUPTED, message="stopped on request; it resumes when it is restarted"
        )
        return Exit.INTERRUPTED
    except DivergedError as error:
        journal.tell(
            Kind.DIVERGED, step=error.step, message=str(error), facts={"names": error.names}
        )
        return Exit.FAILED
    except RowsError as error:
        facts = {} if error.line is None else {"line": error.line}
        journal.tell(Kind.REFUSED, message=str(error), code=error.code, facts=facts)
        return Exit.REFUSED
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        return _failed(error, folder, journal)


def _ended(folder: JobFolder, models: Path | None, journal: Journal) -> Exit:
    began = time.monotonic()
    is_told, is_trained = journal.is_done, (folder.result / METRICS).is_file()
    if (is_told or is_trained) and (changed := inputs.changed(folder)):
        return _printed(f"{folder.root} has the result of another job: {changed}", Exit.REFUSED)
    if is_told:
        return Exit.DONE
    if is_trained:  # killed before it could tell
        return _done(folder, journal, began)
    stop = Stop()
    payload = read(folder.payload.read_bytes(), name=folder.payload.name)
    if not isinstance(payload, Payload):
        for diagnostic in payload:
            journal.tell(Kind.REFUSED, message=diagnostic.message, code=diagnostic.code)
        return Exit.REFUSED
    recipe = recipe_for(payload.value, world())
    if rank() == 0:
        writing.write(folder.recipe, recipe.to_json())
    for noted in recipe.noted:
        journal.tell_once(Kind.NOTE, message=noted.reason, pointer=noted.pointer)
    for refused in recipe.refused:
        what = {"message": refused.reason, "code": refused.code, "pointer": refused.pointer}
        journal.tell(Kind.REFUSED, **what)
    if recipe.refused:
        return Exit.REFUSED
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    logging.getLogger("transformers").setLevel(logging.ERROR)  # notes say what matters
    train(folder, models, recipe, journal, stop)
    return _done(folder, journal, began)


def _done(folder: JobFolder, journal: Journal, began: float) -> Exit:
    if rank() > 0:
        return Exit.DONE
    facts = told(folder.result)
    journal.tell(
        Kind.DONE,
        step=facts.pop("steps"),
        values=facts.pop("values"),
        facts={**facts, "seconds": round(time.monotonic() - began, 1)},
    )
    return Exit.DONE


def _failed(error: Exception, folder: JobFolder, journal: Journal) -> Exit:
    traceback.print_exception(error)
    known = error if isinstance(error, JobError) else named(error, folder.root)
    if rank() == 0:
        checkpoints.remove_incomplete(folder.checkpoints)
        shutil.rmtree(folder.unfinished_result, ignore_errors=True)
    kind = Kind.REFUSED if known and known.exit is Exit.REFUSED else Kind.FAILED
    message = str(known) if known else f"{type(error).__name__}: {error}"
    code = known.code if known else "crashed"
    pointer = known.pointer if known else None
    try:
        if rank() > 0:  # what it is refused for, the first one finds as well
            if known and kind is Kind.FAILED:
                journal.add(kind, message=f"process {rank()}: {message}", code=code)
        elif known or not journal.has_more():  # else it only saw that another one is gone
            journal.tell(kind, message=message, code=code, pointer=pointer)
    except OSError as full:
        _printed(f"the journal cannot be written: {full}", Exit.FAILED)
    if known:
        return known.exit
    return Exit.FAILED if rank() == 0 and journal.has_more() else Exit.CRASHED


def _printed(message: str, code: Exit) -> Exit:
    print(message, file=sys.stderr)  # noqa: T201 - the log of the process
    return code
