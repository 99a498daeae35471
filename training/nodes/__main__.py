"""``python -m sftc.training.nodes JOB.json``: one node of a compiled job, to its end.

Start it again after whatever ended it, on all nodes, and the training goes on.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from ...engines import EngineError, Launch
from ...engines.processes import kill_marked, mark
from ...engines.ranks import Place, run
from ...job import Job
from ...jobfolder import Exit, JobFolder
from ...payloads import fields
from .keeping import Kept
from .making import RefusedError, checked, claim, clear, make, pinned
from .marks import is_full
from .place import Placed, PlaceError, placed
from .telling import Telling

_PAUSE: Final = 2.0
"""Seconds between two looks for what is to be kept."""


def main() -> int:
    """Train, and return the exit code: see ``jobfolder.Exit``."""
    given = _arguments()
    try:
        return _train(given, placed(os.environ))
    except RefusedError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the log of the node
        return Exit.REFUSED
    except OSError as error:  # also of the bucket at the end: what is not kept is not done
        print(f"this node gives up: {error}", file=sys.stderr)  # noqa: T201 - as above
        return Exit.INTERRUPTED if is_full(error) else Exit.FAILED
    except (PlaceError, EngineError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - as above
        return Exit.USAGE


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sftc.training.nodes",
        description="Train a compiled payload on this node, as one of those that were started.",
    )
    parser.add_argument("payload", type=Path, metavar="FILE", help="the payload")
    parser.add_argument("--sha256", metavar="DIGEST", help="the expected digest of the payload")
    parser.add_argument(
        "--training", type=Path, metavar="FILE", required=True, help="the training rows"
    )
    parser.add_argument("--validation", type=Path, metavar="FILE", help="the validation rows")
    parser.add_argument("--models", type=Path, metavar="DIR", help="models by name")
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", required=True, help="the working folder; see --keep"
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="a mounted bucket for checkpoints and results; without it, all nodes share --folder",
    )
    given = parser.parse_args()
    if given.keep is not None:
        folder, keep = given.folder.resolve(), given.keep.resolve()
        if folder.is_relative_to(keep) or keep.is_relative_to(folder):
            parser.error(f"--keep {given.keep} and --folder {given.folder} are in one another")
    return given


def _train(given: argparse.Namespace, place: Placed) -> int:
    payload, data = checked(given.payload, given.sha256)
    folder = JobFolder(given.folder.absolute())
    processes = place.processes or Job(payload.value).get(fields.GPU_COUNT) or 1
    kept = given.keep and Kept(given.keep.absolute(), folder, place.node, place.nodes, processes)
    files = {folder.training: (given.training, pinned(payload.value, "training"))}
    if given.validation is not None:
        files[folder.validation] = (given.validation, pinned(payload.value, "validation"))
    claim(folder, data, clears=bool(kept))
    marked = mark(str(folder.root), str(place.node))
    kill_marked(marked)  # left behind by an earlier start on this machine
    if kept:
        clear(folder)
    digests = make(folder, data, files)
    if kept:
        kept.claim(digests)
        kept.restore()
    models = ("--models", str(given.models.absolute())) if given.models else ()
    launch = Launch(
        folder=folder.root,
        argv=(sys.executable, "-P", "-m", "sftc.training", str(folder.root), *models),
        name="job",
        nodes=place.nodes,
        processes=processes,
        final_codes=(int(Exit.REFUSED), int(Exit.USAGE), int(Exit.FAILED)),
    )
    look = Telling(folder).look if place.node == 0 else lambda: False
    with _keeping(kept):
        outcome = run(launch, Place(place.node, marked, place.address, place.port), look)
    look()
    if kept:
        _keep_rest(kept, needed=place.node == 0 or outcome.code != 0)
    return Exit.INTERRUPTED if outcome.interrupted and outcome.code else outcome.code


@contextmanager
def _keeping(kept: Kept | None) -> Iterator[None]:
    """Keep what becomes whole meanwhile.

    It is a process, not a thread: the ranks are forked from this one.
    """
    if kept is None:
        yield
        return
    keeper = get_context("fork").Process(target=_keep_on, args=(kept,), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        keeper.kill()
        keeper.join()


def _keep_rest(kept: Kept, *, needed: bool) -> None:
    """Keep what is left; when all is done, the first node alone has what somebody needs."""
    try:
        kept.store(last=True)
    except OSError as error:
        if needed:
            raise
        print(f"the last checkpoint cannot be stored: {error}", file=sys.stderr)  # noqa: T201 - log


def _keep_on(kept: Kept) -> None:
    """Keep what becomes whole while the ranks train."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # who started this ends it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    while os.getppid() == parent:
        try:
            kept.store()
        except OSError as error:
            print(f"checkpoints cannot be stored for now: {error}", file=sys.stderr, flush=True)  # noqa: T201
        time.sleep(_PAUSE)


if __name__ == "__main__":
    sys.exit(main())
