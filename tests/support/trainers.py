"""Programs that stand for a trainer in the tests of the engines: short, and without torch.

Each is text that ``python -c`` runs; its first argument is the job's folder. ``launch`` makes a
launch of one. ``until`` waits for what is bound to come, for as long as a busy machine needs.
"""

import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from sftc.engines import Engine, Launch, Phase, State

T = TypeVar("T")

PATIENCE: Final = 240.0
"""Seconds until a test gives up. None waits that long unless something is wrong."""

SAY: Final = "import sys; print('hello'); print('oops', file=sys.stderr)"
"""Ends well at once."""

WAIT: Final = """
import os, pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
rank = os.environ['RANK']
(folder / f'pid-{rank}.tmp').write_text(str(os.getpid()))
(folder / f'pid-{rank}.tmp').rename(folder / f'pid-{rank}')
while not (folder / 'go').exists():
    time.sleep(0.05)
with (folder / 'journal').open('a') as journal:
    journal.write(f'rank {rank} done\\n')
"""
"""Tells its process id and ends well as soon as the folder has a file ``go``."""

STUBBORN: Final = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)" + WAIT
"""The same, deaf to SIGTERM."""

POLITE: Final = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(75))" + WAIT
"""The same, but stores a checkpoint, as it were, when it is told to stop."""

ESCAPE: Final = (
    """
import os, pathlib, signal, sys
if not os.fork():
    os.setsid()
    if os.fork():
        os._exit(0)
    told = pathlib.Path(sys.argv[1]) / ('pid-escaped-' + os.environ['RANK'])
    told.with_suffix('.tmp').write_text(str(os.getpid()))
    told.with_suffix('.tmp').rename(told)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()
os.wait()
"""
    + WAIT
)
"""The same, but leaves a process that is in a session of its own and never ends."""

CRASH_ONCE: Final = """
import os, pathlib, signal, sys
folder = pathlib.Path(sys.argv[1])
with (folder / 'starts').open('a') as starts:
    starts.write(os.environ['RANK'] + '\\n')
if os.environ['RANK'] == '0' and not (folder / 'crashed').exists():
    (folder / 'crashed').touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""
"""Rank 0 is killed at its first start."""

MEET: Final = """
import os, pathlib, socket, sys, time
folder = pathlib.Path(sys.argv[1])
rank, world = int(os.environ['RANK']), int(os.environ['WORLD_SIZE'])
where = os.environ['MASTER_ADDR'], int(os.environ['MASTER_PORT'])
if rank == 0:
    with socket.create_server(where) as server:
        met = [server.accept()[0].recv(99).decode() for _ in range(world - 1)]
    (folder / 'met').write_text('\\n'.join(sorted(met)))
else:
    while True:
        try:
            with socket.create_connection(where) as peer:
                node = os.environ.get('SLURMD_NODENAME', '')
                peer.sendall(f"{rank} {os.environ['LOCAL_RANK']} {node}".strip().encode())
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
"""
"""The ranks meet over a socket at rank 0, which writes down who came."""


def launch(folder: Path, program: str, **values: Any) -> Launch:
    """Return a launch of a program under a name that no other test has."""
    values.setdefault("name", f"sftc-test-{uuid.uuid4().hex}")
    return Launch(folder=folder, argv=(sys.executable, "-c", program, str(folder)), **values)


def until(found: Callable[[], T | None], what: str = "what was waited for") -> T:
    """Return what is found as soon as it is."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        value = found()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come")


def ended(engine: Engine, handle: str) -> State:
    """Return the state of a job when it has ended."""

    def look() -> State | None:
        state = engine.state(handle)
        return state if state.phase is Phase.ENDED else None

    return until(look, "the end of the job")


def pid(folder: Path, rank: int | str) -> int:
    """Return the process id that a rank has told."""
    path = folder / f"pid-{rank}"
    until(path.exists, f"rank {rank}")
    return int(path.read_text())


def alive(process: int) -> bool:
    """Whether a process runs; one that nobody has reaped does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def log(engine: Engine, handle: str) -> str:
    """Return what a job has printed, for messages of failed tests, too."""
    path = engine.log(handle)
    return path.read_text("utf-8", "replace") if path.exists() else ""
