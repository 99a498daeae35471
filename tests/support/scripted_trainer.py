"""A trainer without torch that does what its payload says: ``metadata.script``, a list of actions.

It keeps a job's folder and journal as the real one does. ``python scripted_trainer.py FOLDER``.
"""

import json
import os
import signal
import sys
import time
import zlib
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
JOURNAL = FOLDER / "journal.jsonl"


def tell(kind: str, **what: Any) -> None:
    """Append an entry to the journal, by the clock of the steps, so that two runs are alike."""
    raw(json.dumps({"format": 1, "kind": kind, "at": 1e9 + what.get("step", 0), **what}) + "\n")


def raw(text: str) -> None:
    """Append a text to the journal."""
    with JOURNAL.open("ab", buffering=0) as file:
        file.write(text.encode())


def repeat(times: int, *actions: Any) -> None:
    """Do something several times."""
    for _ in range(times):
        play(actions)


def hexadecimal(digits: str) -> None:
    """Append bytes to the journal."""
    with JOURNAL.open("ab", buffering=0) as file:
        file.write(bytes.fromhex(digits))


def start(total: int, resumed_from: int | None = None) -> None:
    """Tell that the training starts."""
    facts = {"resumed_from": resumed_from, "total_steps": total, "device": "cpu", "world": 1}
    tell("start", facts=facts)


def steps(first: int, last: int, pause: float = 0.0) -> None:
    """Tell some steps, each in its time."""
    for step in range(first, last + 1):
        time.sleep(pause)
        values = {"train.loss": 1 / step, "train.seconds": 0.5, "train.tokens_per_second": 80.0}
        tell("step", step=step, values=values)


def saved(step: int) -> None:
    """Tell that a checkpoint is there."""
    tell("saved", step=step, facts={"best": None, "best_metric": None})


def done(step: int) -> None:
    """Leave a result, and tell so."""
    result({"adapter_config.json": "{}", "deep/er/weights.safetensors": "0123456789" * 100})
    tell("done", step=step, values={"train.loss": 0.25}, facts={"best": None, "seconds": 1.5})


def result(files: dict[str, str]) -> None:
    """Write files into the result; a text that begins with ``->`` is the target of a link."""
    for name, text in files.items():
        path = FOLDER / "result" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("->"):
            path.symlink_to(text[2:])
        else:
            path.write_text(text)


def once(*actions: Any) -> None:
    """Do something the first time only."""
    marker = FOLDER / f"once-{zlib.crc32(json.dumps(actions).encode())}"
    if not marker.exists():
        marker.touch()
        play(actions)


def wait(name: str) -> None:
    """Wait for a file in the folder."""
    while not (FOLDER / name).exists():
        time.sleep(0.02)


def escape() -> None:
    """Leave a process in a session of its own that never ends by itself."""
    if not os.fork():
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (FOLDER / "pid-escaped").write_text(str(os.getpid()))
        while True:
            signal.pause()
    wait("pid-escaped")


def replace() -> None:
    """Put another file in the journal's place."""
    other = JOURNAL.with_name("other")
    other.write_text("")
    other.replace(JOURNAL)


def link(target: str) -> None:
    """Put a link in the journal's place."""
    JOURNAL.symlink_to(target)


def fifo() -> None:
    """Put a pipe in the journal's place that nobody writes to."""
    os.mkfifo(JOURNAL)


def play(actions: Any) -> None:
    """Do one thing after the other."""
    for name, *arguments in actions:
        ACTIONS[name](*arguments)


ACTIONS: dict[str, Any] = {
    "done": done,
    "escape": escape,
    "exit": os._exit,
    "fifo": fifo,
    "hex": hexadecimal,
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "link": link,
    "once": once,
    "print": lambda text: print(text, flush=True),  # noqa: T201 - it goes to the log
    "print-variable": lambda name: print(f"{name}={os.environ[name]}", flush=True),  # noqa: T201
    "raw": raw,
    "repeat": repeat,
    "replace": replace,
    "result": result,
    "saved": saved,
    "sleep": time.sleep,
    "start": start,
    "steps": steps,
    "tell": lambda kind, what: tell(kind, **what),
    "truncate": lambda size: os.truncate(JOURNAL, size),
    "wait": wait,
}


def main() -> None:
    """Tell the process id, and play the script of the payload."""
    with (FOLDER / "pids").open("a") as pids:
        pids.write(f"{os.getpid()}\n")
    if os.environ.get("RANK", "0") != "0":  # the first one tells of all
        wait("over")
        return
    play(json.loads((FOLDER / "job.json").read_text())["metadata"]["script"])
    (FOLDER / "over").touch()


if __name__ == "__main__":
    main()
