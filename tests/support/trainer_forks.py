"""Forks trainers for the tests: the libraries are imported once, for all workers of pytest.

``python trainer_forks.py NAME PID`` listens on an abstract socket until the process PID ends. What
is forked is not to be told from a process of its own: its exit code, its end by a signal, its
output, its environment. ``forked_trainer`` asks for it.
"""

import fcntl
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

_LAZY: Final = (
    "bitsandbytes",
    "peft.tuners.lora.bnb",
    "transformers.data.data_collator",
    "transformers.models.auto.tokenization_auto",
    "transformers.models.llama.modeling_llama",
    "transformers.integrations.bitsandbytes",
    "transformers.quantizers.quantizer_bnb_4bit",
)
"""What the libraries import while they train a tiny model."""


def serve(name: str, owner: int) -> None:
    """Fork a trainer for each connection, until the owner ends; nothing if another one does."""
    with socket.socket(socket.AF_UNIX) as listening, selectors.DefaultSelector() as waiting:
        try:
            listening.bind(f"\0{name}")
        except OSError:
            return
        listening.listen(64)
        os.close(1)  # whoever asks from now on waits for the imports
        waiting.register(listening, selectors.EVENT_READ)
        waiting.register(os.pidfd_open(owner), selectors.EVENT_READ, ("owner", None))
        for module in ("sftc.training.program", *_LAZY):
            import_module(module)
        gc.freeze()  # so that a fork does not copy what it never changes
        for key in _ready(waiting):
            if key.data is None:
                _fork(listening.accept()[0], waiting)
            elif key.data[0] == "owner":
                return
            else:
                _reap(key, waiting)


def _ready(waiting: selectors.BaseSelector) -> Iterator[selectors.SelectorKey]:
    while True:
        for key, _ in waiting.select():
            yield key


def _fork(connection: socket.socket, waiting: selectors.BaseSelector) -> None:
    _, descriptors, _, _ = socket.recv_fds(connection, 1, 3)
    with connection.makefile("r") as said:
        asked = json.load(said)
    pid = os.fork()
    if not pid:
        _become(asked, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    connection.sendall(f"{pid}\n".encode())
    waiting.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, connection))


def _reap(key: selectors.SelectorKey, waiting: selectors.BaseSelector) -> None:
    pid, connection = key.data
    waiting.unregister(key.fileobj)
    os.close(key.fd)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with connection:
        try:
            connection.sendall(f"{code}\n".encode())
        except OSError:  # whoever asked is gone, too
            return


def _become(asked: Any, descriptors: list[int]) -> None:
    """Train, and end this process; it is killed when the one that asked for it ends."""
    code = 1
    try:
        *output, lives = descriptors
        for number, descriptor in enumerate(output, 1):
            os.dup2(descriptor, number)
            os.close(descriptor)
        fcntl.fcntl(lives, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(lives, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(lives, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
        if _is_over(lives):
            os._exit(code)
        os.environ.clear()
        os.environ.update(asked["environment"])
        os.chdir(asked["cwd"])
        code = _train(asked)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _is_over(lives: int) -> bool:
    try:
        return not os.read(lives, 1)
    except BlockingIOError:
        return False


def _train(asked: Any) -> int:
    script, *sys.argv[1:] = asked["arguments"]
    if asked["patch"]:
        sys.path.append(str(Path(__file__).parent))
        getattr(import_module("training_faults"), asked["patch"])()
    try:
        if script:
            runpy.run_path(script, run_name="__main__")
            return 0
        return int(import_module("sftc.training.__main__").main())
    except SystemExit as error:
        return int(error.code or 0)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
