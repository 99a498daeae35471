"""A Python for nodes of a job whose ranks are forked: importing torch anew takes each ten seconds.

The node's program runs as it is, and starts what it takes for a Python. That asks the tests for a
trainer, gives it the variables that it was given, and ends as the trainer ends; if it is killed,
the trainer is.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Thread

from training_jobs import Process, start

from sftc.jobfolder import JobFolder

_NAMES = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
_STUB = """#!{python} -SE
import json, os, socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect({address!r})
asked.sendall(json.dumps([sys.argv[1:], dict(os.environ)]).encode() + b"\\n")
sys.exit(int(asked.recv(16)))
"""
_NODE = """#!/bin/sh
test "$1 $2 $3" = "-P -m sftc.training.nodes" || exit 64
shift 3
exec {python} -P -c "
import runpy, sys
sys.executable = {stub!r}
runpy.run_module('sftc.training.nodes', run_name='__main__', alter_sys=True)" "$@"
"""


class Ranks:
    """Trains what the nodes' programs start.

    Attributes:
        python: the path of a Python for nodes.
        processes: the trainers, by their rank.

    """

    def __init__(self, folder: Path) -> None:
        """Begin; the folder is for the Python and a socket."""
        address, stub = folder / "ranks", folder / "python-of-ranks"
        self.python = folder / "python"
        self.processes: dict[int, Process] = {}
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(address))
        self._socket.listen()
        stub.write_text(_STUB.format(python=sys.executable, address=str(address)))
        self.python.write_text(_NODE.format(python=sys.executable, stub=str(stub)))
        for path in (stub, self.python):
            path.chmod(0o755)
        Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """End."""
        self._socket.close()

    def hang(self, rank: int) -> None:
        """Let a trainer hang, as a machine does before it is lost."""
        pid = self.processes[rank].pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)

    def _serve(self) -> None:
        while True:
            try:
                asked, _ = self._socket.accept()
            except OSError:  # closed
                return
            Thread(target=self._train, args=(asked,), daemon=True).start()

    def _train(self, asked: socket.socket) -> None:
        with asked, asked.makefile("rb") as lines:
            argv, environment = json.loads(lines.readline())
            process = self._started(argv, environment)
            asked.settimeout(0.1)
            while process.is_alive():
                try:
                    gone = asked.recv(1) == b""
                except TimeoutError:
                    continue
                if gone:
                    process.kill()
                    process.join()
                    return
            process.join()
            code = process.exitcode or 0
            asked.sendall(str(code if code >= 0 else 128 - code).encode())

    def _started(self, argv: list[str], environment: Mapping[str, str]) -> Process:
        safe, run, module, folder, option, models = argv
        assert (safe, run, module, option) == ("-P", "-m", "sftc.training", "--models")
        more = {name: environment[name] for name in _NAMES}
        process = start(JobFolder(Path(folder)), Path(models), None, **more)
        self.processes[int(more["RANK"])] = process
        return process
